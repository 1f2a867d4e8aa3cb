#include "core/runtime/invoke.h"

namespace isotherm {
namespace {

// Points the context at the inputs. On a device with its own memory this queues the copies that are missing.
Status bind_inputs(NodeContext& context, Run& run, const PreparedKernel& prepared, const Node& node, NodeId id,
                   std::span<const NodeInput> inputs) {
  bool must_wait = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Cell& cell = *inputs[i].cell;
    const Tensor* value = &cell.value;
    if (!run.host_device && prepared.kernel->reads_input(static_cast<int>(i))) {
      ISO_ASSIGN(value, run.value_on(cell, prepared.host_input[i] != 0, &must_wait, id, node.name));
    }
    context.set_input(static_cast<int>(i), value, inputs[i].last_reader ? &cell : nullptr);
  }
  if (must_wait) ISO_TRY(run.synchronise());
  return {};
}

}  // namespace

Status invoke(NodeContext& context, Run& run, PreparedKernel& prepared, const Node& node, const ScopeInfo& scope,
              std::span<const NodeInput> inputs, std::span<Cell> outputs, const std::uint8_t* used) {
  context.begin(run, static_cast<int>(inputs.size()), outputs.data(), static_cast<int>(outputs.size()));
  NodeWatch watch(run);
  Status status;
  {
    const Scope open(run.observer, scope, &run.stream);
    status = bind_inputs(context, run, prepared, node, static_cast<NodeId>(scope.id), inputs);
    if (status.ok()) status = prepared.kernel->run(context);
  }
  if (run.statistics) ++run.statistics->nodes_run;
  if (!status.ok()) return at_node(status.error(), node);
  if (context.bad_port() >= 0)
    return internal_error(describe_node(node) + ": the kernel set output " + std::to_string(context.bad_port()) +
                          " of " + std::to_string(outputs.size()));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if ((!used || used[i]) && !outputs[i].value.valid())
      return internal_error(describe_node(node) + ": the kernel left output " + std::to_string(i) + " without a value");
  return watch.node_ran(scope, outputs, &context);
}

Error unfed_placeholder(const GraphProgram& program, NodeId id) {
  const Node& node = program.graph()[id];
  const TensorInfo& info = program.shapes().info({id, 0});
  return invalid_input("placeholder '" + node.name + "' (" + std::string(dtype_name(info.dtype)) + ", " +
                       info.shape.to_string() + ") is needed for what was asked for, but was not fed");
}

}  // namespace isotherm
