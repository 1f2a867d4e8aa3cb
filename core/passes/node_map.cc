#include "core/passes/node_map.h"

#include <algorithm>

namespace isotherm::passes {
namespace {

std::size_t at(NameId name) { return static_cast<std::size_t>(name); }

bool created_earlier(const WorkNode* a, const WorkNode* b) { return a->index < b->index; }

void insert(NodeList& list, WorkNode* node) {
  if (list.empty() || list.back()->index < node->index) {
    list.push_back(node);
    return;
  }
  const auto it = std::lower_bound(list.begin(), list.end(), node, created_earlier);
  if (*it != node) list.insert(it, node);
}

void erase(NodeList& list, const WorkNode* node) {
  const auto it = std::lower_bound(list.begin(), list.end(), node, created_earlier);
  if (it != list.end() && *it == node) list.erase(it);
}

}  // namespace

NodeMap::NodeMap(const WorkGraph& graph, const NodeList& nodes) : graph_(graph) {
  NameId last = -1;
  for (const WorkNode* node : nodes) {
    last = std::max(last, node->name);
    for (const WorkInput& in : node->inputs) last = std::max(last, in.node);
  }
  nodes_.resize(at(last + 1));
  outputs_.resize(at(last + 1));
  for (WorkNode* node : nodes) {
    nodes_[at(node->name)] = node;
    for (const WorkInput& in : node->inputs) {
      NodeList& readers = outputs_[at(in.node)];
      if (readers.empty() || readers.back() != node) readers.push_back(node);
    }
  }
  for (NodeList& readers : outputs_)
    if (!std::is_sorted(readers.begin(), readers.end(), created_earlier))
      std::sort(readers.begin(), readers.end(), created_earlier);
}

WorkNode* NodeMap::node(NameId name) const { return at(name) < nodes_.size() ? nodes_[at(name)] : nullptr; }

const NodeList& NodeMap::outputs(NameId name) const {
  static const NodeList none;
  return at(name) < outputs_.size() ? outputs_[at(name)] : none;
}

NodeList NodeMap::outputs_by_name(NameId name) const {
  NodeList list = outputs(name);
  std::sort(list.begin(), list.end(),
            [&](const WorkNode* a, const WorkNode* b) { return graph_.text(*a) < graph_.text(*b); });
  return list;
}

NodeList& NodeMap::outputs_of(NameId name) {
  if (at(name) >= outputs_.size()) outputs_.resize(at(name) + 1);
  return outputs_[at(name)];
}

void NodeMap::add_node(WorkNode& node) {
  if (at(node.name) >= nodes_.size()) nodes_.resize(at(node.name) + 1);
  WorkNode*& slot = nodes_[at(node.name)];
  if (!slot) slot = &node;
}

void NodeMap::add_output(NameId from, NameId reader) {
  if (WorkNode* node = this->node(reader)) insert(outputs_of(from), node);
}

void NodeMap::remove_output(NameId from, NameId reader) {
  if (const WorkNode* node = this->node(reader)) erase(outputs_of(from), node);
}

void NodeMap::update_input(NameId reader, NameId from, NameId to) {
  remove_output(from, reader);
  add_output(to, reader);
}

void NodeMap::update_output(NameId from, NameId reader_before, NameId reader_after) {
  remove_output(from, reader_before);
  add_output(from, reader_after);
}

void NodeMap::remove_inputs(NameId reader) {
  const WorkNode* node = this->node(reader);
  if (!node) return;
  for (const WorkInput& in : node->inputs) erase(outputs_of(in.node), node);
}

void NodeMap::remove_outputs(NameId from) { outputs_of(from).clear(); }

}  // namespace isotherm::passes
