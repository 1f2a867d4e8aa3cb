// What shape functions demand of dimensions and shapes, and compute from them.
#include <algorithm>

#include "core/ops/shapes/context.h"

namespace isotherm::shapes {
namespace {

constexpr std::int64_t kMaxDemandedRank = 1 << 20;

std::string rank_text(int rank) { return "rank " + std::to_string(rank); }

}  // namespace

Result<ShapeHandle> ShapeContext::with_rank(ShapeHandle s, std::int64_t wanted) {
  const int found = rank(s);
  if (found == wanted) return s;
  if (found < 0 && wanted >= 0 && wanted < kMaxDemandedRank) return merge(s, unknown_shape_of_rank(wanted));
  return invalid_input("shape " + to_string(s) + " has " + rank_text(found) + ", expected rank " +
                       std::to_string(wanted));
}

Result<ShapeHandle> ShapeContext::with_rank_at_least(ShapeHandle s, std::int64_t wanted) {
  if (!has_rank(s) || rank(s) >= wanted) return s;
  return invalid_input("shape " + to_string(s) + " has " + rank_text(rank(s)) + ", expected at least rank " +
                       std::to_string(wanted));
}

Result<ShapeHandle> ShapeContext::with_rank_at_most(ShapeHandle s, std::int64_t wanted) {
  if (!has_rank(s) || rank(s) <= wanted) return s;
  return invalid_input("shape " + to_string(s) + " has " + rank_text(rank(s)) + ", expected at most rank " +
                       std::to_string(wanted));
}

Result<DimHandle> ShapeContext::with_value(DimHandle d, std::int64_t wanted) {
  if (value(d) == wanted) return d;
  if (!known(d)) return merge(d, make_dim(wanted));
  return invalid_input("dimension " + std::to_string(value(d)) + " found, expected " + std::to_string(wanted));
}

Result<DimHandle> ShapeContext::merge(DimHandle a, DimHandle b) {
  if (a == b) return a;
  if (!known(a) || !known(b)) {
    merged_dims_.emplace_back(a, b);
    return known(b) ? b : a;
  }
  if (value(a) == value(b)) return a;
  return invalid_input("dimensions " + std::to_string(value(a)) + " and " + std::to_string(value(b)) +
                       " found, expected equal ones");
}

Result<ShapeHandle> ShapeContext::merge(ShapeHandle a, ShapeHandle b) {
  if (a == b) return a;
  if (!has_rank(a) || !has_rank(b)) {
    merged_shapes_.emplace_back(a, b);
    return has_rank(b) ? b : a;
  }
  if (rank(a) != rank(b)) {
    return invalid_input("shapes " + to_string(a) + " and " + to_string(b) + " found, expected equal ranks");
  }
  bool a_suffices = true;
  bool b_suffices = true;
  for (int i = 0; i < rank(a); ++i) {
    const DimHandle x = arena_.dim(a, i);
    const DimHandle y = arena_.dim(b, i);
    if (x == y) continue;
    if (!known(x)) {
      if (known(y)) a_suffices = false;
    } else if (!known(y)) {
      b_suffices = false;
    } else if (value(x) != value(y)) {
      return invalid_input("shapes " + to_string(a) + " and " + to_string(b) + " differ in dimension " +
                           std::to_string(i) + ", expected equal ones");
    }
  }
  merged_shapes_.emplace_back(a, b);
  if (a_suffices || b_suffices) return a_suffices ? a : b;
  Dims dims;
  for (int i = 0; i < rank(a); ++i) {
    ISO_ASSIGN(const DimHandle d, merge(arena_.dim(a, i), arena_.dim(b, i)));
    dims.push_back(d);
  }
  const ShapeHandle merged = make_shape(dims);
  merged_shapes_.emplace_back(a, merged);
  return merged;
}

Result<std::pair<ShapeHandle, ShapeHandle>> ShapeContext::merge_prefix(ShapeHandle s, ShapeHandle prefix) {
  if (!has_rank(s) || !has_rank(prefix)) return std::pair(s, prefix);
  const int n = rank(prefix);
  ISO_TRY(with_rank_at_least(s, n).status());
  Dims dims;
  for (int i = 0; i < n; ++i) {
    ISO_ASSIGN(const DimHandle d, merge(dim(s, i), dim(prefix, i)));
    dims.push_back(d);
  }
  const ShapeHandle merged_prefix = make_shape(dims);
  for (int i = n; i < rank(s); ++i) dims.push_back(dim(s, i));
  return std::pair(make_shape(dims), merged_prefix);
}

Result<ShapeHandle> ShapeContext::subshape(ShapeHandle s, std::int64_t start, std::int64_t end, std::int64_t stride) {
  if (stride == 0) return invalid_input("a part of shape " + to_string(s) + " is taken with stride 0");
  if (start == 0 && stride == 1 && ((has_rank(s) && end >= rank(s)) || end == kToTheEnd)) return s;
  if (!has_rank(s)) return unknown_shape();
  const std::int64_t r = rank(s);
  const auto wrapped = [r](std::int64_t v) { return v < 0 ? r + v : std::min(v, r); };
  const std::int64_t from = start == r && stride < 0 ? r - 1 : wrapped(start);
  const std::int64_t to = wrapped(end);
  if (from < 0 || to < 0 || (stride > 0 && from > to) || (stride < 0 && from < to)) {
    return invalid_input("no dimensions from " + std::to_string(start) + " to " + std::to_string(end) + " in shape " +
                         to_string(s));
  }
  Dims dims;
  for (std::int64_t i = from; stride > 0 ? i < to : i > to;) {
    dims.push_back(dim(s, i));
    if (__builtin_add_overflow(i, stride, &i)) break;
  }
  return make_shape(dims);
}

ShapeHandle ShapeContext::concatenate(ShapeHandle a, ShapeHandle b) {
  if (!has_rank(a) || !has_rank(b)) return unknown_shape();
  Dims dims;
  dims.reserve(static_cast<std::size_t>(rank(a) + rank(b)));
  for (int i = 0; i < rank(a); ++i) dims.push_back(arena_.dim(a, i));
  for (int i = 0; i < rank(b); ++i) dims.push_back(arena_.dim(b, i));
  return make_shape(dims);
}

Result<ShapeHandle> ShapeContext::replace_dim(ShapeHandle s, std::int64_t i, DimHandle d) {
  if (!has_rank(s)) return unknown_shape();
  const std::int64_t at = i < 0 ? i + rank(s) : i;
  if (at < 0 || at >= rank(s)) {
    return invalid_input("shape " + to_string(s) + " has no dimension " + std::to_string(i));
  }
  Dims dims;
  dims.reserve(static_cast<std::size_t>(rank(s)));
  for (int k = 0; k < rank(s); ++k) dims.push_back(k == at ? d : arena_.dim(s, k));
  return make_shape(dims);
}

Result<DimHandle> ShapeContext::add(DimHandle a, DimOrValue b) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (x == 0) return make_dim(b);
  if (y == 0) return a;
  if (x < 0 || y == kUnknownDim) return unknown_dim();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(x, y, &sum) || sum < 0) {
    return invalid_input("the sum of dimensions " + std::to_string(x) + " and " + std::to_string(y) +
                         " is no dimension: expected 0 to 2^63 - 1");
  }
  return make_dim(sum);
}

