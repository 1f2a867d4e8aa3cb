#include "core/passes/node_order.h"

#include <algorithm>
#include <numeric>

namespace isotherm::passes {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Positions of nodes by name; -1 for names that none of them has.
std::vector<int> positions_by_name(const NodeList& nodes) {
  NameId last = -1;
  for (const WorkNode* node : nodes) {
    last = std::max(last, node->name);
    for (const WorkInput& in : node->inputs) last = std::max(last, in.node);
  }
  std::vector<int> position(at(last + 1), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) position[at(nodes[i]->name)] = static_cast<int>(i);
  return position;
}

/// Edges between positions, each once.
struct Topology {
  std::vector<int> fanins;   ///< how many different nodes a node reads
  std::vector<int> begin;    ///< of a node's readers in `fanouts`
  std::vector<int> fanouts;  ///< ascending
};

Topology make_topology(const NodeList& nodes, const std::vector<int>& position, std::vector<int>& ready) {
  Topology t;
  t.fanins.resize(nodes.size());
  t.begin.resize(nodes.size() + 1);
  ready.assign(nodes.size(), 0);
  std::vector<std::pair<int, int>> edges;
  std::vector<int> sources;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    sources.clear();
    for (const WorkInput& in : nodes[i]->inputs)
      if (position[at(in.node)] >= 0) sources.push_back(position[at(in.node)]);
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    t.fanins[i] = static_cast<int>(sources.size());
    for (const int source : sources) {
      ++t.begin[at(source) + 1];
      edges.emplace_back(source, static_cast<int>(i));
      if (nodes[i]->op->is_merge && nodes[at(source)]->op->is_next_iteration) ++ready[i];
    }
  }
  std::partial_sum(t.begin.begin(), t.begin.end(), t.begin.begin());
  t.fanouts.resize(edges.size());
  std::vector<int> next(t.begin.begin(), t.begin.end() - 1);
  for (const auto& [source, reader] : edges) t.fanouts[at(next[at(source)]++)] = reader;
  return t;
}

}  // namespace

bool sort_topologically(const WorkGraph&, NodeList& nodes) {
  std::vector<int> ready;
  const Topology t = make_topology(nodes, positions_by_name(nodes), ready);
  std::vector<int> order;
  order.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (t.fanins[i] == 0) order.push_back(static_cast<int>(i));
  for (std::size_t front = 0; front < order.size(); ++front) {
    const int node = order[front];
    for (int e = t.begin[at(node)]; e < t.begin[at(node) + 1]; ++e) {
      const int reader = t.fanouts[at(e)];
      if (++ready[at(reader)] == t.fanins[at(reader)]) order.push_back(reader);
    }
  }
  if (order.size() != nodes.size()) return false;
  NodeList sorted(nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = nodes[at(order[i])];
  nodes = std::move(sorted);
  return true;
}

void erase_positions(NodeList& nodes, const std::vector<int>& positions) {
  std::size_t last = nodes.size();
  for (auto it = positions.rbegin(); it != positions.rend(); ++it) std::swap(nodes[at(*it)], nodes[--last]);
  nodes.resize(last);
}

Result<NodeList> transitive_fanin(const WorkGraph& graph, const NodeList& nodes, const std::vector<NameId>& roots) {
  const std::vector<int> position = positions_by_name(nodes);
  const auto find = [&](NameId name) -> WorkNode* {
    const int i = at(name) < position.size() ? position[at(name)] : -1;
    return i < 0 ? nullptr : nodes[at(i)];
  };
  std::vector<WorkNode*> stack;
  for (const NameId root : roots) {
    WorkNode* node = find(root);
    if (!node) return not_found("the graph has no node '" + graph.text(root) + "' that its passes must keep");
    stack.push_back(node);
  }
  std::vector<bool> visited(nodes.size());
  NodeList found;
  while (!stack.empty()) {
    WorkNode* node = stack.back();
    stack.pop_back();
    const auto i = at(position[at(node->name)]);
    if (visited[i]) continue;
    visited[i] = true;
    found.push_back(node);
    for (const WorkInput& in : node->inputs) {
      WorkNode* source = find(in.node);
      if (!source)
        return not_found("node '" + graph.text(*node) + "' reads '" + graph.text(in.node) + "', which the graph lacks");
      stack.push_back(source);
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace isotherm::passes
