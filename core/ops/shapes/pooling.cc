// Pooling and top-k.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Windows over the spatial dimensions, and for max pooling over channels too.
Result<ShapeHandle> pooled(ShapeContext& c, ShapeHandle input, int rank, const std::vector<std::int64_t>& windows,
                           const std::vector<std::int64_t>& strides, bool over_channels, bool explicit_allowed) {
  ISO_ASSIGN(const Layout layout, layout_of(c, rank));
  ISO_ASSIGN(const Padding padding, padding_of(c, layout, explicit_allowed));
  DimHandle spatial[3];
  for (int i = 0; i < layout.spatial_rank(); ++i) {
    const int dim = layout.spatial(i);
    const auto at = static_cast<std::size_t>(dim);
    if (windows[at] < 0) return invalid_input("window " + std::to_string(windows[at]) + " found, expected 1 or more");
    ISO_ASSIGN(spatial[i], windowed(c, c.dim(input, dim), windows[at], 1, strides[at], padding, dim));
  }
  DimHandle channels = c.dim(input, layout.channel());
  if (over_channels) {
    const auto at = static_cast<std::size_t>(layout.channel());
    if (windows[at] < 0) return invalid_input("window " + std::to_string(windows[at]) + " found, expected 1 or more");
    ISO_ASSIGN(channels, windowed(c, channels, windows[at], 1, strides[at], padding, layout.channel()));
  }
  return make_layout_shape(c, layout, c.dim(input, 0), spatial, channels);
}

template <int rank, bool over_channels>
Status pool(ShapeContext& c) {
  ISO_ASSIGN(const std::vector<std::int64_t> windows, ints_of(c, "ksize", rank));
  ISO_ASSIGN(const std::vector<std::int64_t> strides, ints_of(c, "strides", rank));
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), rank));
  ISO_ASSIGN(const ShapeHandle out, pooled(c, input, rank, windows, strides, over_channels, over_channels));
  for (int i = 0; i < c.outputs(); ++i) c.set_output(i, out);
  return {};
}

/// Windows and strides are inputs.
Status max_pool_v2(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  const auto windows = c.integers(1);
  const auto strides = c.integers(2);
  if (!windows || !strides) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  if (windows->size() != 4 || strides->size() != 4) {
    return invalid_input("ksize has " + std::to_string(windows->size()) + " entries and strides " +
                         std::to_string(strides->size()) + ", expected 4");
  }
  ISO_ASSIGN(const ShapeHandle out, pooled(c, input, 4, *windows, *strides, true, false));
  c.set_output(0, out);
  return {};
}

Status avg_pool_grad(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle out, c.from_input(0));
  ISO_ASSIGN(out, c.with_rank(out, 4));
  c.set_output(0, out);
  return {};
}

/// The last dimension becomes k: input 1, or attribute k of the older op.
Status top_k(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  DimHandle k;
  if (c.inputs() >= 2) {
    ISO_ASSIGN(k, c.dim_from_scalar(1));
  } else {
    const std::int64_t attr = c.attrs().get_int("k");
    if (attr < 0) return invalid_input("k is " + std::to_string(attr) + ", expected 0 or more");
    k = c.make_dim(attr);
  }
  const DimHandle last = c.dim(input, -1);
  if (c.known(last) && c.known(k) && c.value(last) < c.value(k)) {
    return invalid_input("the last dimension is " + std::to_string(c.value(last)) +
                         ", expected at least k = " + std::to_string(c.value(k)));
  }
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, -1, k));
  c.set_output(0, out);
  c.set_output(1, out);
  return {};
}

Status in_top_k(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle predictions, c.with_rank(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle targets, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const DimHandle batch, c.merge(c.dim(predictions, 0), c.dim(targets, 0)));
  c.set_output(0, c.vector(batch));
  return {};
}

}  // namespace

void register_pooling_shapes(ShapeRegistry& registry) {
  registry.add("AvgPool", pool<4, false>);
  registry.add({"MaxPool", "MaxPoolWithArgmax"}, pool<4, true>);
  registry.add({"AvgPool3D", "MaxPool3D"}, pool<5, false>);
  registry.add("MaxPoolV2", max_pool_v2);
  registry.add({"MaxPoolGrad", "MaxPoolGradV2"}, unchanged_with_rank<4>);
  registry.add("AvgPoolGrad", avg_pool_grad);
  registry.add({"TopK", "TopKV2"}, top_k);
  registry.add({"InTopK", "InTopKV2"}, in_top_k);
}

}  // namespace isotherm::shapes
