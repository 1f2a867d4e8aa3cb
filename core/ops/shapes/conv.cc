// Convolutions and their gradients.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Conv2D and Conv3D: the filter is [spatial.., input channels / groups, output channels].
template <int rank>
Status convolution(ShapeContext& c) {
  constexpr int spatial_rank = rank - 2;
  ISO_ASSIGN(const Layout layout, layout_of(c, rank));
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), rank));
  ISO_ASSIGN(const ShapeHandle filter, c.with_rank(c.input(1), rank));
  ISO_ASSIGN(const std::vector<std::int64_t> dilations, ints_of(c, "dilations", rank, 1));
  ISO_ASSIGN(const std::vector<std::int64_t> strides, ints_of(c, "strides", rank));
  ISO_ASSIGN(const Padding padding, padding_of(c, layout, rank == 4));
  const DimHandle in_channels = c.dim(input, layout.channel());
  const DimHandle filter_channels = c.dim(filter, rank - 2);
  const DimHandle out_channels = c.dim(filter, rank - 1);
  if (c.known(in_channels) && c.known(filter_channels)) {
    const std::int64_t in = c.value(in_channels);
    const std::int64_t per_group = c.value(filter_channels);
    if (per_group == 0 || in % per_group != 0) {
      return invalid_input("input has " + std::to_string(in) + " channels and the filter " + std::to_string(per_group) +
                           ", expected a multiple of the filter's");
    }
    const std::int64_t groups = in / per_group;
    if (c.known(out_channels) && (groups == 0 || c.value(out_channels) % groups != 0)) {
      return invalid_input("the filter has " + std::to_string(c.value(out_channels)) + " output channels for " +
                           std::to_string(groups) + " groups, expected a multiple");
    }
  }
  DimHandle spatial[spatial_rank];
  for (int i = 0; i < spatial_rank; ++i) {
    const auto at = static_cast<std::size_t>(layout.spatial(i));
    ISO_ASSIGN(spatial[i], windowed(c, c.dim(input, layout.spatial(i)), c.dim(filter, i), dilations[at], strides[at],
                                    padding, layout.spatial(i)));
  }
  c.set_output(0, make_layout_shape(c, layout, c.dim(input, 0), spatial, out_channels));
  return {};
}

Status depthwise(ShapeContext& c) {
  ISO_ASSIGN(const Layout layout, layout_of(c, 4));
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const ShapeHandle filter, c.with_rank(c.input(1), 4));
  ISO_ASSIGN(const std::vector<std::int64_t> dilations, ints_of(c, "dilations", 4, 1));
  ISO_ASSIGN(const std::vector<std::int64_t> strides, ints_of(c, "strides", 4));
  ISO_ASSIGN(const Padding padding, padding_of(c, layout, true));
  ISO_ASSIGN(const DimHandle channels, c.merge(c.dim(input, layout.channel()), c.dim(filter, 2)));
  ISO_ASSIGN(const DimHandle out_channels, c.multiply(channels, c.dim(filter, 3)));
  DimHandle spatial[2];
  for (int i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(layout.spatial(i));
    ISO_ASSIGN(spatial[i], windowed(c, c.dim(input, layout.spatial(i)), c.dim(filter, i), dilations[at], strides[at],
                                    padding, layout.spatial(i)));
  }
  c.set_output(0, make_layout_shape(c, layout, c.dim(input, 0), spatial, out_channels));
  return {};
}

/// Inputs: the input's sizes (all four, or the spatial two), filter, gradient of the output.
Status conv2d_backprop_input(ShapeContext& c) {
  ISO_ASSIGN(const Layout layout, layout_of(c, 4));
  ISO_ASSIGN(const ShapeHandle gradient, c.with_rank(c.input(2), 4));
  ISO_ASSIGN(const ShapeHandle filter, c.with_rank(c.input(1), 4));
  const DimHandle batch = c.dim(gradient, 0);
  ISO_TRY(c.merge(c.dim(gradient, layout.channel()), c.dim(filter, 3)).status());
  ISO_ASSIGN(ShapeHandle sizes, c.from_input(0));
  if (!c.has_rank(sizes)) {
    ISO_ASSIGN(sizes, c.with_rank(sizes, 4));
  }
  DimHandle spatial[2];
  DimHandle channels;
  if (c.rank(sizes) == 4) {
    ISO_TRY(c.merge(c.dim(sizes, 0), batch).status());
    for (int i = 0; i < 2; ++i) spatial[i] = c.dim(sizes, layout.spatial(i));
    channels = c.dim(sizes, layout.channel());
  } else if (c.rank(sizes) == 2) {
    for (int i = 0; i < 2; ++i) spatial[i] = c.dim(sizes, i);
    channels = c.dim(filter, 2);
  } else {
    return invalid_input("input_sizes has " + std::to_string(c.rank(sizes)) + " entries, expected 4 or 2");
  }
  c.set_output(0, make_layout_shape(c, layout, batch, spatial, channels));
  return {};
}

/// The output's shape is the value of input `sizes`.
template <int sizes, int rank>
Status shape_given_by(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle out, c.from_input(sizes));
  ISO_ASSIGN(out, c.with_rank(out, rank));
  c.set_output(0, out);
  return {};
}

/// Greyscale dilation: a convolution without reduction over channels.
Status dilation2d(ShapeContext& c) {
  const Layout layout;
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 4));
  ISO_ASSIGN(const ShapeHandle filter, c.with_rank(c.input(1), 3));
  ISO_ASSIGN(const std::vector<std::int64_t> rates, ints_of(c, "rates", 4));
  ISO_ASSIGN(const std::vector<std::int64_t> strides, ints_of(c, "strides", 4));
  ISO_ASSIGN(const Padding padding, padding_of(c, layout, false));
  const DimHandle batch = c.dim(input, 0);
  const DimHandle in_channels = c.dim(input, 3);
  DimHandle channels = c.dim(filter, 2);
  bool sizes_known = true;
  for (int i = 0; i < 2; ++i) sizes_known = sizes_known && c.known(c.dim(input, 1 + i)) && c.known(c.dim(filter, i));
  DimHandle spatial[2] = {c.unknown_dim(), c.unknown_dim()};
  if (sizes_known) {
    ISO_ASSIGN(channels, c.merge(in_channels, channels));
  }
  for (int i = 0; i < 2 && sizes_known; ++i) {
    const auto at = static_cast<std::size_t>(1 + i);
    ISO_ASSIGN(spatial[i], windowed(c, c.dim(input, 1 + i), c.dim(filter, i), rates[at], strides[at], padding, 1 + i));
  }
  c.set_output(0, c.make_shape({batch, spatial[0], spatial[1], channels}));
  return {};
}

}  // namespace

void register_conv_shapes(ShapeRegistry& registry) {
  registry.add("Conv2D", convolution<4>);
  registry.add("Conv3D", convolution<5>);
  registry.add("DepthwiseConv2dNative", depthwise);
  registry.add("Conv2DBackpropInput", conv2d_backprop_input);
  registry.add({"Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropFilter"}, shape_given_by<1, 4>);
  registry.add("DepthwiseConv2dNativeBackpropInput", shape_given_by<0, 4>);
  registry.add({"Conv3DBackpropInputV2"}, shape_given_by<0, 5>);
  registry.add("Conv3DBackpropFilterV2", shape_given_by<1, 5>);
  registry.add("Dilation2D", dilation2d);
}

}  // namespace isotherm::shapes
