#include <map>

#include "core/passes/optimise_dependencies.h"

namespace isotherm::passes {
namespace {

/// The place that decides whether an edge crosses: the device, or its task.
std::string place_of(const WorkNode& node, bool by_host) {
  std::string task, device;
  if (by_host && split_device_name(node.device, task, device)) return task;
  return node.device;
}

class Grouper {
 public:
  Grouper(WorkGraph& graph, NodeMap& map, bool by_host) : graph_(graph), map_(map), by_host_(by_host) {}

  void group(WorkNode& node) {
    const std::string here = place_of(node, by_host_);
    std::map<std::string, WorkNode*> gathered;  ///< by place: null after the first edge from there
    int number = 0;
    for (const WorkInput& in : node.inputs) {
      const WorkNode* source = in.is_control() ? map_.node(in) : nullptr;
      if (!source || source->device.empty()) continue;
      const std::string place = place_of(*source, by_host_);
      if (place == here) continue;
      const auto [it, first] = gathered.try_emplace(place, nullptr);
      if (first || it->second) continue;
      it->second = &make_no_op(node, source->device, number);
    }
    if (gathered.empty()) return;
    for (std::size_t i = 0; i < node.inputs.size();) {
      const WorkInput in = node.inputs[i];
      const WorkNode* source = in.is_control() ? map_.node(in) : nullptr;
      const auto it = source ? gathered.find(place_of(*source, by_host_)) : gathered.end();
      if (it == gathered.end() || !it->second) {
        ++i;
        continue;
      }
      drop_input(node, i);
      it->second->inputs.push_back(control_on(source->name));
      map_.update_output(in.node, node.name, it->second->name);
    }
    for (const auto& [place, no_op] : gathered) {
      if (!no_op) continue;
      node.inputs.push_back(control_on(no_op->name));
      map_.add_output(no_op->name, node.name);
    }
  }

 private:
  WorkNode& make_no_op(const WorkNode& node, const std::string& device, int& number) {
    std::string name;
    do {
      name = "GroupCrossDeviceControlEdges_" + std::to_string(number++) + "/" + graph_.text(node);
    } while (is_taken(name));
    WorkNode& no_op = graph_.make_node(name, "NoOp");
    no_op.device = device;
    graph_.nodes.push_back(&no_op);
    map_.add_node(no_op);
    return no_op;
  }
  [[nodiscard]] bool is_taken(const std::string& name) const {
    const auto known = graph_.find(name);
    return known && map_.node(*known);
  }

  WorkGraph& graph_;
  NodeMap& map_;
  bool by_host_;
};

}  // namespace

void group_cross_device_controls(WorkGraph& graph, NodeMap& map, bool by_host) {
  Grouper grouper(graph, map, by_host);
  const std::size_t count = graph.nodes.size();
  for (std::size_t i = 0; i < count; ++i)
    if (!graph.nodes[i]->device.empty()) grouper.group(*graph.nodes[i]);
}

}  // namespace isotherm::passes
