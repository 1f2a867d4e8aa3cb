#include "core/ops/conditions/strided_slice.h"

#include <algorithm>

namespace isotherm::conditions {
namespace {

/// One dimension's index before its size is applied.
struct Index {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t stride = 1;
  bool open_begin = true;
  bool open_end = true;
  bool is_single = false;  ///< x[3]: drops the dimension
};

bool bit(std::int64_t mask, std::size_t i) { return i < 63 && ((mask >> i) & 1) != 0; }

/// Spreads the ellipsis (one at the end where there is none) over the dimensions that no other index names.
Result<std::vector<Index>> spread(std::size_t rank, const StridedSpec& spec) {
  std::vector<Index> indices;
  const std::size_t given = spec.begin.size();
  bool ellipsis_seen = false;
  for (std::size_t i = 0; i < given; ++i) {
    if (bit(spec.ellipsis_mask, i)) {
      if (ellipsis_seen) return invalid_input("Multiple ellipses in slice spec not allowed");
      ellipsis_seen = true;
      const std::size_t after = given - i - 1;
      while (indices.size() + after < rank) indices.emplace_back();
      continue;
    }
    if (indices.size() == rank) return invalid_input("more indices than the tensor has dimensions");
    const bool single = bit(spec.shrink_axis_mask, i);
    indices.push_back(
        {spec.begin[i], spec.end[i], spec.stride[i], bit(spec.begin_mask, i), bit(spec.end_mask, i), single});
  }
  indices.resize(std::max(indices.size(), rank));
  return indices;
}

/// A begin or end as a position in a dimension of known size: `open_at` where masked, else counted from the end where
/// negative, and kept in [low, high].
std::int64_t position(std::int64_t value, bool open, std::int64_t open_at, std::int64_t size, std::int64_t low,
                      std::int64_t high) {
  if (open) return open_at;
  return std::clamp(value < 0 ? value + size : value, low, high);
}

}  // namespace

Result<DenseSlice> resolve_strided_slice(const std::vector<std::int64_t>& dims, const StridedSpec& spec) {
  ISO_ASSIGN(const std::vector<Index> indices, spread(dims.size(), spec));
  DenseSlice slice;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    Index index = indices[i];
    const std::int64_t size = dims[i];
    const std::string where = "index " + std::to_string(i);
    if (index.stride == 0) return invalid_input("strides[" + std::to_string(i) + "] must be non-zero");
    if (index.is_single && index.stride < 0) {
      return invalid_input("only stride 1 allowed on non-range indexing, " + where + " has " +
                           std::to_string(index.stride));
    }
    if (size >= 0 && index.is_single) {
      const std::int64_t at = index.begin < 0 ? index.begin + size : index.begin;
      if (at < 0 || at >= size) {
        return invalid_input("slice index " + std::to_string(index.begin) + " of dimension " + std::to_string(i) +
                             " out of bounds, its size is " + std::to_string(size));
      }
      index.begin = at;
      index.end = at + 1;
    } else if (size >= 0) {
      const bool forward = index.stride > 0;
      const std::int64_t low = forward ? 0 : -1;
      const std::int64_t high = forward ? size : size - 1;
      index.begin = position(index.begin, index.open_begin, forward ? low : high, size, low, high);
      index.end = position(index.end, index.open_end, forward ? high : low, size, low, high);
    }
    slice.begin.push_back(index.begin);
    slice.end.push_back(index.end);
    slice.stride.push_back(index.stride);
  }
  return slice;
}

}  // namespace isotherm::conditions
