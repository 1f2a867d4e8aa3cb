// The plans of an engine node by input shapes, with the cache semantics of TF-TRT's engine op.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/lru_cache.h"
#include "core/engine/plan.h"

namespace isotherm {

using ShapeKey = std::vector<std::vector<std::int64_t>>;  ///< dimensions of each input
ShapeKey shape_key(const std::vector<Shape>& shapes);

/// What one build gave: an engine, or the reason why there is none, which is kept so that the build is not tried again.
/// A TensorRT engine for batch 8 runs any smaller batch; a plan of this project has fixed shapes, so an engine makes
/// one plan for each batch that comes. Those are no cache entries of their own: the cache counts engines.
struct CachedEngine {
  std::string failure;                                 ///< not empty: run the native segment
  LruCache<ShapeKey, std::shared_ptr<Plan>> plans{8};  ///< by actual shapes
};

/// Shared through the session by all engine nodes of one name (container "TF-TRT", the name behind the last '/').
class PlanCache final : public TensorObject {
 public:
  explicit PlanCache(std::size_t capacity) : engines_(capacity) {}
  [[nodiscard]] std::string describe() const override { return "cache of engine plans"; }

  struct Lookup {
    std::shared_ptr<CachedEngine> engine;  ///< null: nothing fits
    std::string refusal;                   ///< explicit batch: why no engine may be built for these shapes either
  };
  /// Implicit batch: of the engines whose first dimensions are at least the actual ones and whose other dimensions are
  /// equal, the one with the smallest batch of input 0; a hit does not refresh its place. Explicit batch: the only
  /// engine there can be, if its profile, the shapes it was built for, is these shapes.
  Lookup find(const ShapeKey& shapes, bool implicit_batch);
  /// The least recently used engine makes room first.
  std::shared_ptr<CachedEngine> add(const ShapeKey& shapes, CachedEngine engine);

  /// Input shapes of the engines in the cache, in order.
  [[nodiscard]] std::vector<ShapeKey> keys();
  [[nodiscard]] std::size_t size() const { return engines_.size(); }

  std::mutex mutex;  ///< held by a caller from find to the end of the build

 private:
  LruCache<ShapeKey, std::shared_ptr<CachedEngine>> engines_;
};

/// Whether an engine for `cached` shapes runs `actual` ones in implicit batch mode.
bool batch_compatible(const ShapeKey& actual, const ShapeKey& cached);

}  // namespace isotherm
