#include "core/passes/work_graph.h"

#include <algorithm>

namespace isotherm::passes {

int WorkNode::data_inputs() const {
  const auto first = std::find_if(inputs.begin(), inputs.end(), [](const WorkInput& in) { return in.is_control(); });
  return static_cast<int>(first - inputs.begin());
}

WorkGraph::WorkGraph(const Graph& graph)
    : functions_(graph.shared_functions()), versions_(graph.versions()), extra_(graph.extra()) {
  index_.reserve(static_cast<std::size_t>(graph.size()) * 2);
  nodes.reserve(static_cast<std::size_t>(graph.size()));
  // Names get the numbers of their nodes, so that edges translate as they are.
  for (const Node& node : graph.nodes()) nodes.push_back(&make_node(node.name, node.op));
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& from = graph[id];
    WorkNode& to = *nodes[static_cast<std::size_t>(id)];
    to.device = from.device;
    to.attrs = from.attrs;
    to.extra = from.extra;
    to.inputs.reserve(from.inputs.size());
    for (const Input& in : from.inputs) to.inputs.push_back({in.node, in.port});
  }
}

WorkNode& WorkGraph::make_node(std::string_view name, std::string_view op) {
  WorkNode& node = pool_.emplace_back();
  node.index = static_cast<int>(pool_.size()) - 1;
  node.name = intern(name);
  node.op = &ops_.get(op);
  return node;
}

WorkNode& WorkGraph::copy_node(const WorkNode& node, std::string_view name) {
  WorkNode& copy = make_node(name, node.op->name);
  copy.device = node.device;
  copy.inputs = node.inputs;
  copy.attrs = node.attrs;
  copy.extra = node.extra;
  return copy;
}

std::optional<NameId> WorkGraph::find(std::string_view name) const {
  const auto it = index_.find(name);
  return it == index_.end() ? std::nullopt : std::optional(it->second);
}

NameId WorkGraph::intern(std::string_view name) {
  if (const auto known = find(name)) return *known;
  const auto id = static_cast<NameId>(names_.size());
  index_.emplace(names_.emplace_back(name), id);
  return id;
}

bool WorkGraph::text_less(const WorkInput& a, const WorkInput& b) const {
  if (a.is_control() != b.is_control() || a.port > 0 || b.port > 0) return text(a) < text(b);
  return text(a.node) < text(b.node);
}

NodeRecord WorkGraph::record(const WorkNode& node) const {
  NodeRecord record{text(node), node.op->name, node.device, {}, node.attrs, node.extra};
  record.inputs.reserve(node.inputs.size());
  for (const WorkInput& in : node.inputs) record.inputs.push_back(text(in));
  return record;
}

Result<std::shared_ptr<const Graph>> WorkGraph::build() const {
  Graph::Parts parts;
  parts.functions = functions_;
  parts.versions = versions_;
  parts.extra = extra_;
  parts.nodes.reserve(nodes.size());
  for (const WorkNode* node : nodes) parts.nodes.push_back(record(*node));
  return Graph::build(std::move(parts));
}

}  // namespace isotherm::passes
