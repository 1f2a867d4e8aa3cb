// Layouts that Graphviz found before, in files named by the content of their request.
#pragma once

#include <optional>
#include <string>

#include "core/render/layout.h"

namespace isotherm::render {

/// $XDG_CACHE_HOME/isotherm/layouts, or ~/.cache/isotherm/layouts; empty where neither variable is set.
std::string layout_cache_folder();

/// A folder that several processes may use at once: entries are written beside their place and renamed. What cannot be
/// read, or does not add up, is as if it were not there; what cannot be written is not kept. Nothing here is an error.
class LayoutCache {
 public:
  /// An empty folder name: finds nothing, keeps nothing.
  explicit LayoutCache(std::string folder);

  /// `request`: as encode_request writes it. `boxes`: how many places are expected.
  [[nodiscard]] std::optional<LayoutResult> find(const std::string& request, std::size_t boxes) const;
  /// Keeps a layout, and removes the entries that were not used for longest beyond kMostEntries or kMostBytes.
  void put(const std::string& request, const LayoutResult& result) const;

  static constexpr std::size_t kMostEntries = 256;
  static constexpr std::size_t kMostBytes = 32 << 20;

 private:
  [[nodiscard]] std::string path_of(const std::string& request) const;
  void trim() const;
  std::string folder_;
};

}  // namespace isotherm::render
