// What the attributes of a layer mean, by kind, as typed values. `Layer::attrs` holds the same under the names given
// here, so that a report or another device can read them without this header.
//
// Spatial attributes have one entry per spatial dimension (two for images, three for volumes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/network.h"

namespace isotherm {

using Spatial = std::vector<std::int64_t>;

/// convolution, deconvolution: "strides", "dilations", "pads_before", "pads_after", "groups", "channels_first".
/// Layer::weights: convolution HWIO ([spatial.., in / groups, out], out = groups outermost; TensorFlow's depthwise
/// filter [.., C, M] is that with groups = C); deconvolution [spatial.., out, in].
struct ConvGeometry {
  Spatial strides, dilations, pads_before, pads_after;
  std::int64_t groups = 1;
  bool channels_first = false;  ///< activations are NCHW
};
ConvGeometry conv_geometry(const Layer& layer);
void set_conv_geometry(Layer& layer, const ConvGeometry& geometry);

/// pooling: "mode" ("max", "avg"), "ksize", "strides", "pads_before", "pads_after", "count_padding", "channels_first".
struct PoolGeometry {
  bool max = true;
  Spatial ksize, strides, pads_before, pads_after;
  bool count_padding = false;  ///< avg: padded places count as zeros in the average
  bool channels_first = false;
};
PoolGeometry pool_geometry(const Layer& layer);
void set_pool_geometry(Layer& layer, const PoolGeometry& geometry);

// matmul: "transpose_b": Layer::weights is [out, in] instead of [in, out]. Input 0 is [rows, in].
// elementwise: "op": the TensorFlow op, or "ScaleShift": x * weights + bias, both float64 [channels], either may be
//   invalid; "channel_axis" says which axis the channels are.
// reduce: "op" ("Mean", ..), "axes" (ascending, >= 0), "keep_dims".
// softmax: "axis" (>= 0). concat: "axis" (>= 0). shuffle: "mode": "reshape" or "transpose", with "perm".
// pad: "pads_before", "pads_after" per dimension, "value".

/// TensorFlow's padding of one dimension. For SAME: output = ceil(in / stride), the odd element goes after.
struct Padding {
  std::int64_t before = 0, after = 0;
};
Padding same_padding(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation);

/// Output size of a window; negative where the window does not fit.
std::int64_t window_output(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                           std::int64_t pad_before, std::int64_t pad_after);

/// Spatial entries of a per-dimension list ([1,2,2,1] for NHWC).
Spatial spatial_part(const std::vector<std::int64_t>& all, bool channels_first);
/// Spatial dimensions of an activation.
Spatial spatial_part(const Shape& shape, bool channels_first);

/// Axis of `Layer::weights` that its output channels lie on.
int weights_channel_axis(const Layer& layer);
/// Output channels of a convolution, deconvolution or matmul.
std::int64_t output_channels(const Layer& layer);
/// Axis of the channels of the layer's result of that rank.
int channel_axis(const Layer& layer, int rank);

/// Post-op of a TensorFlow activation; false if the op is none that layers take.
bool activation_post_op(const Node& node, PostOp& post_op);

AttrValue ints_attr(const std::vector<std::int64_t>& values);

/// Multiplications and additions of the layer, each counted; 0 where not meaningful or shapes are unknown.
double layer_flops(const Network& network, const Layer& layer);
/// Inputs, weights and outputs once.
double layer_bytes(const Network& network, const Layer& layer);

}  // namespace isotherm
