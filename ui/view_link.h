// Before and after side by side: where one must look for the other to stay level with it.
#pragma once

#include <vector>

#include "core/render/scene.h"

namespace isotherm::ui {

/// Along the flow, which place of the picture before is which of the picture after: by the node map. Engines stand for
/// the whole stretch of their nodes; between two places that are known the way is even.
class ViewLink {
 public:
  ViewLink() = default;
  /// Scenes of one graph each, of one conversion and direction.
  ViewLink(const render::Scene& before, const render::Scene& after);

  [[nodiscard]] bool empty() const { return by_before_.empty(); }
  /// Scene coordinates along the flow (y, or x from left to right).
  [[nodiscard]] double after_of(double before) const;
  [[nodiscard]] double before_of(double after) const;

 private:
  struct Pair {
    double from, to;
  };
  static void tidy(std::vector<Pair>& pairs);
  static double look_up(const std::vector<Pair>& pairs, double at);
  std::vector<Pair> by_before_, by_after_;
};

}  // namespace isotherm::ui
