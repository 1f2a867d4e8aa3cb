#include "tests/engine/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"
#include "tests/engine/reference_ops.h"

namespace isotherm::test {
namespace {

Window2d node_window(const Node& node, const Dims& in, const Dims& kernel) {
  const Dims strides = node.attrs.get_ints("strides");
  Dims dilations = node.attrs.get_ints("dilations");
  if (dilations.empty()) dilations = {1, 1, 1, 1};
  Window2d w{};
  for (std::size_t i = 0; i < 2; ++i) {
    w.stride[i] = strides[i + 1];
    w.dilation[i] = dilations[i + 1];
    if (node.attrs.get_string("padding") != "SAME") continue;
    const std::int64_t out = (in[i] + w.stride[i] - 1) / w.stride[i];
    const std::int64_t total =
        std::max<std::int64_t>(0, (out - 1) * w.stride[i] + (kernel[i] - 1) * w.dilation[i] + 1 - in[i]);
    w.before[i] = total / 2;
    w.after[i] = total - total / 2;
  }
  return w;
}

Dims to_dims(const Array& a) {
  Dims out;
  for (const double v : a.values) out.push_back(static_cast<std::int64_t>(v));
  return out;
}

Array run_node(const Node& node, const std::vector<Array>& in);

/// A window op on NCHW data is the same op between two transpositions.
Array run_channels_first(Node node, std::vector<Array> in) {
  for (const char* name : {"strides", "dilations", "ksize"}) {
    const Dims v = node.attrs.get_ints(name);
    if (v.size() == 4) node.attrs.set(name, ints_attr({v[0], v[2], v[3], v[1]}));
  }
  node.attrs.erase("data_format");
  in[0] = transpose(in[0], {0, 2, 3, 1});
  return transpose(run_node(node, in), {0, 3, 1, 2});
}

Array run_node(const Node& node, const std::vector<Array>& in) {
  if (node.attrs.get_string("data_format") == "NCHW") return run_channels_first(node, in);
  const std::string& op = node.op;
  const auto spatial = [&](const Array& a) { return Dims{a.dims[1], a.dims[2]}; };
  if (op == "Identity" || op == "StopGradient") return in[0];
  if (op == "Conv2D")
    return convolve(in[0], in[1], node_window(node, spatial(in[0]), {in[1].dims[0], in[1].dims[1]}),
                    in[0].dims[3] / in[1].dims[2]);
  if (op == "DepthwiseConv2dNative") {
    const Array f{{in[1].dims[0], in[1].dims[1], 1, in[1].dims[2] * in[1].dims[3]}, in[1].values};
    return convolve(in[0], f, node_window(node, spatial(in[0]), {f.dims[0], f.dims[1]}), in[0].dims[3]);
  }
  if (op == "Conv2DBackpropInput") {
    const Dims out = to_dims(in[0]);
    return deconvolve(in[2], in[1], node_window(node, {out[1], out[2]}, {in[1].dims[0], in[1].dims[1]}), out);
  }
  if (op == "MaxPool" || op == "AvgPool") {
    const Dims k = node.attrs.get_ints("ksize");
    return pool(in[0], op == "MaxPool", {k[1], k[2]}, node_window(node, spatial(in[0]), {k[1], k[2]}), false);
  }
  if (op == "BiasAdd" || op == "Add" || op == "AddV2") return broadcast(in[0], in[1], std::plus<>());
  if (op == "Sub") return broadcast(in[0], in[1], std::minus<>());
  if (op == "Mul") return broadcast(in[0], in[1], std::multiplies<>());
  if (op == "RealDiv") return broadcast(in[0], in[1], std::divides<>());
  if (op == "Maximum") return broadcast(in[0], in[1], [](double a, double b) { return std::max(a, b); });
  if (op == "FusedBatchNormV3") {
    Array y = in[0];
    const auto channels = in[1].values.size();
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      const std::size_t c = i % channels;
      y.values[i] = (y.values[i] - in[3].values[c]) / std::sqrt(in[4].values[c] + node.attrs.get_float("epsilon")) *
                        in[1].values[c] +
                    in[2].values[c];
    }
    return y;
  }
  if (op == "Pad") {
    const Dims p = to_dims(in[1]);
    return pad(in[0], {p[0], p[2], p[4], p[6]}, {p[1], p[3], p[5], p[7]});
  }
  if (op == "Mean") return mean(in[0], to_dims(in[1]), node.attrs.get_bool("keep_dims"));
  if (op == "MatMul") return matmul(in[0], in[1], node.attrs.get_bool("transpose_b"));
  if (op == "Softmax") return softmax(in[0]);
  if (op == "ConcatV2") return concat({in.begin(), in.end() - 1}, static_cast<std::size_t>(in.back().values[0]));
  if (op == "Transpose") return transpose(in[0], in[1].values);
  if (op == "Reshape") return {to_dims(in[1]), in[0].values};
  if (op == "Squeeze") {
    Array y = in[0];
    std::erase(y.dims, 1);
    return y;
  }
  PostOp activation;
  if (activation_post_op(node, activation)) {
    Array y = in[0];
    for (double& v : y.values) v = activate(activation, v);
    return y;
  }
  ADD_FAILURE() << "the reference does not know " << op;
  return {};
}

Window2d layer_window(const Spatial& strides, const Spatial& dilations, const Spatial& before, const Spatial& after) {
  return {{strides[0], strides[1]}, {dilations[0], dilations[1]}, {before[0], before[1]}, {after[0], after[1]}};
}

Array run_layer(const Network& network, const Layer& layer, const std::vector<Array>& tensors) {
  const auto value = [&](int t) { return tensors[static_cast<std::size_t>(t)]; };
  const Array x = value(layer.inputs[0]);
  Array y;
  if (layer.kind == LayerKind::convolution && layer.weights.valid()) {
    const ConvGeometry g = conv_geometry(layer);
    y = convolve(x, to_array(layer.weights), layer_window(g.strides, g.dilations, g.pads_before, g.pads_after),
                 g.groups);
  } else if (layer.kind == LayerKind::deconvolution) {
    const ConvGeometry g = conv_geometry(layer);
    y = deconvolve(x, to_array(layer.weights), layer_window(g.strides, g.dilations, g.pads_before, g.pads_after),
                   tensor_at(network, layer.outputs[0]).shape.dims());
  } else if (layer.kind == LayerKind::matmul && layer.weights.valid()) {
    y = matmul(x, to_array(layer.weights), layer.attrs.get_bool("transpose_b"));
  } else if (layer.kind == LayerKind::pooling) {
    const PoolGeometry g = pool_geometry(layer);
    y = pool(x, g.max, g.ksize, layer_window(g.strides, {1, 1}, g.pads_before, g.pads_after), g.count_padding);
  } else if (layer.attrs.get_string("op") == "ScaleShift") {
    y = x;
    const std::int64_t channels = x.dims.back();
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      const auto of = [&](const Tensor& t, double otherwise) {
        return t.valid() ? number_at(t, t.elements() == 1 ? 0 : static_cast<std::int64_t>(i) % channels) : otherwise;
      };
      y.values[i] = y.values[i] * of(layer.weights, 1) + of(layer.bias, 0);
    }
  } else if (layer.kind == LayerKind::elementwise && layer.inputs.size() == 2 && layer.native_node == kNoNode) {
    const std::string op = layer.attrs.get_string("op");
    Node node;
    node.op = op;
    y = run_node(node, {x, value(layer.inputs[1])});
  } else {
    std::vector<Array> in;
    for (const int t : layer.native_inputs) in.push_back(value(t));
    y = run_node(node_of(network, layer), in);
  }
  const bool has_bias = layer.bias.valid() && layer.attrs.get_string("op") != "ScaleShift";
  if (has_bias) y = broadcast(y, to_array(layer.bias), std::plus<>());
  for (const PostOp& op : layer.post_ops) {
    if (op.kind == PostOp::Kind::add_tensor)
      y = broadcast(y, value(op.tensor), std::plus<>());
    else
      for (double& v : y.values) v = activate(op, v);
  }
  return y;
}

}  // namespace

