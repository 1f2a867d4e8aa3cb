#include "core/engine/fold_activations.h"

#include <algorithm>
#include <array>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

constexpr std::size_t kMostPostOps = 4;

bool is_float_static(const NetworkTensor& t) { return t.dtype == DType::float32 && t.shape.is_static(); }

bool is_activation(const Network& network, const Layer& layer, PostOp& post_op) {
  return layer.kind == LayerKind::elementwise && is_single_node(layer) && layer.inputs.size() == 1 &&
         is_float_static(tensor_at(network, layer.outputs[0])) && activation_post_op(node_of(network, layer), post_op);
}

}  // namespace

bool takes_post_ops(const Network& network, const Layer& layer) {
  if (layer.outputs.size() != 1 || !is_float_static(tensor_at(network, layer.outputs[0]))) return false;
  switch (layer.kind) {
    case LayerKind::convolution:
    case LayerKind::deconvolution:
    case LayerKind::matmul:
      return layer.weights.valid();
    case LayerKind::elementwise: {
      constexpr std::array<std::string_view, 6> binary = {"Add", "Sub", "Mul", "RealDiv", "Maximum", "Minimum"};
      const std::string op = layer.attrs.get_string("op");
      if (op == "ScaleShift") return true;
      if (layer.inputs.size() < 2 || std::find(binary.begin(), binary.end(), op) == binary.end()) return false;
      const Shape& out = tensor_at(network, layer.outputs[0]).shape;
      return tensor_at(network, layer.inputs[0]).shape == out && is_float_static(tensor_at(network, layer.inputs[0])) &&
             is_float_static(tensor_at(network, layer.inputs[1]));
    }
    default:
      return false;
  }
}

Network fold_activations(Network network) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const int start = static_cast<int>(l);
    while (takes_post_ops(network, layer_at(network, start)) &&
           layer_at(network, start).post_ops.size() < kMostPostOps) {
      const NetworkIndex index(network);
      const int next = index.sole_reader(layer_at(network, start).outputs[0]);
      PostOp post_op;
      if (next < 0 || !is_activation(network, layer_at(network, next), post_op)) break;
      merge_into_producer(network, start, next);
      layer_at(network, start).post_ops.push_back(std::move(post_op));
    }
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
