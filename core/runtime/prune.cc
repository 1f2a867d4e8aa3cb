#include "core/runtime/prune.h"

#include <functional>
#include <queue>

#include "core/runtime/executor_ops.h"

namespace isotherm {

FedTensors::FedTensors(const Graph& graph, std::span<const TensorRef> feeds)
    : graph_(graph), feeds_(feeds.begin(), feeds.end()) {
  if (feeds_.empty()) return;
  any_.assign(static_cast<std::size_t>(graph.size()), 0);
  for (const TensorRef& feed : feeds_) any_[static_cast<std::size_t>(feed.node)] = 1;
}

int FedTensors::find(NodeId node, int port) const {
  if (any_.empty() || !any_[static_cast<std::size_t>(node)]) return -1;
  for (std::size_t i = 0; i < feeds_.size(); ++i)
    if (feeds_[i] == TensorRef{node, port}) return static_cast<int>(i);
  return -1;
}

bool FedTensors::satisfies_control(NodeId node) const {
  if (any_.empty() || !any_[static_cast<std::size_t>(node)]) return false;
  const ExecutorOp op = executor_op(graph_[node].op);
  return op == ExecutorOp::placeholder || op == ExecutorOp::argument;
}

std::vector<std::uint8_t> needed_nodes(const Graph& graph, const FedTensors& fed, std::span<const TensorRef> fetches) {
  std::vector<std::uint8_t> needed(static_cast<std::size_t>(graph.size()), 0);
  std::vector<NodeId> stack;
  const auto visit = [&](NodeId node, int port) {
    if (port == kControlPort ? fed.satisfies_control(node) : fed.find(node, port) >= 0) return;
    std::uint8_t& mark = needed[static_cast<std::size_t>(node)];
    if (mark) return;
    mark = 1;
    stack.push_back(node);
  };
  for (const TensorRef& fetch : fetches) visit(fetch.node, fetch.port);
  while (!stack.empty()) {
    const Node& node = graph[stack.back()];
    stack.pop_back();
    for (const Input& in : node.inputs) visit(in.node, in.port);
  }
  return needed;
}

Result<std::vector<NodeId>> order_nodes(const Graph& graph, const FedTensors& fed,
                                        const std::vector<std::uint8_t>& needed) {
  const auto counts = [&](const Node& consumer, const Input& in) {
    if (is_loop_back_edge(graph, consumer, in)) return false;
    return in.is_control() ? !fed.satisfies_control(in.node) : fed.find(in.node, in.port) < 0;
  };
  std::vector<std::int32_t> waiting(needed.size(), 0);
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  std::size_t total = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    ++total;
    const Node& node = graph[id];
    for (const Input& in : node.inputs)
      if (counts(node, in)) ++waiting[static_cast<std::size_t>(id)];
    if (waiting[static_cast<std::size_t>(id)] == 0) ready.push(id);
  }
  std::vector<NodeId> order;
  order.reserve(total);
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    order.push_back(id);
    for (const OutEdge& edge : graph.out_edges(id)) {
      if (!needed[static_cast<std::size_t>(edge.node)]) continue;
      const Node& consumer = graph[edge.node];
      if (!counts(consumer, consumer.inputs[static_cast<std::size_t>(edge.input)])) continue;
      if (--waiting[static_cast<std::size_t>(edge.node)] == 0) ready.push(edge.node);
    }
  }
  if (order.size() == total) return order;
  // The whole graph has the cycle too; its own check finds a node on it.
  auto whole = graph.topological_order();
  if (!whole.ok()) return whole.error();
  return internal_error("the nodes to run could not be ordered");
}

}  // namespace isotherm
