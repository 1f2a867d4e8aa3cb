#include <algorithm>
#include <limits>

#include "core/passes/optimise_dependencies.h"

namespace isotherm::passes {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

struct ControlEdge {
  int target = 0;
  int slot = 0;  ///< among the target's inputs
};

/// Edges by position, without those that say nothing of when their target runs.
struct Edges {
  std::vector<std::vector<int>> outputs;
  std::vector<std::vector<ControlEdge>> controls;
  std::vector<int> first, last;  ///< targets of any edge, of control edges
};

Edges collect(const NodeList& nodes, const NodeMap& map, const std::vector<int>& position) {
  const std::size_t n = nodes.size();
  Edges edges{std::vector<std::vector<int>>(n), std::vector<std::vector<ControlEdge>>(n),
              std::vector<int>(n, std::numeric_limits<int>::max()), std::vector<int>(n, -1)};
  for (std::size_t i = 0; i < n; ++i) {
    const WorkNode& node = *nodes[i];
    if (node.op->changes_frame() || !node.op->def) continue;
    for (std::size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const WorkInput& in = node.inputs[slot];
      const WorkNode* source = map.node(in);
      if (!source || source->op->changes_frame() || source->op->is_merge) continue;
      const auto from = at(position[at(source->name)]);
      const auto to = static_cast<int>(i);
      edges.outputs[from].push_back(to);
      edges.first[from] = std::min(edges.first[from], to);
      if (!in.is_control()) continue;
      edges.controls[from].push_back({to, static_cast<int>(slot)});
      edges.last[from] = std::max(edges.last[from], to);
    }
  }
  return edges;
}

}  // namespace

void drop_implied_controls(const NodeList& nodes, NodeMap& map) {
  NameId last_name = -1;
  for (const WorkNode* node : nodes) last_name = std::max(last_name, node->name);
  std::vector<int> position(at(last_name + 1), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) position[at(nodes[i]->name)] = static_cast<int>(i);
  const Edges edges = collect(nodes, map, position);

  // How many edges the longest path found so far has, 2 standing for more. A node that is found again is found on
  // another path, which is enough: the direct edge is one of them.
  std::vector<std::uint8_t> distance(nodes.size(), 0);
  std::vector<int> touched, stack;
  std::vector<std::vector<std::pair<int, int>>> implied(nodes.size());  ///< by target: slot, source
  for (std::size_t source = 0; source < nodes.size(); ++source) {
    const int first = edges.first[source], last = edges.last[source];
    if (first >= last || last <= static_cast<int>(source)) continue;
    stack.assign(1, static_cast<int>(source));
    while (!stack.empty()) {
      const int node = stack.back();
      stack.pop_back();
      for (const int next : edges.outputs[at(node)]) {
        if (next < first || next > last || distance[at(next)] == 2) continue;
        if (++distance[at(next)] == 1) touched.push_back(next);
        stack.push_back(next);
      }
    }
    for (const ControlEdge& edge : edges.controls[source])
      if (distance[at(edge.target)] == 2) implied[at(edge.target)].emplace_back(edge.slot, static_cast<int>(source));
    for (const int node : touched) distance[at(node)] = 0;
    touched.clear();
  }
  for (std::size_t target = 0; target < nodes.size(); ++target) {
    auto& slots = implied[target];
    // From the last slot on: what takes a dropped input's place has been looked at.
    std::sort(slots.begin(), slots.end(), std::greater<>());
    for (const auto& [slot, source] : slots) {
      drop_input(*nodes[target], at(slot));
      map.remove_output(nodes[at(source)]->name, nodes[target]->name);
    }
  }
}

}  // namespace isotherm::passes
