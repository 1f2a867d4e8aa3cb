#include "core/workbench/node_evaluator.h"

#include "core/cpu/cpu_device.h"
#include "core/engine/evaluate.h"
#include "core/runtime/executor_ops.h"
#include "core/runtime/session_state.h"

namespace isotherm {
namespace {

/// The graph of the node alone: its inputs are Placeholders, for control inputs there is nothing to wait for.
Result<std::shared_ptr<const Graph>> graph_of(const NodeRecord& node, std::span<const Tensor> inputs) {
  Graph::Parts parts;
  NodeRecord only = node;
  only.inputs.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    NodeRecord input{"input_" + std::to_string(i), "Placeholder", {}, {}, {}, {}};
    while (input.name == node.name) input.name += "_";
    input.attrs.set("dtype", TypeValue(inputs[i].dtype()));
    input.attrs.set("shape", inputs[i].shape());
    only.inputs.push_back(input.name);
    parts.nodes.push_back(std::move(input));
  }
  parts.nodes.push_back(std::move(only));
  return Graph::build(std::move(parts));
}

class CpuNodeEvaluator final : public NodeEvaluator {
 public:
  [[nodiscard]] Result<std::vector<Tensor>> evaluate(const NodeRecord& node,
                                                     std::span<const Tensor> inputs) const override {
    switch (executor_op(node.op)) {
      case ExecutorOp::kernel:
        return run_kernel(node, inputs);
      case ExecutorOp::forward:
        return std::vector<Tensor>(inputs.begin(), inputs.end());
      case ExecutorOp::switch_: {
        if (inputs.size() != 2 || inputs[1].dtype() != DType::boolean || inputs[1].elements() != 1)
          return invalid_input("node '" + node.name + "' (" + node.op + ") has no boolean to decide by");
        std::vector<Tensor> outputs(2);
        outputs[integer_at(inputs[1], 0) != 0 ? 1 : 0] = inputs[0];
        return outputs;
      }
      default:
        return unsupported("node '" + node.name + "': " + node.op + " is not computed ahead of a run");
    }
  }

 private:
  Result<std::vector<Tensor>> run_kernel(const NodeRecord& record, std::span<const Tensor> inputs) const {
    ISO_ASSIGN(const auto graph, graph_of(record, inputs));
    const NodeId id = graph->size() - 1;
    const Node& node = (*graph)[id];
    ISO_ASSIGN(const Signature signature, signature_of(node));
    ISO_ASSIGN(const GraphShapes shapes, infer_shapes(*graph));
    std::vector<TensorInfo> input_infos;
    for (const Tensor& input : inputs)
      input_infos.push_back({input.dtype(), false, input.shape(), std::make_shared<const Constant>(input)});
    const auto outputs = shapes.outputs(id);
    SessionState state;
    const KernelRequest request{*graph, id, node, signature, input_infos, outputs, inputs, &state, 1};
    ISO_ASSIGN(const auto kernel, device_->make_kernel(request));
    ISO_ASSIGN(const auto stream, device_->make_stream());
    LayerContext context(*device_, *stream, state, 1, inputs, outputs.size());
    Status status = kernel->run(context);
    if (status.ok()) status = stream->synchronise();
    if (!status.ok()) return status.error().at("node '" + record.name + "' (" + record.op + ")");
    for (const Tensor& value : context.outputs())
      if (!value.valid()) return internal_error("node '" + record.name + "' (" + record.op + ") left an output unset");
    return std::move(context.outputs());
  }

  std::shared_ptr<Device> device_ = make_cpu_device(1);
};

}  // namespace

std::shared_ptr<const NodeEvaluator> make_cpu_node_evaluator() { return std::make_shared<const CpuNodeEvaluator>(); }

}  // namespace isotherm
