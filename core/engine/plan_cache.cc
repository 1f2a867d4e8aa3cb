#include "core/engine/plan_cache.h"

#include <algorithm>

namespace isotherm {

ShapeKey shape_key(const std::vector<Shape>& shapes) {
  ShapeKey key;
  for (const Shape& s : shapes) key.push_back(s.dims());
  return key;
}

bool batch_compatible(const ShapeKey& actual, const ShapeKey& cached) {
  if (actual.size() != cached.size()) return false;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i].size() != cached[i].size() || actual[i].empty() || actual[i][0] > cached[i][0]) return false;
    if (!std::equal(actual[i].begin() + 1, actual[i].end(), cached[i].begin() + 1)) return false;
  }
  return true;
}

PlanCache::Lookup PlanCache::find(const ShapeKey& shapes, bool implicit_batch) {
  Lookup found;
  if (!implicit_batch) {
    engines_.for_each([&](const ShapeKey& key, std::shared_ptr<CachedEngine>& engine) {
      if (key == shapes)
        found.engine = engine;
      else
        found.refusal = "no optimization profile of the engine fits these input shapes; it was built for others";
    });
    if (found.engine) found.refusal.clear();
    return found;
  }
  std::int64_t least = -1;
  engines_.for_each([&](const ShapeKey& key, std::shared_ptr<CachedEngine>& engine) {
    if (key.empty() || !batch_compatible(shapes, key) || (least >= 0 && key[0][0] >= least)) return;
    least = key[0][0];
    found.engine = engine;
  });
  return found;
}

std::shared_ptr<CachedEngine> PlanCache::add(const ShapeKey& shapes, CachedEngine engine) {
  auto shared = std::make_shared<CachedEngine>(std::move(engine));
  engines_.emplace(shapes, shared);
  return shared;
}

std::vector<ShapeKey> PlanCache::keys() {
  std::vector<ShapeKey> out;
  engines_.for_each([&](const ShapeKey& key, auto&) { out.push_back(key); });
  return out;
}

}  // namespace isotherm
