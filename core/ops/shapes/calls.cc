// Function calls: shapes and values go in as arguments, the body is propagated by itself, its results come out. Symbols
// do not pass in or out, as in TensorFlow.
#include "core/ops/op_def.h"
#include "core/ops/shapes/propagation.h"

namespace isotherm::shapes {
namespace {

constexpr int kMaxCallDepth = 32;

}  // namespace

Shape Propagation::raw_shape(ShapeHandle s) const {
  const int rank = arena_.rank(s);
  if (rank < 0) return Shape::unknown_rank();
  std::vector<std::int64_t> dims;
  for (int i = 0; i < rank; ++i) dims.push_back(arena_.value(arena_.dim(s, i)));
  return Shape(std::move(dims));
}

void Propagation::infer_argument(const Node& node) {
  const std::int64_t index = node.attrs.get_int("index", -1);
  TensorState result;
  if (index >= 0 && static_cast<std::size_t>(index) < arguments_->size()) {
    const Argument& argument = (*arguments_)[static_cast<std::size_t>(index)];
    const Shape& shape = argument.value ? argument.value->shape() : argument.shape;
    if (auto made = context_.from_shape(shape); made.ok()) result.shape = *made;
    if (argument.value) {
      result.value = argument.value;
      result.as_shape = as_shape(*argument.value);
    }
    if (argument.handle_dtype) {
      auto made = context_.from_shape(argument.handle_shape);
      if (made.ok()) result.handle = HandleData{*argument.handle_dtype, *made};
    }
  }
  if (context_.outputs() > 0) context_.output_state(0) = std::move(result);
}

Status Propagation::infer_call(const Node& node) {
  const FunctionRef* ref = node.attrs.get_func("f");
  const std::string& name = ref && !calls_.functions->find(node.op) ? ref->name : node.op;
  const auto [it, added] = calls_.bodies.try_emplace(name);
  if (added) {
    if (auto body = function_body(*calls_.functions, name); body.ok()) it->second = *body;
  }
  const std::shared_ptr<const Graph> body = it->second;
  if (!body) return unsupported("function '" + name + "' cannot be instantiated");
  if (calls_.depth >= kMaxCallDepth || calls_.nodes_left < body->size()) {
    return exhausted("calls of function '" + name + "' are nested too deeply");
  }
  calls_.nodes_left -= body->size();
  std::vector<Argument> arguments(static_cast<std::size_t>(context_.inputs()));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const TensorState& in = context_.input_state(i);
    arguments[i].shape = raw_shape(in.shape);
    const Input& source_port = node.inputs[i];
    const DType dtype =
        source_port.port < outputs(source_port.node) ? type(source_port.node, source_port.port).dtype : DType::invalid;
    arguments[i].value = in.value ? in.value : constant_of(in.shape, in.as_shape, dtype);
    if (in.handle) {
      arguments[i].handle_dtype = in.handle->dtype;
      arguments[i].handle_shape = raw_shape(in.handle->shape);
    }
  }
  ++calls_.depth;
  Propagation inner(*body, calls_, &arguments);
  const Status done = inner.run();
  --calls_.depth;
  ISO_TRY(done);
  for (NodeId id = 0; id < body->size(); ++id) {
    const Node& result = (*body)[id];
    if (result.op != "_Retval" || result.data_inputs < 1) continue;
    const auto index = static_cast<int>(result.attrs.get_int("index", -1));
    const Input& from = result.inputs[0];
    if (index < 0 || index >= context_.outputs() || from.port >= inner.outputs(from.node)) continue;
    TensorState& out = context_.output_state(static_cast<std::size_t>(index));
    ISO_ASSIGN(out.shape, context_.from_shape(inner.shape(from.node, from.port)));
    out.value = inner.value(from.node, from.port);
    if (out.value) out.as_shape = as_shape(*out.value);
  }
  return {};
}

}  // namespace isotherm::shapes
