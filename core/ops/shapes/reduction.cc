// Reductions and arg-reductions.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status reduction(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  const ShapeHandle axes_shape = c.input(1);
  const bool keep = c.attrs().get_bool("keep_dims");
  const int rank = c.rank(input);
  if (c.has_rank(axes_shape) && c.rank(axes_shape) > 1) {
    return invalid_input("the axes have shape " + c.to_string(axes_shape) + ", expected a scalar or a vector");
  }
  const auto axes = c.integers(1);
  if (!axes) {
    // Which axes go is not known; with keep_dims at least the rank is.
    c.set_output(0, keep && rank >= 0 ? c.unknown_shape_of_rank(rank) : c.unknown_shape());
    return {};
  }
  if (rank < 0) {
    // One axis less of a rank that nobody knows is unknown too.
    c.set_output(0, c.unknown_shape());
    return {};
  }
  std::vector<bool> reduced(static_cast<std::size_t>(rank));
  for (const std::int64_t axis : *axes) {
    if (axis < -rank || axis >= rank) {
      return invalid_input("axis " + std::to_string(axis) + " found, expected one of [" + std::to_string(-rank) + "," +
                           std::to_string(rank) + ")");
    }
    reduced[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  ShapeContext::Dims dims;
  for (int i = 0; i < rank; ++i) {
    if (!reduced[static_cast<std::size_t>(i)])
      dims.push_back(c.dim(input, i));
    else if (keep)
      dims.push_back(c.make_dim(1));
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status arg_reduction(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  const ShapeHandle input = c.input(0);
  const int rank = c.rank(input);
  if (rank <= 1) {
    c.set_output(0, rank < 0 ? c.unknown_shape() : c.scalar());
    return {};
  }
  const auto axis = c.integers(1);
  if (!axis || axis->size() != 1) {
    c.set_output(0, c.unknown_shape_of_rank(rank - 1));
    return {};
  }
  const std::int64_t at = (*axis)[0] < 0 ? (*axis)[0] + rank : (*axis)[0];
  if (at < 0 || at >= rank) {
    return invalid_input("axis " + std::to_string((*axis)[0]) + " found, expected one of [" + std::to_string(-rank) +
                         "," + std::to_string(rank) + ")");
  }
  ShapeContext::Dims dims;
  for (int i = 0; i < rank; ++i) {
    if (i != at) dims.push_back(c.dim(input, i));
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

/// The first dimension becomes the number of segments: the last id plus one, which nobody knows.
Status segment_reduction(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle ids, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle data, c.with_rank_at_least(c.input(0), 1));
  static_cast<void>(ids);
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(data, 1));
  c.set_output(0, c.concatenate(c.vector(c.unknown_dim()), rest));
  return {};
}

Status unsorted_segment_reduction(ShapeContext& c) {
  const ShapeHandle data = c.input(0);
  const ShapeHandle ids = c.input(1);
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  if (!c.has_rank(ids)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  using Pair = std::pair<ShapeHandle, ShapeHandle>;
  ISO_ASSIGN(const Pair merged, c.merge_prefix(data, ids));
  ISO_ASSIGN(const DimHandle segments, c.dim_from_scalar(2));
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(merged.first, c.rank(ids)));
  c.set_output(0, c.concatenate(c.vector(segments), rest));
  return {};
}

}  // namespace

void register_reduction_shapes(ShapeRegistry& registry) {
  registry.add({"All", "Any", "EuclideanNorm", "Max", "Mean", "Min", "Prod", "ReduceJoin", "Sum"}, reduction);
  registry.add({"ArgMax", "ArgMin"}, arg_reduction);
  registry.add({"SegmentMax", "SegmentMean", "SegmentMin", "SegmentProd", "SegmentSum"}, segment_reduction);
  registry.add({"UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd", "UnsortedSegmentSum"},
               unsorted_segment_reduction);
}

}  // namespace isotherm::shapes
