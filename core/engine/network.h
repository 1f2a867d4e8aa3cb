// An engine's network: the layers that its native segment becomes, before any device has a say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/tensor.h"
#include "core/ops/engine_conditions.h"

namespace isotherm {

enum class LayerKind {
  convolution,    ///< also depthwise and grouped; NHWC activations, HWIO filter
  deconvolution,
  matmul,
  pooling,
  elementwise,    ///< a chain of pointwise ops on one or two tensors, broadcast
  reduce,
  softmax,
  shuffle,        ///< reshape, transpose, squeeze: data moves, values do not change
  concat,
  slice,
  pad,
  gather,
  resize,
  native,         ///< an op no layer covers: run by the device's kernel of that op
};
std::string_view layer_kind_name(LayerKind kind);

/// Pointwise tail of a layer, applied in order to its result.
struct PostOp {
  enum class Kind { relu, relu6, sigmoid, tanh, elu, leaky_relu, add_tensor, unary, binary_constant } kind = Kind::relu;
  float alpha = 0;          ///< leaky_relu, elu
  int tensor = -1;          ///< add_tensor: index in the network's tensors
  std::string op;           ///< unary, binary_constant: the TensorFlow op
  Tensor constant;          ///< binary_constant
};

/// A tensor inside the network. Activations are row-major in TensorFlow's layout (NHWC for images) as far as the
/// network is concerned; a plan may hold them otherwise inside.
struct NetworkTensor {
  std::string name;         ///< "node:port" in the source graph
  DType dtype = DType::float32;
  Shape shape;              ///< unknown dimensions allowed: a plan is built for actual shapes
  Tensor constant;          ///< valid for a weight
};

struct Layer {
  LayerKind kind = LayerKind::native;
  std::string name;                     ///< its main source node's
  std::vector<std::string> sources;     ///< all nodes of the source graph that it computes, in topological order
  std::vector<int> inputs;              ///< indices in Network::tensors; weights among them are constants
  std::vector<int> outputs;
  AttrMap attrs;                        ///< strides, dilations, pads (explicit, from folded Pad and SAME), ..: see layers.h
  std::vector<PostOp> post_ops;
  Tensor weights;                       ///< convolution, matmul: folded with batch norm
  Tensor bias;                          ///< one value per output channel; invalid: none
  NodeId native_node = kNoNode;         ///< LayerKind::native: node in `Network::segment`
};

struct Network {
  std::string name;                        ///< the engine's
  std::shared_ptr<const Graph> segment;    ///< the native segment: _Arg and _Retval nodes and the body
  std::vector<NetworkTensor> tensors;
  std::vector<int> inputs;                 ///< by engine port
  std::vector<int> outputs;
  std::vector<Layer> layers;               ///< in execution order
  std::vector<std::string> notes;          ///< one per pass: name, layers before and after
};

/// Native segment to layers, then the passes of passes.h. `input_shapes` are actual or partly known.
Result<Network> build_network(const Graph& graph, const Node& engine_node, const std::vector<Shape>& input_shapes);

}  // namespace isotherm
