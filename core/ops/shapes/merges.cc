#include "core/ops/shapes/merges.h"

#include <numeric>

namespace isotherm::shapes {

EqualShapes::EqualShapes(const ShapeArena& arena) : arena_(arena) {
  shapes_.parent.resize(arena.shape_count());
  shapes_.rank.resize(arena.shape_count());
  dims_.parent.resize(arena.dim_count());
  dims_.rank.resize(arena.dim_count());
  std::iota(shapes_.parent.begin(), shapes_.parent.end(), 0);
  std::iota(dims_.parent.begin(), dims_.parent.end(), 0);
  known_shape_ = shapes_.parent;
  dim_value_.reserve(arena.dim_count());
  for (std::size_t i = 0; i < arena.dim_count(); ++i) dim_value_.push_back(arena.value({static_cast<std::int32_t>(i)}));
}

std::int32_t EqualShapes::Sets::find(std::int32_t i) {
  std::int32_t root = i;
  while (parent[static_cast<std::size_t>(root)] != root) root = parent[static_cast<std::size_t>(root)];
  while (parent[static_cast<std::size_t>(i)] != root) {
    const std::int32_t next = parent[static_cast<std::size_t>(i)];
    parent[static_cast<std::size_t>(i)] = root;
    i = next;
  }
  return root;
}

bool EqualShapes::refine(std::int32_t root, std::int64_t dim) {
  std::int64_t& value = dim_value_[static_cast<std::size_t>(root)];
  if (dim < 0) return true;
  if (value >= 0) return value == dim;
  value = dim;
  return true;
}

bool EqualShapes::merge(DimHandle a, DimHandle b) {
  if (!a.is_set() || !b.is_set()) return true;
  std::int32_t x = dims_.find(a.id);
  std::int32_t y = dims_.find(b.id);
  if (x == y) return true;
  auto& rank = dims_.rank;
  if (rank[static_cast<std::size_t>(x)] < rank[static_cast<std::size_t>(y)]) std::swap(x, y);
  const std::int64_t va = arena_.value(a);
  const std::int64_t vb = arena_.value(b);
  if (va >= 0 && vb >= 0 && va != vb) return false;
  if (!refine(x, va >= 0 ? va : vb)) return false;
  dims_.parent[static_cast<std::size_t>(y)] = x;
  if (rank[static_cast<std::size_t>(x)] == rank[static_cast<std::size_t>(y)]) ++rank[static_cast<std::size_t>(x)];
  return true;
}

bool EqualShapes::merge(ShapeHandle a, ShapeHandle b) {
  if (!a.is_set() || !b.is_set()) return true;
  std::int32_t x = shapes_.find(a.id);
  std::int32_t y = shapes_.find(b.id);
  if (x != y) {
    auto& rank = shapes_.rank;
    // As in the dimensions' case the first of the two is the one whose set becomes the root.
    ShapeHandle first = a;
    ShapeHandle second = b;
    if (rank[static_cast<std::size_t>(x)] < rank[static_cast<std::size_t>(y)]) {
      std::swap(x, y);
      std::swap(first, second);
    }
    std::int32_t& kept = known_shape_[static_cast<std::size_t>(x)];
    if (arena_.rank({kept}) < 0) kept = arena_.rank(first) >= 0 ? first.id : second.id;
    shapes_.parent[static_cast<std::size_t>(y)] = x;
    if (rank[static_cast<std::size_t>(x)] == rank[static_cast<std::size_t>(y)]) ++rank[static_cast<std::size_t>(x)];
  }
  if (arena_.rank(a) > 0 && arena_.rank(b) > 0) {
    if (arena_.rank(a) != arena_.rank(b)) return false;
    for (int i = 0; i < arena_.rank(a); ++i) {
      if (!merge(arena_.dim(a, i), arena_.dim(b, i))) return false;
    }
  }
  return true;
}

Shape EqualShapes::resolve(ShapeHandle shape) {
  if (!shape.is_set()) return Shape::unknown_rank();
  const std::int32_t root = shapes_.find(shape.id);
  const ShapeHandle actual{known_shape_[static_cast<std::size_t>(root)]};
  const int rank = arena_.rank(actual);
  if (rank < 0) {
    const auto [it, added] = rank_symbol_.try_emplace(root, -2 - rank_symbols_);
    if (added) ++rank_symbols_;
    return Shape::unknown_rank(it->second);
  }
  std::vector<std::int64_t> dims(static_cast<std::size_t>(rank));
  for (int i = 0; i < rank; ++i) {
    const std::int32_t dim = dims_.find(arena_.dim(actual, i).id);
    std::int64_t value = dim_value_[static_cast<std::size_t>(dim)];
    if (value < 0) {
      const auto [it, added] = dim_symbol_.try_emplace(dim, -2 - dim_symbols_);
      if (added) ++dim_symbols_;
      value = it->second;
    }
    dims[static_cast<std::size_t>(i)] = value;
  }
  return Shape(std::move(dims));
}

}  // namespace isotherm::shapes