Array to_array(const Tensor& t) {
  Array a{t.shape().dims(), {}};
  for (std::int64_t i = 0; i < t.elements(); ++i) a.values.push_back(number_at(t, i));
  return a;
}

std::map<std::string, Array> run_body(const Graph& body, const std::vector<Array>& arguments) {
  std::map<std::string, Array> values;
  const auto order = body.topological_order();
  if (!order.ok()) return values;
  for (const NodeId id : *order) {
    const Node& node = body[id];
    if (node.op == "_Arg") {
      values[node.name + ":0"] = arguments[static_cast<std::size_t>(node.attrs.get_int("index"))];
    } else if (node.op == "Const") {
      const auto value = node.attrs.get_constant("value")->materialise();
      values[node.name + ":0"] = to_array(*value);
    } else {
      std::vector<Array> in;
      for (const Input& i : node.data()) in.push_back(values[body.tensor_name({i.node, i.port})]);
      values[node.name + ":0"] = node.op == "_Retval" ? in[0] : run_node(node, in);
    }
  }
  return values;
}

std::vector<Array> run_network(const Network& network, const std::vector<Array>& arguments) {
  std::vector<Array> values(network.tensors.size());
  for (std::size_t i = 0; i < network.inputs.size(); ++i)
    values[static_cast<std::size_t>(network.inputs[i])] = arguments[i];
  const auto fill_views = [&] {
    for (std::size_t t = 0; t < values.size(); ++t) {
      const NetworkTensor& tensor = network.tensors[t];
      if (tensor.constant.valid() && values[t].values.empty()) values[t] = to_array(tensor.constant);
      if (tensor.view_of >= 0)
        values[t] = {tensor.shape.dims(), values[static_cast<std::size_t>(tensor.view_of)].values};
    }
  };
  fill_views();
  for (const Layer& layer : network.layers) {
    values[static_cast<std::size_t>(layer.outputs[0])] = run_layer(network, layer, values);
    fill_views();
  }
  std::vector<Array> out;
  for (const int t : network.outputs) out.push_back(values[static_cast<std::size_t>(t)]);
  return out;
}

double error_of(const Array& a, const Array& b) {
  if (a.dims != b.dims || a.values.size() != b.values.size()) return std::numeric_limits<double>::infinity();
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    worst = std::max(worst, std::abs(a.values[i] - b.values[i]));
    if (std::isnan(a.values[i]) != std::isnan(b.values[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(b.values[i]));
  }
  return largest > 0 ? worst / largest : worst;
}

}  // namespace isotherm::test
