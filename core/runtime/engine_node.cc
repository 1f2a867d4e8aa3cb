#include "core/runtime/engine_node.h"

#include "core/runtime/node_context.h"
#include "core/runtime/session_state.h"

namespace isotherm {
namespace {

// What a resource input stands for: the variable's value, if it has one.
const Shape& shape_of(const Tensor& input) {
  if (input.dtype() == DType::resource && input.elements() == 1)
    if (const auto* variable = dynamic_cast<const Variable*>(input.object_values()[0].get());
        variable && variable->value.valid())
      return variable->value.shape();
  return input.shape();
}

bool fits(const Shape& shape, const Shape& partial) {
  if (!partial.has_rank()) return true;
  if (partial.rank() != shape.rank()) return false;
  for (int i = 0; i < shape.rank(); ++i)
    if (partial[i] >= 0 && partial[i] != shape[i]) return false;
  return true;
}

}  // namespace

std::optional<std::string> engine_shape_refusal(const Graph& graph, const Node& node, std::span<const Shape> shapes) {
  const auto name = [&](std::size_t i) {
    std::string text = "input " + std::to_string(i);
    if (i < node.data().size()) text += " ('" + graph.tensor_name({node.inputs[i].node, node.inputs[i].port}) + "')";
    return text;
  };
  if (shapes.empty()) return "the engine has no inputs";
  const bool implicit = node.attrs.get_bool("_use_implicit_batch", true);
  const AttrList* list = node.attrs.get_list("input_shapes");
  if (!list || list->shape.empty()) {
    if (!implicit) return "attribute 'input_shapes' is missing, which explicit batch mode needs";
  } else {
    if (list->shape.size() != shapes.size())
      return "found " + std::to_string(shapes.size()) + " inputs, attribute 'input_shapes' has " +
             std::to_string(list->shape.size());
    for (std::size_t i = 0; i < shapes.size(); ++i)
      if (!fits(shapes[i], list->shape[i]))
        return name(i) + " has shape " + shapes[i].to_tf_string() + ", expected " + list->shape[i].to_tf_string() +
               " as converted";
  }
  if (!implicit) return {};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].rank() < 1)
      return name(i) + " is a scalar; implicit batch mode needs a batch dimension in every input";
    if (shapes[i][0] < 1) return name(i) + " has an empty batch";
    if (shapes[i][0] != shapes[0][0])
      return "in implicit batch mode all inputs share their first dimension, but " + name(i) + " has " +
             std::to_string(shapes[i][0]) + " where " + name(0) + " has " + std::to_string(shapes[0][0]);
  }
  return {};
}

Status EngineNode::run_engine(KernelContext& context, bool& asked) {
  auto& node_context = static_cast<NodeContext&>(context);
  if (!node_context.run().use_engines) return unsupported("engines are switched off");
  shapes_.clear();
  for (int i = 0; i < context.input_count(); ++i) shapes_.push_back(shape_of(context.input(i)));
  if (const auto refusal = engine_shape_refusal(graph_, node_, shapes_)) return invalid_input(*refusal);
  asked = true;
  if (!runner_ && !no_runner_) {
    if (!context_.engine_runner) {
      no_runner_ = unsupported("this session has no way to run engines");
    } else {
      auto made = context_.engine_runner({graph_, id_, node_, context_.device, context_.state, context_.threads});
      if (made.ok())
        runner_ = std::move(*made);
      else
        no_runner_ = made.error();
    }
  }
  if (!runner_) return no_runner_ ? *no_runner_ : internal_error("no engine was made");
  inputs_.clear();
  for (int i = 0; i < context.input_count(); ++i) inputs_.push_back(context.input(i));
  outputs_.assign(static_cast<std::size_t>(node_context.output_count()), Tensor());
  ISO_TRY(runner_->run(context, inputs_, outputs_));
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (!outputs_[i].valid()) return internal_error("the engine left output " + std::to_string(i) + " without a value");
    context.set_output(static_cast<int>(i), std::move(outputs_[i]));
  }
  return {};
}

Status EngineNode::run_native(KernelContext& context, const std::string& reason) {
  auto& node_context = static_cast<NodeContext&>(context);
  Run& run = node_context.run();
  const FunctionRef* segment = node_.attrs.get_func("segment_func");
  if (!segment || segment->name.empty())
    return unsupported("the engine did not run (" + reason +
                       ") and the node has no native segment (attribute 'segment_func' is empty)");
  if (run.statistics) run.statistics->fallbacks.push_back({node_.name, reason});
  if (run.observer) run.observer->fallback(id_, reason);
  if (!native_) native_ = std::make_unique<Callee>(*segment, context_);
  std::vector<Tensor> arguments, results;
  for (int i = 0; i < context.input_count(); ++i) arguments.push_back(node_context.claim(i));
  ISO_TRY(native_->run(run, arguments, results));
  if (static_cast<int>(results.size()) != node_context.output_count())
    return invalid_input("native segment '" + segment->name + "' has " + std::to_string(results.size()) +
                         " results, the node " + std::to_string(node_context.output_count()) + " outputs");
  for (std::size_t i = 0; i < results.size(); ++i) context.set_output(static_cast<int>(i), std::move(results[i]));
  return {};
}

Status EngineNode::run(KernelContext& context) {
  bool asked = false;
  Status status = run_engine(context, asked);
  inputs_.clear();
  outputs_.clear();
  if (status.ok() || status.error().code == ErrorCode::cancelled) return status;
  if (asked && !static_cast<NodeContext&>(context).run().allow_native_segments)
    return Error{status.error().code, "the engine did not run (" + status.error().message +
                                          "), and its native segment may not run in its place"};
  return run_native(context, status.error().message);
}

}  // namespace isotherm
