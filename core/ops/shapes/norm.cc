// Batch normalisation, bias, local response.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Result<Layout> norm_layout(const ShapeContext& c) {
  const std::string format = c.attrs().get_string("data_format");
  return layout_of(c, format == "NDHWC" || format == "NCDHW" ? 5 : 4);
}

/// Merges the channel dimension with the length of vector inputs [first, last).
Result<DimHandle> merge_channels(ShapeContext& c, DimHandle channels, int first, int last) {
  for (int i = first; i < last; ++i) {
    ISO_ASSIGN(const ShapeHandle vector, c.with_rank(c.input(i), 1));
    ISO_ASSIGN(channels, c.merge(channels, c.dim(vector, 0)));
  }
  return channels;
}

Status fused_batch_norm(ShapeContext& c) {
  ISO_ASSIGN(const Layout layout, norm_layout(c));
  ISO_ASSIGN(const ShapeHandle x, c.with_rank(c.input(0), layout.rank));
  // In training mode the running mean and variance are read only when they are blended.
  const bool training = c.attrs().get_bool("is_training", true);
  const bool replaces = c.attrs().get_float("exponential_avg_factor", 1.0F) == 1.0F;
  ISO_ASSIGN(const DimHandle channels, merge_channels(c, c.dim(x, layout.channel()), 1, training && replaces ? 3 : 5));
  ISO_ASSIGN(const ShapeHandle y, c.replace_dim(x, layout.channel(), channels));
  c.set_output(0, y);
  const ShapeHandle vector = c.vector(channels);
  for (int i = 1; i < 5; ++i) c.set_output(i, vector);
  if (c.outputs() > 5) c.set_output(5, c.unknown_shape());
  return {};
}

Status fused_batch_norm_grad(ShapeContext& c) {
  ISO_ASSIGN(const Layout layout, norm_layout(c));
  ISO_ASSIGN(const ShapeHandle gradient, c.with_rank(c.input(0), layout.rank));
  ISO_ASSIGN(const ShapeHandle x, c.with_rank(c.input(1), layout.rank));
  ISO_ASSIGN(DimHandle channels, c.merge(c.dim(gradient, layout.channel()), c.dim(x, layout.channel())));
  ISO_ASSIGN(channels, merge_channels(c, channels, 2, 5));
  ISO_ASSIGN(const ShapeHandle x_gradient, c.replace_dim(gradient, layout.channel(), channels));
  c.set_output(0, x_gradient);
  c.set_output(1, c.vector(channels));
  c.set_output(2, c.vector(channels));
  c.set_output(3, c.vector(0));
  c.set_output(4, c.vector(0));
  return {};
}

Status bias_add(ShapeContext& c) {
  const bool channels_first = c.attrs().get_string("data_format") == "NCHW";
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), channels_first ? 3 : 2));
  ISO_ASSIGN(const ShapeHandle bias, c.with_rank(c.input(1), 1));
  if (!c.has_rank(input)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  const int at = channels_first ? 1 : c.rank(input) - 1;
  ISO_ASSIGN(const DimHandle channels, c.merge(c.dim(input, at), c.dim(bias, 0)));
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, at, channels));
  c.set_output(0, out);
  return {};
}

Status bias_add_grad(ShapeContext& c) {
  const bool channels_first = c.attrs().get_string("data_format") == "NCHW";
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), channels_first ? 3 : 2));
  c.set_output(0, c.vector(c.dim(input, channels_first ? 1 : -1)));
  return {};
}

/// Inputs: t, mean, variance, beta, gamma.
Status batch_norm_with_global_normalization(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const DimHandle channels, merge_channels(c, c.dim(input, 3), 1, 5));
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, 3, channels));
  c.set_output(0, out);
  return {};
}

Status lrn_grad(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle s, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(s, c.merge(s, c.input(1)));
  ISO_ASSIGN(s, c.merge(s, c.input(2)));
  c.set_output(0, s);
  return {};
}

}  // namespace

void register_norm_shapes(ShapeRegistry& registry) {
  registry.add({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}, fused_batch_norm);
  registry.add({"FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3"}, fused_batch_norm_grad);
  registry.add({"BiasAdd"}, bias_add);
  registry.add("BiasAddV1", [](ShapeContext& c) -> Status {
    ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
    ISO_ASSIGN(const ShapeHandle bias, c.with_rank(c.input(1), 1));
    if (!c.has_rank(input)) {
      c.set_output(0, c.unknown_shape());
      return {};
    }
    ISO_ASSIGN(const DimHandle channels, c.merge(c.dim(input, -1), c.dim(bias, 0)));
    ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, -1, channels));
    c.set_output(0, out);
    return {};
  });
  registry.add("BiasAddGrad", bias_add_grad);
  registry.add("BatchNormWithGlobalNormalization", batch_norm_with_global_normalization);
  registry.add("LRN", unchanged_with_rank<4>);
  registry.add("LRNGrad", lrn_grad);
}

}  // namespace isotherm::shapes
