#include "core/ops/shape_inference.h"

#include "core/ops/fed_shapes.h"
#include "core/ops/shapes/propagation.h"
#include "core/ops/signature.h"

namespace isotherm {
namespace {

const TensorInfo& unknown_tensor() {
  static const TensorInfo unknown;
  return unknown;
}

/// Completes a shape function's sentence: the node before it, the inputs it saw after it.
Error located(const Graph& graph, shapes::Propagation& propagation, NodeId id, const Error& error) {
  const Node& node = graph[id];
  Error out = error.at(describe_node(node.name, node.op));
  for (std::size_t i = 0; i < node.data().size(); ++i) {
    const Input& in = node.data()[i];
    const Shape shape =
        in.port < propagation.outputs(in.node) ? propagation.shape(in.node, in.port) : Shape::unknown_rank();
    out.message += (i ? ", input " : "; input ") + std::to_string(i) + " '" + graph.tensor_name({in.node, in.port}) +
                   "' is " + shape.to_tf_string();
    if (i == 7 && node.data().size() > 9) {
      out.message += ", and " + std::to_string(node.data().size() - 8) + " more";
      break;
    }
  }
  return out;
}

}  // namespace

std::span<const TensorInfo> GraphShapes::outputs(NodeId node) const {
  if (node < 0 || static_cast<std::size_t>(node) + 1 >= begin_.size()) return {};
  const auto first = static_cast<std::size_t>(begin_[static_cast<std::size_t>(node)]);
  const auto last = static_cast<std::size_t>(begin_[static_cast<std::size_t>(node) + 1]);
  return std::span(tensors_).subspan(first, last - first);
}

const TensorInfo& GraphShapes::info(const TensorRef& tensor) const {
  const auto all = outputs(tensor.node);
  if (tensor.port < 0 || static_cast<std::size_t>(tensor.port) >= all.size()) return unknown_tensor();
  return all[static_cast<std::size_t>(tensor.port)];
}

bool GraphShapes::has_shape_function(NodeId node) const {
  return node >= 0 && static_cast<std::size_t>(node) < known_.size() && known_[static_cast<std::size_t>(node)];
}

/// Fills GraphShapes from a finished propagation.
class ShapeInference {
 public:
  static GraphShapes collect(const Graph& graph, shapes::Propagation& propagation) {
    GraphShapes out;
    out.begin_.reserve(static_cast<std::size_t>(graph.size()) + 1);
    for (NodeId id = 0; id < graph.size(); ++id) {
      out.begin_.push_back(static_cast<std::int32_t>(out.tensors_.size()));
      out.known_.push_back(propagation.inferred(id));
      for (int port = 0; port < propagation.outputs(id); ++port) {
        const TypeValue type = propagation.type(id, port);
        out.tensors_.push_back({type.dtype, type.is_ref, propagation.shape(id, port), propagation.value(id, port)});
      }
    }
    out.begin_.push_back(static_cast<std::int32_t>(out.tensors_.size()));
    out.symbol_count_ = propagation.symbol_count();
    return out;
  }
};

Result<GraphShapes> infer_shapes(const Graph& graph, const ShapeOptions& options) {
  shapes::CallState calls;
  calls.functions = &graph.functions();
  shapes::Propagation propagation(graph, calls, nullptr);
  for (const auto& [name, shape] : options.overrides) {
    ISO_ASSIGN(const TensorRef tensor, graph.find_tensor(name));
    if (tensor.port != 0) return invalid_input("a shape is given for tensor '" + name + "', expected port 0 of a node");
    propagation.override_shape(tensor.node, shape);
  }
  ISO_TRY(propagation.run());
  if (!propagation.contradictions().empty()) {
    const auto& [node, error] = *propagation.contradictions().begin();
    return located(graph, propagation, node, error);
  }
  return ShapeInference::collect(graph, propagation);
}

Result<GraphShapes> infer_fed_shapes(const Graph& graph, std::span<const NodeId> feeds) {
  shapes::CallState calls;
  calls.functions = &graph.functions();
  shapes::Propagation propagation(graph, calls, nullptr);
  for (const NodeId feed : feeds) propagation.feed(feed);
  ISO_TRY(propagation.run());
  return ShapeInference::collect(graph, propagation);
}

}  // namespace isotherm
