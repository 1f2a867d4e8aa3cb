#include "core/passes/split_identity_n.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/passes/node_edit.h"
#include "core/passes/pass_target.h"

namespace isotherm::passes {
namespace {

/// By the name of an IdentityN: its ports that lead to a terminal.
using TerminalPorts = std::map<NameId, std::set<int>>;

TerminalPorts terminal_ports(const NodeMap& map, const std::vector<NameId>& terminals) {
  std::vector<WorkInput> stack;
  NameSet visited;
  for (const NameId name : terminals) {
    visited.insert(name);
    if (const WorkNode* node = map.node(name)) stack.insert(stack.end(), node->inputs.begin(), node->inputs.end());
  }
  std::set<std::pair<NameId, int>> seen;
  TerminalPorts ports;
  while (!stack.empty()) {
    const WorkInput from = stack.back();
    stack.pop_back();
    const WorkNode* node = map.node(from);
    if (!node || visited.contains(node->name)) continue;
    if (!node->op->is_identity_n) {
      stack.insert(stack.end(), node->inputs.begin(), node->inputs.end());
      visited.insert(node->name);
      continue;
    }
    // Only through the port that was asked for; others may come later.
    if (!seen.emplace(from.node, from.port).second) continue;
    if (!from.is_control() && static_cast<std::size_t>(from.port) < node->inputs.size()) {
      stack.push_back(node->inputs[static_cast<std::size_t>(from.port)]);
      ports[from.node].insert(from.port);
    }
    for (const WorkInput& in : node->inputs)
      if (in.is_control()) stack.push_back(in);
  }
  return ports;
}

void split(WorkGraph& graph, NodeMap& map, WorkNode& node, const std::set<int>& terminal, const AttrList& types) {
  const int data = node.data_inputs();
  std::vector<WorkInput> replacement(static_cast<std::size_t>(data));
  std::vector<WorkInput> inputs;
  AttrList kept;
  for (int i = 0; i < data; ++i) {
    const auto port = static_cast<std::size_t>(i);
    if (terminal.contains(i)) {
      replacement[port] = {node.name, static_cast<int>(inputs.size())};
      inputs.push_back(node.inputs[port]);
      kept.type.push_back(types.type[port]);
      continue;
    }
    const std::string name = graph.text(node) + "-" + std::to_string(i) + "-grappler-ModelPruner";
    WorkNode& identity = graph.make_node(name, "Identity");
    identity.device = node.device;
    identity.inputs = {node.inputs[port]};
    identity.attrs.set("T", types.type[port]);
    graph.nodes.push_back(&identity);
    map.add_node(identity);
    map.add_output(identity.inputs[0].node, identity.name);
    replacement[port] = {identity.name, 0};
  }
  const NodeList readers = map.outputs(node);
  for (WorkNode* reader : readers) {
    for (WorkInput& in : reader->inputs) {
      if (in.is_control() || in.node != node.name) continue;
      in = replacement[static_cast<std::size_t>(in.port)];
      map.add_output(in.node, reader->name);
    }
  }
  inputs.insert(inputs.end(), node.inputs.begin() + data, node.inputs.end());
  node.inputs = std::move(inputs);
  node.attrs.set("T", make_list_attr(std::move(kept)));
}

}  // namespace

bool split_identity_n(WorkGraph& graph, const std::vector<NameId>& terminals) {
  if (std::none_of(graph.nodes.begin(), graph.nodes.end(), [](const WorkNode* n) { return n->op->is_identity_n; }))
    return false;
  NodeMap map(graph, graph.nodes);
  bool changed = false;
  for (const auto& [name, ports] : terminal_ports(map, terminals)) {
    WorkNode& node = *map.node(name);
    const auto data = static_cast<std::size_t>(node.data_inputs());
    const AttrList* types = node.attrs.get_list("T");
    if (!types || types->type.size() != data || ports.size() >= data) continue;
    const AttrList copy = *types;
    split(graph, map, node, ports, copy);
    changed = true;
  }
  return changed;
}

}  // namespace isotherm::passes
