// Ops that pick elements by index, and ops whose results depend on values.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status gather(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle params, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(params, 1));
  c.set_output(0, c.concatenate(c.input(1), rest));
  return {};
}

/// params[:axis] + indices[batch_dims:] + params[axis + 1:].
Status gather_v2(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle params, c.with_rank_at_least(c.input(0), 1));
  const ShapeHandle indices = c.input(1);
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  std::int64_t batch_dims = c.attrs().get_int("batch_dims");
  if (batch_dims < -(1 << 20) || batch_dims > (1 << 20)) {
    return invalid_input("batch_dims " + std::to_string(batch_dims) + " found, expected a number of dimensions");
  }
  const auto axis_value = c.integers(2);
  if (!axis_value || axis_value->size() != 1) {
    const bool ranks = c.has_rank(params) && c.has_rank(indices);
    if (batch_dims < 0 && c.has_rank(indices)) batch_dims += c.rank(indices);
    c.set_output(
        0, ranks ? c.unknown_shape_of_rank(c.rank(params) + c.rank(indices) - 1 - batch_dims) : c.unknown_shape());
    return {};
  }
  const std::int64_t axis = (*axis_value)[0];
  if (axis < -(1 << 20) || axis > (1 << 20)) {
    return invalid_input("axis " + std::to_string(axis) + " found, expected a dimension of the data");
  }
  ISO_TRY(c.with_rank_at_least(params, axis < 0 ? -axis : axis + 1).status());
  ISO_TRY(c.with_rank_at_least(indices, std::abs(batch_dims)).status());
  if (batch_dims < 0) batch_dims = c.has_rank(indices) ? batch_dims + c.rank(indices) : 0;
  ISO_TRY(c.with_rank_at_least(params, batch_dims + 1).status());
  ISO_ASSIGN(const ShapeHandle outer, c.subshape(params, 0, axis));
  ISO_ASSIGN(const ShapeHandle inner, c.subshape(indices, batch_dims));
  ShapeHandle out = c.concatenate(outer, inner);
  if (axis != -1) {
    ISO_ASSIGN(const ShapeHandle rest, c.subshape(params, axis + 1));
    out = c.concatenate(out, rest);
  }
  c.set_output(0, out);
  return {};
}

Result<ShapeHandle> gather_nd_shape(ShapeContext& c, ShapeHandle params) {
  ISO_ASSIGN(const ShapeHandle indices, c.with_rank_at_least(c.input(1), 1));
  const DimHandle depth = c.dim(indices, -1);
  if (!c.has_rank(params) || !c.known(depth)) return c.unknown_shape();
  if (c.value(depth) > c.rank(params)) {
    return invalid_input("the last dimension of the indices is " + std::to_string(c.value(depth)) +
                         ", expected at most the rank " + std::to_string(c.rank(params)) + " of the data");
  }
  ISO_ASSIGN(const ShapeHandle front, c.subshape(indices, 0, -1));
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(params, c.value(depth)));
  return c.concatenate(front, rest);
}

Status gather_nd(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, gather_nd_shape(c, c.input(0)));
  c.set_output(0, out);
  return {};
}

Status resource_gather_nd(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, gather_nd_shape(c, c.handle(0) ? c.handle(0)->shape : c.unknown_shape()));
  c.set_output(0, out);
  return {};
}

Status resource_gather(ShapeContext& c) {
  const ShapeHandle params = c.handle(0) ? c.handle(0)->shape : c.unknown_shape();
  ISO_TRY(c.with_rank_at_least(params, 1).status());
  const std::int64_t batch_dims = c.attrs().get_int("batch_dims");
  if (batch_dims < 0 || batch_dims > (1 << 20)) {
    return invalid_input("batch_dims " + std::to_string(batch_dims) + " found, expected 0 or more");
  }
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(params, 1 + batch_dims));
  c.set_output(0, c.concatenate(c.input(1), rest));
  return {};
}

