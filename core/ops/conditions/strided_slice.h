// The meaning of StridedSlice's masks on a partly known shape, as TensorFlow resolves them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/status.h"

namespace isotherm::conditions {

/// What StridedSlice's inputs and attributes say, one entry for each index in x[..]. New axes are not among them.
struct StridedSpec {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::vector<std::int64_t> stride;
  std::int64_t begin_mask = 0;
  std::int64_t end_mask = 0;
  std::int64_t ellipsis_mask = 0;
  std::int64_t shrink_axis_mask = 0;
};

/// One interval for each dimension of the tensor.
struct DenseSlice {
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::vector<std::int64_t> stride;
};

/// Resolves ellipsis, masks and negative indices against `dims` (-1 or below: unknown, where begin and end stay as
/// they are given). Requires begin, end and stride of equal length. An error is an index out of bounds, a stride of 0,
/// more indices than dimensions or a second ellipsis.
Result<DenseSlice> resolve_strided_slice(const std::vector<std::int64_t>& dims, const StridedSpec& spec);

}  // namespace isotherm::conditions
