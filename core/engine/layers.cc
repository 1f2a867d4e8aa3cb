#include "core/engine/layers.h"

#include <algorithm>

#include "core/engine/network_edit.h"

namespace isotherm {

AttrValue ints_attr(const std::vector<std::int64_t>& values) {
  AttrList list;
  list.i = values;
  return make_list_attr(std::move(list));
}

ConvGeometry conv_geometry(const Layer& layer) {
  const AttrMap& a = layer.attrs;
  return {a.get_ints("strides"),    a.get_ints("dilations"), a.get_ints("pads_before"),
          a.get_ints("pads_after"), a.get_int("groups", 1),  a.get_bool("channels_first")};
}

void set_conv_geometry(Layer& layer, const ConvGeometry& g) {
  layer.attrs.set("strides", ints_attr(g.strides));
  layer.attrs.set("dilations", ints_attr(g.dilations));
  layer.attrs.set("pads_before", ints_attr(g.pads_before));
  layer.attrs.set("pads_after", ints_attr(g.pads_after));
  layer.attrs.set("groups", g.groups);
  layer.attrs.set("channels_first", g.channels_first);
}

PoolGeometry pool_geometry(const Layer& layer) {
  const AttrMap& a = layer.attrs;
  return {a.get_string("mode") == "max", a.get_ints("ksize"),      a.get_ints("strides"),
          a.get_ints("pads_before"),     a.get_ints("pads_after"), a.get_bool("count_padding"),
          a.get_bool("channels_first")};
}

void set_pool_geometry(Layer& layer, const PoolGeometry& g) {
  layer.attrs.set("mode", std::string(g.max ? "max" : "avg"));
  layer.attrs.set("ksize", ints_attr(g.ksize));
  layer.attrs.set("strides", ints_attr(g.strides));
  layer.attrs.set("pads_before", ints_attr(g.pads_before));
  layer.attrs.set("pads_after", ints_attr(g.pads_after));
  layer.attrs.set("count_padding", g.count_padding);
  layer.attrs.set("channels_first", g.channels_first);
}

Padding same_padding(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t window = (kernel - 1) * dilation + 1;
  const std::int64_t out = (in + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>((out - 1) * stride + window - in, 0);
  return {total / 2, total - total / 2};
}

std::int64_t window_output(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                           std::int64_t pad_before, std::int64_t pad_after) {
  const std::int64_t room = in + pad_before + pad_after - ((kernel - 1) * dilation + 1);
  return room < 0 ? -1 : room / stride + 1;
}

Spatial spatial_part(const std::vector<std::int64_t>& all, bool channels_first) {
  if (all.size() < 3) return {};
  return channels_first ? Spatial(all.begin() + 2, all.end()) : Spatial(all.begin() + 1, all.end() - 1);
}

Spatial spatial_part(const Shape& shape, bool channels_first) { return spatial_part(shape.dims(), channels_first); }

int weights_channel_axis(const Layer& layer) {
  const int rank = layer.weights.rank();
  if (layer.kind == LayerKind::matmul) return layer.attrs.get_bool("transpose_b") ? 0 : 1;
  return layer.kind == LayerKind::deconvolution ? rank - 2 : rank - 1;
}

std::int64_t output_channels(const Layer& layer) { return layer.weights.dim(weights_channel_axis(layer)); }

int channel_axis(const Layer& layer, int rank) {
  return layer.attrs.get_bool("channels_first") && rank > 2 ? 1 : rank - 1;
}

bool activation_post_op(const Node& node, PostOp& post_op) {
  using Kind = PostOp::Kind;
  const std::string& op = node.op;
  if (op == "Relu")
    post_op.kind = Kind::relu;
  else if (op == "Relu6")
    post_op.kind = Kind::relu6;
  else if (op == "Sigmoid")
    post_op.kind = Kind::sigmoid;
  else if (op == "Tanh")
    post_op.kind = Kind::tanh;
  else if (op == "Elu")
    post_op.kind = Kind::elu, post_op.alpha = 1;
  else if (op == "LeakyRelu")
    post_op.kind = Kind::leaky_relu, post_op.alpha = node.attrs.get_float("alpha", 0.2f);
  else if (op == "Softplus" || op == "Abs" || op == "Exp" || op == "Square")
    post_op.kind = Kind::unary, post_op.op = op;
  else
    return false;
  return true;
}

double layer_flops(const Network& network, const Layer& layer) {
  const auto elements = [&](int t) { return static_cast<double>(tensor_at(network, t).shape.elements().value_or(0)); };
  if (layer.outputs.empty()) return 0;
  const double out = elements(layer.outputs[0]);
  double flops = 0;
  switch (layer.kind) {
    case LayerKind::convolution:
    case LayerKind::matmul:
      if (layer.weights.valid())
        flops = 2.0 * out * static_cast<double>(layer.weights.elements()) / static_cast<double>(output_channels(layer));
      break;
    case LayerKind::deconvolution: {
      const double in = elements(layer.inputs[0]);
      const int in_axis = layer.weights.rank() - 1;
      flops =
          2.0 * in * static_cast<double>(layer.weights.elements()) / static_cast<double>(layer.weights.dim(in_axis));
      break;
    }
    case LayerKind::pooling: {
      double window = 1;
      for (const std::int64_t k : pool_geometry(layer).ksize) window *= static_cast<double>(k);
      flops = out * window;
      break;
    }
    case LayerKind::reduce:
      flops = elements(layer.inputs[0]);
      break;
    case LayerKind::elementwise:
      flops = out;
      break;
    default:
      return 0;
  }
  if (layer.bias.valid()) flops += out;
  return flops + out * static_cast<double>(layer.post_ops.size());
}

double layer_bytes(const Network& network, const Layer& layer) {
  double bytes = static_cast<double>(layer.weights.byte_size() + layer.bias.byte_size());
  const auto add = [&](int t) {
    const NetworkTensor& tensor = tensor_at(network, t);
    bytes += static_cast<double>(tensor.shape.elements().value_or(0)) * static_cast<double>(dtype_size(tensor.dtype));
  };
  for (const int t : layer.inputs) add(t);
  for (const int t : layer.outputs) add(t);
  return bytes;
}

}  // namespace isotherm