/// One row of coordinates for each element that is not zero.
Status where(ShapeContext& c) {
  const int rank = c.rank(c.input(0));
  c.set_output(0, c.matrix(c.unknown_dim(), rank < 0 ? c.unknown_dim() : c.make_dim(rank)));
  return {};
}

Status unique(ShapeContext& c) {
  const ShapeHandle values = c.vector(c.unknown_dim());
  c.set_output(0, values);
  c.set_output(1, c.input(0));
  c.set_output(2, values);
  return c.with_rank(c.input(0), 1).status();
}

Status list_diff(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 1).status());
  ISO_TRY(c.with_rank(c.input(1), 1).status());
  c.set_all_outputs(c.vector(c.unknown_dim()));
  return {};
}

/// updates = indices[:-1] + data[depth:], where depth is the last dimension of the indices.
Status check_scatter(ShapeContext& c, ShapeHandle indices, ShapeHandle updates, ShapeHandle data) {
  const DimHandle depth = c.dim(indices, -1);
  if (!c.has_rank(indices) || !c.has_rank(updates) || c.rank(updates) == 0 || !c.known(depth)) return {};
  const int outer = c.rank(indices) - 1;
  ISO_ASSIGN(const ShapeHandle front, c.subshape(indices, 0, outer));
  ISO_ASSIGN(const ShapeHandle update_front, c.subshape(updates, 0, outer));
  ISO_TRY(c.merge(front, update_front).status());
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(data, c.value(depth)));
  ISO_ASSIGN(const ShapeHandle update_rest, c.subshape(updates, outer));
  return c.merge(rest, update_rest).status();
}

Status scatter_nd(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle indices, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const ShapeHandle updates, c.with_rank_at_least(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle out, c.from_input(2));
  ISO_TRY(check_scatter(c, indices, updates, out));
  c.set_output(0, out);
  return {};
}

Status tensor_scatter(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle data, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const ShapeHandle indices, c.with_rank_at_least(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle updates, c.with_rank_at_least(c.input(2), 1));
  ISO_TRY(check_scatter(c, indices, updates, data));
  c.set_output(0, data);
  return {};
}

Status roll(ShapeContext& c) {
  ISO_TRY(c.with_rank_at_least(c.input(0), 1).status());
  ISO_TRY(c.with_rank_at_most(c.input(1), 1).status());
  ISO_TRY(c.with_rank_at_most(c.input(2), 1).status());
  ISO_TRY(c.merge(c.input(1), c.input(2)).status());
  return unchanged(c);
}

/// Counts in as many bins as input `bins` says.
template <int bins>
Status histogram(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(bins), 0).status());
  ISO_ASSIGN(const DimHandle n, c.dim_from_scalar(bins));
  c.set_output(0, c.vector(n));
  return {};
}

Status histogram_fixed_width(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle range, c.with_rank(c.input(1), 1));
  ISO_TRY(c.with_value(c.dim(range, 0), 2).status());
  return histogram<2>(c);
}

Status nth_element(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  ISO_TRY(c.dim_from_scalar(1).status());
  ISO_ASSIGN(const ShapeHandle out, c.subshape(input, 0, -1));
  c.set_output(0, out);
  return {};
}

}  // namespace

void register_gather_shapes(ShapeRegistry& registry) {
  registry.add("Gather", gather);
  registry.add("GatherV2", gather_v2);
  registry.add("GatherNd", gather_nd);
  registry.add("ResourceGather", resource_gather);
  registry.add("ResourceGatherNd", resource_gather_nd);
  registry.add("Where", where);
  registry.add({"Unique", "UniqueWithCounts"}, unique);
  registry.add("ListDiff", list_diff);
  registry.add("InvertPermutation", unchanged_with_rank<1>);
  registry.add("ScatterNd", scatter_nd);
  registry.add({"TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin"},
               tensor_scatter);
  registry.add("ScatterNdNonAliasingAdd", tensor_scatter);
  registry.add("Roll", roll);
  registry.add("Bincount", histogram<1>);
  registry.add("HistogramFixedWidth", histogram_fixed_width);
  registry.add("NthElement", nth_element);
}

}  // namespace isotherm::shapes
