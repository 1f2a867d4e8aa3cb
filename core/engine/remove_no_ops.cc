#include "core/engine/remove_no_ops.h"

#include <algorithm>

#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

bool all_equal(const Tensor& t, double value) {
  if (!t.valid() || !t.on_host() || t.elements() == 0 || !(is_floating(t.dtype()) || is_integer(t.dtype())))
    return false;
  for (std::int64_t i = 0; i < t.elements(); ++i)
    if (number_at(t, i) != value) return false;
  return true;
}

bool same_static_shape(const NetworkTensor& a, const NetworkTensor& b) {
  return a.shape.is_static() && a.shape == b.shape;
}

/// The input that the layer's only output equals, -1 if none.
int passed_input(const Network& network, const Layer& layer) {
  if (!is_single_node(layer) || layer.outputs.size() != 1 || layer.inputs.empty()) return -1;
  const std::string& op = node_of(network, layer).op;
  const NetworkTensor& in = tensor_at(network, layer.inputs[0]);
  const NetworkTensor& out = tensor_at(network, layer.outputs[0]);
  const auto constant = [&](std::size_t i) -> const Tensor& { return tensor_at(network, layer.inputs[i]).constant; };

  if (op == "Identity" || op == "StopGradient" || op == "Snapshot" || op == "PreventGradient") return layer.inputs[0];
  if (in.dtype != out.dtype) return -1;
  if (op == "Cast") return layer.inputs[0];
  if (!same_static_shape(in, out) &&
      !(layer.inputs.size() == 2 && same_static_shape(tensor_at(network, layer.inputs[1]), out)))
    return -1;
  if (op == "Reshape" || op == "Squeeze" || op == "ExpandDims") return in.shape == out.shape ? layer.inputs[0] : -1;
  if (layer.inputs.size() < 2) return -1;
  if (op == "Transpose") {
    const Tensor& perm = constant(1);
    if (!perm.valid() || in.shape != out.shape) return -1;
    for (std::int64_t i = 0; i < perm.elements(); ++i)
      if (integer_at(perm, i) != i) return -1;
    return layer.inputs[0];
  }
  if (op == "Pad" || op == "PadV2" || op == "MirrorPad")
    return in.shape == out.shape && all_equal(constant(1), 0) ? layer.inputs[0] : -1;
  if (op == "Mul") {
    if (in.shape == out.shape && all_equal(constant(1), 1)) return layer.inputs[0];
    return same_static_shape(tensor_at(network, layer.inputs[1]), out) && all_equal(constant(0), 1) ? layer.inputs[1]
                                                                                                    : -1;
  }
  if (op == "Add" || op == "AddV2") {
    if (in.shape == out.shape && all_equal(constant(1), 0)) return layer.inputs[0];
    return same_static_shape(tensor_at(network, layer.inputs[1]), out) && all_equal(constant(0), 0) ? layer.inputs[1]
                                                                                                    : -1;
  }
  if (op == "Sub" || op == "BiasAdd") return in.shape == out.shape && all_equal(constant(1), 0) ? layer.inputs[0] : -1;
  if (op == "RealDiv" || op == "Div") return in.shape == out.shape && all_equal(constant(1), 1) ? layer.inputs[0] : -1;
  return -1;
}

}  // namespace

Network remove_no_ops(Network network) {
  std::size_t left = network.layers.size();
  for (Layer& layer : network.layers) {
    if (left == 1) break;
    const int passed = passed_input(network, layer);
    if (passed < 0) continue;
    for (const int t : layer.inputs)
      if (t != passed) take_folded(network, layer, t);
    const int out = layer.outputs[0];
    add_sources(tensor_at(network, passed).folded, layer.sources);
    layer.outputs.clear();
    layer.inputs.clear();
    replace_tensor(network, out, passed);
    --left;
  }
  drop_empty_layers(network);
  return network;
}

Network remove_dead_layers(Network network) {
  std::vector<bool> read(network.tensors.size(), false);
  const auto mark = [&](int t) {
    for (; t >= 0; t = tensor_at(network, t).view_of) read[static_cast<std::size_t>(t)] = true;
  };
  for (const int t : network.outputs) mark(t);
  for (auto layer = network.layers.rbegin(); layer != network.layers.rend(); ++layer) {
    const auto is_read = [&](int t) { return read[static_cast<std::size_t>(t)]; };
    if (std::any_of(layer->outputs.begin(), layer->outputs.end(), is_read)) {
      for (const int t : layer->inputs) mark(t);
      continue;
    }
    for (const int t : layer->outputs) take_folded(network, *layer, t);
    for (const int t : layer->inputs)
      if (tensor_at(network, t).constant.valid()) take_folded(network, *layer, t);
    if (!layer->inputs.empty()) add_sources(tensor_at(network, layer->inputs[0]).folded, layer->sources);
    layer->outputs.clear();
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