Result<DimHandle> ShapeContext::subtract(DimHandle a, DimOrValue b) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (y == 0) return a;
  if (x < 0 || y == kUnknownDim) return unknown_dim();
  if (y < 0 || x < y) {
    return invalid_input("dimension " + std::to_string(x) + " less " + std::to_string(y) +
                         " is no dimension: expected 0 or more");
  }
  return make_dim(x - y);
}

Result<DimHandle> ShapeContext::multiply(DimHandle a, DimOrValue b) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (x == 0) return a;
  if (y == 0) return make_dim(b);
  if (x == 1) return make_dim(b);
  if (y == 1) return a;
  if (x < 0 || y == kUnknownDim) return unknown_dim();
  std::int64_t product = 0;
  if (y < 0 || __builtin_mul_overflow(x, y, &product)) {
    return invalid_input("the product of dimensions " + std::to_string(x) + " and " + std::to_string(y) +
                         " is no dimension: expected 0 to 2^63 - 1");
  }
  return make_dim(product);
}

Result<DimHandle> ShapeContext::divide(DimHandle a, DimOrValue b, bool evenly) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (y == 1) return a;
  if (x < 0 || (b.dim.is_set() && y < 0)) return unknown_dim();
  if (y <= 0) return invalid_input("a dimension is divided by " + std::to_string(y) + ", expected 1 or more");
  if (evenly && x % y != 0) {
    return invalid_input("dimension " + std::to_string(x) + " found, expected a multiple of " + std::to_string(y));
  }
  return make_dim(x / y);
}

DimHandle ShapeContext::min(DimHandle a, DimOrValue b) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (x == 0) return a;
  if (y == 0) return make_dim(b);
  if (x < 0 || y < 0) return unknown_dim();
  return x <= y ? a : make_dim(b);
}

DimHandle ShapeContext::max(DimHandle a, DimOrValue b) {
  const std::int64_t x = value(a);
  const std::int64_t y = number(b);
  if (x < 0 || y < 0) return unknown_dim();
  return x >= y ? a : make_dim(b);
}

}  // namespace isotherm::shapes
