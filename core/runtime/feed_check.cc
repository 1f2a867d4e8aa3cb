#include "core/runtime/feed_check.h"

namespace isotherm {
namespace {

bool fits(const Shape& shape, const Shape& partial) {
  if (!partial.has_rank()) return true;
  if (partial.rank() != shape.rank()) return false;
  for (int i = 0; i < shape.rank(); ++i)
    if (partial[i] >= 0 && partial[i] != shape[i]) return false;
  return true;
}

bool is_placeholder(const Node& node) {
  return executor_op(node.op) == ExecutorOp::placeholder || node.op == "PlaceholderWithDefault";
}

}  // namespace

Result<TensorRef> resolve_feed(GraphProgram& program, const std::string& name) {
  auto found = program.graph().find_tensor(name);
  if (!found.ok()) return found.error().at("feed '" + name + "'");
  const int outputs = program.output_count(found->node);
  if (found->port == kControlPort || found->port >= outputs)
    return invalid_input("feed '" + name + "': " + describe_node(program.graph()[found->node]) +
                         " has no such output; it has " + std::to_string(outputs));
  return found;
}

Result<TensorRef> resolve_fetch(GraphProgram& program, const std::string& name) {
  auto found = program.graph().find_tensor(name);
  if (!found.ok()) return found.error().at("fetch '" + name + "'");
  if (found->port == kControlPort) return found;
  const int outputs = program.output_count(found->node);
  if (outputs == 0 && found->port == 0 && !name.ends_with(":0")) return TensorRef{found->node, kControlPort};
  // What an unknown op puts out is not known; the run says what is wrong with it.
  if (found->port >= outputs && (outputs > 0 || find_op(program.graph()[found->node].op)))
    return invalid_input("fetch '" + name + "': " + describe_node(program.graph()[found->node]) +
                         " has no such output; it has " + std::to_string(outputs));
  return found;
}

Result<bool> check_feed(const GraphProgram& program, const TensorRef& tensor, const Tensor& value) {
  const Graph& graph = program.graph();
  const Node& node = graph[tensor.node];
  const TensorInfo& info = program.shapes().info(tensor);
  const std::string where = "feed '" + graph.tensor_name(tensor) + "'";
  if (!value.valid() || !value.shape().is_static()) return invalid_input(where + " has no value");
  if (info.dtype != DType::invalid && info.dtype != value.dtype())
    return invalid_input(where + " is " + std::string(dtype_name(value.dtype())) + ", expected " +
                         std::string(dtype_name(info.dtype)));
  const bool inferred = fits(value.shape(), info.shape);
  const Shape* stated = is_placeholder(node) ? node.attrs.get_shape("shape") : nullptr;
  if (!stated) {
    if (inferred) return true;
    return invalid_input(where + " has shape " + value.shape().to_string() + ", expected " + info.shape.to_string());
  }
  // Old graphs write an unknown shape as a scalar's.
  constexpr int kScalarShapesMeanScalars = 24;
  const bool unknown = stated->rank() == 0 && graph.versions().producer < kScalarShapesMeanScalars;
  if (unknown || fits(value.shape(), *stated)) return inferred;
  return invalid_input(where + " has shape " + value.shape().to_string() + ", expected " + stated->to_string());
}

}  // namespace isotherm
