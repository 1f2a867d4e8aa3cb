#include "core/engine/fold_residuals.h"

#include <algorithm>
#include <utility>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

/// Input of the addition (0 or 1) whose producer can add the other one, -1 if none.
int foldable_input(const Network& network, const NetworkIndex& index, int addition) {
  const Layer& add = layer_at(network, addition);
  if (add.kind != LayerKind::elementwise || add.attrs.get_string("op") != "Add" || add.inputs.size() != 2) return -1;
  const NetworkTensor& out = tensor_at(network, add.outputs[0]);
  int best = -1, best_producer = -1;
  for (int i = 0; i < 2; ++i) {
    const int mine = add.inputs[static_cast<std::size_t>(i)], other = add.inputs[static_cast<std::size_t>(1 - i)];
    if (mine == other || tensor_at(network, other).constant.valid()) continue;
    if (tensor_at(network, mine).shape != out.shape || tensor_at(network, other).shape != out.shape ||
        !out.shape.is_static())
      continue;
    if (out.dtype != DType::float32 || tensor_at(network, other).dtype != DType::float32) continue;
    const int p = index.producer(mine);
    if (p < 0 || index.sole_reader(mine) != addition || p < best_producer) continue;
    const Layer& layer = layer_at(network, p);
    if ((layer.kind != LayerKind::convolution && layer.kind != LayerKind::deconvolution &&
         layer.kind != LayerKind::matmul) ||
        !layer.weights.valid())
      continue;
    const auto adds = [](const PostOp& op) { return op.kind == PostOp::Kind::add_tensor; };
    if (layer.post_ops.size() >= 3 || std::any_of(layer.post_ops.begin(), layer.post_ops.end(), adds)) continue;
    best = i;
    best_producer = p;
  }
  return best;
}

}  // namespace

Network fold_residuals(Network network) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const int addition = static_cast<int>(l);
    if (layer_at(network, addition).outputs.empty()) continue;
    const NetworkIndex index(network);
    const int i = foldable_input(network, index, addition);
    if (i < 0) continue;
    const int other = layer_at(network, addition).inputs[static_cast<std::size_t>(1 - i)];
    const int producer = index.producer(layer_at(network, addition).inputs[static_cast<std::size_t>(i)]);
    std::vector<PostOp> tail = layer_at(network, addition).post_ops;
    merge_into_producer(network, producer, addition);
    Layer& layer = layer_at(network, producer);
    PostOp post_op;
    post_op.kind = PostOp::Kind::add_tensor;
    post_op.tensor = other;
    layer.post_ops.push_back(std::move(post_op));
    layer.post_ops.insert(layer.post_ops.end(), tail.begin(), tail.end());
    layer.inputs.push_back(other);
    // Between its old place and the addition's only the addition read its result.
    std::swap(layer, layer_at(network, addition));
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
