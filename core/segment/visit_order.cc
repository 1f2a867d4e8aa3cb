#include "core/segment/visit_order.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>

namespace isotherm {
namespace {

std::vector<NodeId> topological_by_name(const Graph& graph, const std::vector<NodeId>& by_name,
                                        const std::vector<int>& rank) {
  std::vector<int> waiting(by_name.size(), 0);
  for (NodeId id = 0; id < graph.size(); ++id)
    for (const Input& in : graph[id].inputs)
      if (!is_loop_back_edge(graph, graph[id], in)) ++waiting[static_cast<std::size_t>(id)];
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (const NodeId id : by_name)
    if (waiting[static_cast<std::size_t>(id)] == 0) ready.push(rank[static_cast<std::size_t>(id)]);
  std::vector<NodeId> order;
  order.reserve(by_name.size());
  while (!ready.empty()) {
    const NodeId id = by_name[static_cast<std::size_t>(ready.top())];
    ready.pop();
    order.push_back(id);
    for (const OutEdge& edge : graph.out_edges(id)) {
      const Node& consumer = graph[edge.node];
      if (is_loop_back_edge(graph, consumer, consumer.inputs[static_cast<std::size_t>(edge.input)])) continue;
      if (--waiting[static_cast<std::size_t>(edge.node)] == 0) ready.push(rank[static_cast<std::size_t>(edge.node)]);
    }
  }
  return order;
}

}  // namespace

Result<VisitOrder> visit_order(const Graph& graph) {
  VisitOrder order;
  ISO_ASSIGN(order.creation, graph.topological_order());
  const auto count = static_cast<std::size_t>(graph.size());
  order.creation_index.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    order.creation_index[static_cast<std::size_t>(order.creation[i])] = static_cast<int>(i);

  std::vector<NodeId> by_name(count);
  std::iota(by_name.begin(), by_name.end(), 0);
  std::sort(by_name.begin(), by_name.end(), [&](NodeId a, NodeId b) { return graph[a].name < graph[b].name; });
  std::vector<int> rank(count);
  for (std::size_t i = 0; i < count; ++i) rank[static_cast<std::size_t>(by_name[i])] = static_cast<int>(i);

  struct Work {
    NodeId node;
    bool leave;
  };
  std::vector<Work> stack;
  for (const NodeId id : by_name)
    if (graph[id].inputs.empty()) stack.push_back({id, false});
  std::vector<bool> visited(count, false);
  std::vector<int> children;
  order.postorder.reserve(count);
  while (!stack.empty()) {
    const Work work = stack.back();
    stack.pop_back();
    if (work.leave) {
      order.postorder.push_back(work.node);
      continue;
    }
    if (visited[static_cast<std::size_t>(work.node)]) continue;
    visited[static_cast<std::size_t>(work.node)] = true;
    stack.push_back({work.node, true});
    children.clear();
    for (const OutEdge& edge : graph.out_edges(work.node))
      if (!visited[static_cast<std::size_t>(edge.node)]) children.push_back(rank[static_cast<std::size_t>(edge.node)]);
    std::sort(children.begin(), children.end());
    children.erase(std::unique(children.begin(), children.end()), children.end());
    for (const int child : children) stack.push_back({by_name[static_cast<std::size_t>(child)], false});
  }
  if (order.postorder.size() < count) {
    NodeId lost = 0;
    while (visited[static_cast<std::size_t>(lost)]) ++lost;
    return invalid_input("node '" + graph[lost].name +
                         "' is in a loop that nothing enters: no node without inputs leads to it");
  }
  order.topological = topological_by_name(graph, by_name, rank);
  return order;
}

}  // namespace isotherm
