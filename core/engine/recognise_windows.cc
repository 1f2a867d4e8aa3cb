// Convolution, deconvolution and pooling: layers with a window that moves.
#include <algorithm>

#include "core/engine/layers.h"
#include "core/engine/recognise_layers.h"

namespace isotherm {
namespace {

/// Padding of every spatial dimension, explicit. False for a padding string nobody knows, or a list too short.
bool paddings(LayerView& view, const Spatial& in, const Spatial& kernel, const Spatial& strides,
              const Spatial& dilations, Spatial& before, Spatial& after) {
  const std::string padding = view.node().attrs.get_string("padding");
  const std::size_t n = in.size();
  before.assign(n, 0);
  after.assign(n, 0);
  if (padding == "VALID") return true;
  if (padding == "SAME") {
    for (std::size_t i = 0; i < n; ++i) {
      const Padding p = same_padding(in[i], kernel[i], strides[i], dilations[i]);
      before[i] = p.before;
      after[i] = p.after;
    }
    return true;
  }
  if (padding != "EXPLICIT") return false;
  const std::vector<std::int64_t> all = view.node().attrs.get_ints("explicit_paddings");
  if (all.size() != 2 * (n + 2)) return false;
  const std::size_t first = view.channels_first() ? 2 : 1;
  for (std::size_t i = 0; i < n; ++i) {
    before[i] = all[2 * (first + i)];
    after[i] = all[2 * (first + i) + 1];
    if (before[i] < 0 || after[i] < 0) return false;
  }
  return true;
}

bool positive(const Spatial& values) {
  return !values.empty() && std::all_of(values.begin(), values.end(), [](std::int64_t v) { return v > 0; });
}

bool window_matches(const Spatial& in, const Spatial& kernel, const ConvGeometry& g, const Spatial& out) {
  for (std::size_t i = 0; i < in.size(); ++i)
    if (window_output(in[i], kernel[i], g.strides[i], g.dilations[i], g.pads_before[i], g.pads_after[i]) != out[i])
      return false;
  return true;
}

/// Strides and dilations of a convolution node; false if they are no valid window.
bool read_steps(LayerView& view, std::size_t spatial, ConvGeometry& g) {
  g.channels_first = view.channels_first();
  g.strides = spatial_part(view.node().attrs.get_ints("strides"), g.channels_first);
  g.dilations = spatial_part(view.node().attrs.get_ints("dilations"), g.channels_first);
  if (g.dilations.empty()) g.dilations.assign(spatial, 1);
  return g.strides.size() == spatial && g.dilations.size() == spatial && positive(g.strides) && positive(g.dilations);
}

Spatial kernel_of(const Tensor& filter) { return {filter.shape().dims().begin(), filter.shape().dims().end() - 2}; }

std::int64_t channels_of(const Shape& shape, bool channels_first) {
  return shape.dim(channels_first ? 1 : shape.rank() - 1);
}

}  // namespace

bool recognise_convolution(LayerView& view) {
  const std::string& op = view.node().op;
  const bool depthwise = op == "DepthwiseConv2dNative";
  if (op != "Conv2D" && op != "Conv3D" && !depthwise) return false;
  if (!view.is_float(0) || !view.is_float(1) || !view.constant(1).valid()) return false;
  const Shape& in = view.input_shape(0);
  const Tensor& filter = view.constant(1);
  if (in.rank() < 4 || filter.rank() != in.rank() || view.output_shape().rank() != in.rank()) return false;
  ConvGeometry g;
  const auto spatial = static_cast<std::size_t>(in.rank() - 2);
  if (!read_steps(view, spatial, g)) return false;
  const Spatial size = spatial_part(in, g.channels_first), kernel = kernel_of(filter);
  if (!positive(size) || !positive(kernel) ||
      !paddings(view, size, kernel, g.strides, g.dilations, g.pads_before, g.pads_after))
    return false;
  if (!window_matches(size, kernel, g, spatial_part(view.output_shape(), g.channels_first))) return false;

  const std::int64_t channels = channels_of(in, g.channels_first);
  const std::int64_t per_group = depthwise ? 1 : filter.dim(filter.rank() - 2);
  if (channels <= 0 || per_group <= 0 || channels % per_group != 0) return false;
  g.groups = channels / per_group;
  Tensor weights = filter;
  if (depthwise) {
    if (filter.dim(2) != channels) return false;
    weights = filter.reshaped({filter.dim(0), filter.dim(1), 1, channels * filter.dim(3)});
  }
  const std::int64_t out_channels = weights.dim(weights.rank() - 1);
  if (out_channels <= 0 || out_channels % g.groups != 0) return false;
  Layer& layer = view.layer();
  layer.kind = LayerKind::convolution;
  layer.weights = std::move(weights);
  set_conv_geometry(layer, g);
  view.keep_inputs({0});
  return true;
}

bool recognise_deconvolution(LayerView& view) {
  const std::string& op = view.node().op;
  if (op != "Conv2DBackpropInput" && op != "Conv3DBackpropInputV2") return false;
  if (!view.is_float(1) || !view.is_float(2) || !view.constant(1).valid()) return false;
  const Shape& small = view.input_shape(2);
  const Shape& large = view.output_shape();
  const Tensor& filter = view.constant(1);
  if (small.rank() < 4 || filter.rank() != small.rank() || large.rank() != small.rank()) return false;
  ConvGeometry g;
  if (!read_steps(view, static_cast<std::size_t>(small.rank() - 2), g)) return false;
  const Spatial size = spatial_part(large, g.channels_first), kernel = kernel_of(filter);
  if (!positive(size) || !positive(kernel) ||
      !paddings(view, size, kernel, g.strides, g.dilations, g.pads_before, g.pads_after))
    return false;
  // The forward convolution from large to small must give exactly the small tensor.
  if (!window_matches(size, kernel, g, spatial_part(small, g.channels_first))) return false;
  if (channels_of(large, g.channels_first) != filter.dim(filter.rank() - 2)) return false;
  if (channels_of(small, g.channels_first) != filter.dim(filter.rank() - 1)) return false;
  Layer& layer = view.layer();
  layer.kind = LayerKind::deconvolution;
  layer.weights = filter;
  set_conv_geometry(layer, g);
  view.keep_inputs({2});
  return true;
}

bool recognise_pooling(LayerView& view) {
  const std::string& op = view.node().op;
  const bool max = op == "MaxPool" || op == "MaxPool3D";
  if (!max && op != "AvgPool" && op != "AvgPool3D") return false;
  if (!view.is_float(0)) return false;
  const Shape& in = view.input_shape(0);
  if (in.rank() < 4 || view.output_shape().rank() != in.rank()) return false;
  PoolGeometry g;
  g.max = max;
  g.channels_first = view.channels_first();
  const std::vector<std::int64_t> ksize = view.node().attrs.get_ints("ksize"),
                                  strides = view.node().attrs.get_ints("strides");
  const auto rank = static_cast<std::size_t>(in.rank());
  const std::size_t channel = g.channels_first ? 1 : rank - 1;
  if (ksize.size() != rank || strides.size() != rank || ksize[0] != 1 || strides[0] != 1 || ksize[channel] != 1 ||
      strides[channel] != 1)
    return false;
  g.ksize = spatial_part(ksize, g.channels_first);
  g.strides = spatial_part(strides, g.channels_first);
  const Spatial size = spatial_part(in, g.channels_first), dense(size.size(), 1);
  if (!positive(g.ksize) || !positive(g.strides) || !positive(size)) return false;
  if (!paddings(view, size, g.ksize, g.strides, dense, g.pads_before, g.pads_after)) return false;
  const ConvGeometry window{g.strides, dense, g.pads_before, g.pads_after};
  if (!window_matches(size, g.ksize, window, spatial_part(view.output_shape(), g.channels_first))) return false;
  Layer& layer = view.layer();
  layer.kind = LayerKind::pooling;
  set_pool_geometry(layer, g);
  return true;
}

}  // namespace isotherm
