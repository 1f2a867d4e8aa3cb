#include "core/runtime/graph_program.h"

#include <algorithm>

#include "core/runtime/calls.h"
#include "core/runtime/dataflow.h"
#include "core/runtime/engine_node.h"
#include "core/runtime/schedule.h"

namespace isotherm {
ExecutorOp GraphProgram::op_of(NodeId node) const {
  const std::string& name = graph()[node].op;
  const ExecutorOp op = executor_op(name);
  if (op == ExecutorOp::kernel && context_.functions.library().find(name)) return ExecutorOp::call;
  return op;
}

int GraphProgram::output_count(NodeId id) {
  if (output_counts_.empty()) output_counts_.assign(static_cast<std::size_t>(graph().size()), -1);
  int& count = output_counts_[static_cast<std::size_t>(id)];
  if (count >= 0) return count;
  count = 0;
  const Node& node = graph()[id];
  if (auto signature = signature_of(node); signature.ok()) {
    count = static_cast<int>(signature->outputs.size());
  } else if (const Function* function = context_.functions.library().find(node.op)) {
    count = static_cast<int>(function->outputs.size());
    for (const OutEdge& edge : graph().out_edges(id)) count = std::max(count, edge.port + 1);
  } else {
    for (const OutEdge& edge : graph().out_edges(id)) count = std::max(count, edge.port + 1);
  }
  return count;
}

Result<int> GraphProgram::constant(NodeId id) {
  if (constant_index_.empty()) constant_index_.assign(static_cast<std::size_t>(graph().size()), -1);
  int& index = constant_index_[static_cast<std::size_t>(id)];
  if (index >= 0) return index;
  const Node& node = graph()[id];
  const Constant* constant = node.attrs.get_constant("value");
  if (!constant) return invalid_input(describe_node(node) + " has no attribute 'value' of type tensor");
  auto value = constant->materialise();
  // Kernels align what they read when they are made. A value that travels on by itself must be fit to be read anywhere.
  if (value.ok() && !only_kernels_read(id)) value = aligned_for_elements(*value);
  if (!value.ok()) return at_node(value.error(), node);
  constants_.push_back(std::make_unique<Cell>(Cell{std::move(*value), nullptr}));
  index = static_cast<int>(constants_.size()) - 1;
  return index;
}

bool GraphProgram::only_kernels_read(NodeId constant) const {
  std::vector<NodeId> passing = {constant};
  for (std::size_t i = 0; i < passing.size(); ++i) {
    for (const OutEdge& edge : graph().out_edges(passing[i])) {
      if (edge.port == kControlPort) continue;
      switch (op_of(edge.node)) {
        case ExecutorOp::kernel:
        case ExecutorOp::engine:
        case ExecutorOp::call:
        case ExecutorOp::if_:
        case ExecutorOp::case_:
        case ExecutorOp::while_:
          break;
        case ExecutorOp::forward:
          if (graph()[edge.node].data_inputs != 1 || graph()[edge.node].op == "PlaceholderWithDefault" ||
              graph().out_edges(edge.node).empty())
            return false;
          passing.push_back(edge.node);  // once: its only input is the node behind
          break;
        default:
          return false;
      }
    }
  }
  return true;
}

NodeId GraphProgram::constant_behind(TensorRef tensor, const FedTensors& fed, bool uncontrolled) const {
  // A cycle of forwarding nodes would be no valid graph; the bound keeps a broken one from hanging the search.
  for (NodeId steps = 0; steps <= graph().size(); ++steps) {
    if (fed.find(tensor.node, tensor.port) >= 0) return kNoNode;
    const Node& node = graph()[tensor.node];
    if (uncontrolled && !node.control().empty()) return kNoNode;
    const ExecutorOp op = executor_op(node.op);
    if (op == ExecutorOp::constant) return tensor.port == 0 ? tensor.node : kNoNode;
    const bool passes = (op == ExecutorOp::forward && node.op != "PlaceholderWithDefault") ||
                        (op == ExecutorOp::enter && !uncontrolled && node.attrs.get_bool("is_constant"));
    if (!passes || tensor.port < 0 || tensor.port >= node.data_inputs) return kNoNode;
    const Input& in = node.inputs[static_cast<std::size_t>(tensor.port)];
    tensor = {in.node, in.port};
  }
  return kNoNode;
}

std::vector<std::uint8_t> GraphProgram::tainted_nodes(std::span<const TensorRef> feeds, bool all) const {
  std::vector<std::uint8_t> tainted;
  std::vector<NodeId> stack;
  const auto spread = [&](NodeId from, int port) {
    for (const OutEdge& edge : graph().out_edges(from)) {
      if (edge.port == kControlPort || (port >= 0 && edge.port != port)) continue;
      std::uint8_t& mark = tainted[static_cast<std::size_t>(edge.node)];
      if (mark) continue;
      mark = 1;
      stack.push_back(edge.node);
    }
  };
  for (const TensorRef& feed : feeds) {
    if (!all && !shapes_.info(feed).value) continue;
    if (tainted.empty()) tainted.assign(static_cast<std::size_t>(graph().size()), 0);
    spread(feed.node, feed.port);
  }
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    spread(id, -1);
  }
  return tainted;
}

