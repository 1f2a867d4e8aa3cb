// An engine's network: the layers that its native segment becomes, before any device has a say.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/tensor.h"
#include "core/ops/engine_conditions.h"

namespace isotherm {

class Device;

enum class LayerKind {
  convolution,  ///< also depthwise and grouped: ConvGeometry
  deconvolution,
  matmul,
  pooling,
  elementwise,  ///< one pointwise op on one or two tensors, broadcast, and its post-ops
  reduce,
  softmax,
  shuffle,  ///< reshape, transpose, squeeze: data moves, values do not change
  concat,
  slice,
  pad,
  gather,
  resize,
  native,  ///< an op no layer covers: run by the device's kernel of that op
};
std::string_view layer_kind_name(LayerKind kind);

/// Pointwise tail of a layer, applied in order to its result.
struct PostOp {
  enum class Kind { relu, relu6, sigmoid, tanh, elu, leaky_relu, add_tensor, unary, binary_constant } kind = Kind::relu;
  float alpha = 0;  ///< leaky_relu, elu
  int tensor = -1;  ///< add_tensor: index in the network's tensors, same shape as the layer's result
  std::string op;   ///< unary, binary_constant: the TensorFlow op
  Tensor constant;  ///< binary_constant
};

/// A tensor inside the network. Activations are row-major in TensorFlow's layout (NHWC for images) as far as the
/// network is concerned; a plan may hold them otherwise inside.
struct NetworkTensor {
  std::string name;  ///< "node:port" in the source graph
  DType dtype = DType::float32;
  Shape shape;      ///< unknown dimensions allowed: a plan is built for actual shapes
  Tensor constant;  ///< valid for a constant
  /// >= 0: no layer makes this tensor, it is that tensor's elements in row-major order under another shape.
  int view_of = -1;
  /// Nodes that were folded away into this tensor (constant sub-graphs, no-ops, reshapes) and that no layer lists yet.
  /// Empty in a finished network: a neighbouring layer has them.
  std::vector<std::string> folded;
};

struct Layer {
  LayerKind kind = LayerKind::native;
  std::string name;                  ///< its main source node's
  std::vector<std::string> sources;  ///< all nodes of the source graph that it computes, in topological order
  std::vector<int> inputs;           ///< indices in Network::tensors, those of add_tensor post-ops last
  std::vector<int> outputs;
  AttrMap attrs;  ///< strides, dilations, pads (explicit, from folded Pad and SAME), ..: see layers.h
  std::vector<PostOp> post_ops;
  Tensor weights;  ///< convolution, matmul: folded with batch norm
  Tensor bias;     ///< one value per output channel; invalid: none
  /// Node in `Network::segment` that computes this layer alone, as long as nothing was folded into it: a device
  /// without a better way may run that node's kernel on `native_inputs`. kNoNode once the layer is more than the node.
  NodeId native_node = kNoNode;
  std::vector<int> native_inputs;  ///< what that node reads, constants included
};

struct Network {
  std::string name;                      ///< the engine's
  std::shared_ptr<const Graph> segment;  ///< the body; arguments are Placeholders of the shapes in force, no _Retval
  std::vector<NetworkTensor> tensors;
  std::vector<int> inputs;  ///< by engine port
  std::vector<int> outputs;
  std::vector<Layer> layers;       ///< in execution order
  std::vector<std::string> notes;  ///< one per pass: name, layers before and after
};

struct NetworkOptions {
  /// A host device whose kernels evaluate constant sub-graphs. Null: only what needs no kernel is folded.
  Device* evaluator = nullptr;
  /// By engine port: the value of a resource argument, which becomes a weight wherever the body reads the variable.
  std::vector<Tensor> weights;
  /// False: one layer per node (less constants), nothing fused. For comparisons.
  bool fuse = true;
};

/// Native segment to layers, then the passes of passes.h. `input_shapes` are actual or partly known, one per engine
/// port. Union of the layers' sources: every node of the body that is no Const, argument or result. Errors: no native
/// segment, a body that cannot be read, shapes that contradict each other.
Result<Network> build_network(const Graph& graph, const Node& engine_node, const std::vector<Shape>& input_shapes,
                              const NetworkOptions& options = {});
/// The same of a body that is already a graph with _Arg and _Retval nodes.
Result<Network> build_network(const Graph& body, std::string_view name, const std::vector<Shape>& input_shapes,
                              const NetworkOptions& options = {});

/// One line per layer, for logs and tests: "convolution conv1 (Conv2D BiasAdd Relu): x:0 -> y:0 +relu".
std::string describe(const Network& network);

}  // namespace isotherm