Kernel* GraphProgram::existing_kernel(NodeId node) const {
  const auto i = static_cast<std::size_t>(node);
  return i < kernels_.size() && kernels_[i] ? kernels_[i]->kernel.get() : nullptr;
}

Result<PreparedKernel*> GraphProgram::kernel(NodeId id, const FedTensors& fed, bool tainted,
                                             std::unique_ptr<PreparedKernel>& own) {
  const FedTensors nothing_fed(graph(), {});
  bool shared = !tainted;
  for (const Input& in : graph()[id].data()) {
    if (!shared) break;
    const TensorRef ref{in.node, in.port};
    shared = constant_behind(ref, fed, false) == constant_behind(ref, nothing_fed, false);
  }
  if (!shared) {
    ISO_ASSIGN(own, make_kernel(id, fed, tainted));
    return own.get();
  }
  if (kernels_.empty()) kernels_.resize(static_cast<std::size_t>(graph().size()));
  auto& kept = kernels_[static_cast<std::size_t>(id)];
  if (!kept) {
    ISO_ASSIGN(kept, make_kernel(id, fed, false));
  }
  return kept.get();
}

Result<std::unique_ptr<PreparedKernel>> GraphProgram::make_kernel(NodeId id, const FedTensors& fed, bool tainted) {
  const Node& node = graph()[id];
  auto prepared = std::make_unique<PreparedKernel>();
  const ExecutorOp op = op_of(id);
  if (op == ExecutorOp::kernel) {
    auto signature = signature_of(node);
    if (!signature.ok()) return at_node(signature.error(), node);
    prepared->signature = std::move(*signature);
  }
  const auto info_of = [&](const TensorInfo& info) {
    TensorInfo known = info;
    if (tainted) {
      known.shape = Shape::unknown_rank();
      known.value = nullptr;
    }
    return known;
  };
  for (int i = 0; i < node.data_inputs; ++i) prepared->inputs.push_back(info_of(shapes_.input(node, i)));
  for (const TensorInfo& info : shapes_.outputs(id)) prepared->outputs.push_back(info_of(info));

  // Constants as the file has them may lie at odd addresses. A kernel that packs its weights sees an aligned copy that
  // is gone afterwards; only one that goes on reading them makes the copy stay.
  std::vector<Tensor> constants(static_cast<std::size_t>(node.data_inputs));
  std::vector<int> constant_indices(constants.size(), -1);
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const Input& in = node.inputs[i];
    const NodeId source = constant_behind({in.node, in.port}, fed, false);
    if (source == kNoNode) continue;
    ISO_ASSIGN(constant_indices[i], constant(source));
    const Tensor& value = constant_cell(constant_indices[i]).value;
    auto aligned = aligned_for_elements(value);
    if (!aligned.ok()) return at_node(aligned.error(), node);
    constants[i] = std::move(*aligned);
  }

  switch (op) {
    case ExecutorOp::kernel: {
      const KernelRequest request{graph(),
                                  id,
                                  node,
                                  prepared->signature,
                                  prepared->inputs,
                                  prepared->outputs,
                                  constants,
                                  &context_.state,
                                  context_.threads};
      auto kernel = context_.device.make_kernel(request);
      if (!kernel.ok()) return at_node(kernel.error(), node);
      prepared->kernel = std::move(*kernel);
      break;
    }
    case ExecutorOp::engine:
      prepared->kernel = std::make_unique<EngineNode>(graph(), id, context_);
      break;
    default: {
      auto kernel = make_call_kernel(op, node, context_);
      if (!kernel.ok()) return at_node(kernel.error(), node);
      prepared->kernel = std::move(*kernel);
    }
  }
  prepared->host_input.resize(constants.size());
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const bool host = prepared->kernel->input_on_host(static_cast<int>(i));
    prepared->host_input[i] = host;
    prepared->any_host_input |= host;
    if (constant_indices[i] >= 0 && prepared->kernel->reads_input(static_cast<int>(i)))
      constant_cell(constant_indices[i]).value = constants[i];
  }
  return prepared;
}

Result<Executable*> GraphProgram::executable(const std::vector<TensorRef>& feeds, const std::vector<TensorRef>& fetches,
                                             bool distrust) {
  std::vector<TensorRef> key = feeds;
  key.push_back({kNoNode, distrust ? 1 : 0});
  key.insert(key.end(), fetches.begin(), fetches.end());
  if (const auto it = executables_.find(key); it != executables_.end()) return it->second.get();

  const FedTensors fed(graph(), feeds);
  for (const TensorRef& fetch : fetches) {
    if (fetch.port == kControlPort || fetch.port < output_count(fetch.node) || fed.find(fetch.node, fetch.port) >= 0)
      continue;
    return invalid_input(describe_node(graph()[fetch.node]) + " has no output " + std::to_string(fetch.port) +
                         "; it has " + std::to_string(output_count(fetch.node)));
  }
  const std::vector<std::uint8_t> needed = needed_nodes(graph(), fed, fetches);
  ISO_ASSIGN(const std::vector<NodeId> order, order_nodes(graph(), fed, needed));
  for (const NodeId id : order) {
    const Node& node = graph()[id];
    for (const Input& in : node.data()) {
      if (in.port < output_count(in.node) || fed.find(in.node, in.port) >= 0) continue;
      return invalid_input(describe_node(node) + " reads output " + std::to_string(in.port) + " of " +
                           describe_node(graph()[in.node]) + ", which has " + std::to_string(output_count(in.node)) +
                           (output_count(in.node) == 1 ? " output" : " outputs"));
    }
  }
  const bool dataflow = std::ranges::any_of(order, [&](NodeId id) { return is_control_flow(op_of(id)); });
  const Excerpt excerpt{feeds, fetches, order, tainted_nodes(feeds, distrust)};
  std::unique_ptr<Executable> made;
  if (dataflow) {
    ISO_ASSIGN(made, make_dataflow(*this, excerpt));
  } else {
    ISO_ASSIGN(made, make_schedule(*this, excerpt));
  }
  return executables_.emplace(std::move(key), std::move(made)).first->second.get();
}

Result<FunctionTable::Body*> FunctionTable::body(const FunctionRef& ref, SessionContext& context) {
  if (!library_->find(ref.name)) return not_found("the graph's library has no function '" + ref.name + "'");
  const bool plain = !ref.attrs || ref.attrs->size() == 0;
  if (plain)
    if (const auto it = bodies_.find(ref.name); it != bodies_.end()) return it->second.get();

  const std::string where = "function '" + ref.name + "'";
  auto graph = function_body(*library_, ref.name, ref.attrs ? *ref.attrs : AttrMap());
  if (!graph.ok()) return graph.error().at(where);
  auto shapes = infer_shapes(**graph);
  if (!shapes.ok()) return shapes.error().at(where);
  auto body = std::make_unique<Body>();
  const Function& function = *library_->find(ref.name);
  body->arguments.resize(function.inputs.size());
  body->results.resize(function.outputs.size());
  std::vector<TensorRef> effects;
  const Graph& g = **graph;
  for (NodeId id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    const ExecutorOp op = executor_op(node.op);
    const bool result = node.op == "_Retval" || node.op == "_DeviceRetval";
    if (op == ExecutorOp::argument || result) {
      auto& list = result ? body->results : body->arguments;
      const std::int64_t index = node.attrs.get_int("index", -1);
      if (index < 0 || index > 1 << 20 || (result && node.data_inputs != 1))
        return invalid_input(where + ": " + describe_node(node) + " is malformed");
      if (index >= static_cast<std::int64_t>(list.size())) list.resize(static_cast<std::size_t>(index) + 1);
      list[static_cast<std::size_t>(index)] =
          result ? TensorRef{node.inputs[0].node, node.inputs[0].port} : TensorRef{id, 0};
      continue;
    }
    // Nodes with effects run whether or not a result needs them, as TensorFlow's pruning of functions keeps them.
    const OpDef* def = find_op(node.op);
    if (def && def->is_stateful && op != ExecutorOp::placeholder) effects.push_back({id, kControlPort});
  }
  for (const auto& [name, target] : function.control_ret)
    if (const NodeId id = g.find(target); id != kNoNode) effects.push_back({id, kControlPort});
  for (std::size_t i = 0; i < body->results.size(); ++i)
    if (body->results[i].node == kNoNode) return invalid_input(where + " has no result " + std::to_string(i));
  body->result_count = static_cast<int>(body->results.size());
  std::ranges::sort(effects);
  effects.erase(std::unique(effects.begin(), effects.end()), effects.end());
  body->results.insert(body->results.end(), effects.begin(), effects.end());
  body->program = std::make_unique<GraphProgram>(std::move(*graph), std::move(*shapes), context, ref.name);
  if (plain) return bodies_.emplace(ref.name, std::move(body)).first->second.get();
  return instances_.emplace_back(std::move(body)).get();
}

}  // namespace isotherm
