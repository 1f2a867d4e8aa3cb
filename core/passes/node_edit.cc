#include "core/passes/node_edit.h"

#include <algorithm>
#include <unordered_set>

namespace isotherm::passes {
namespace {

bool adds_strings(const WorkNode& node) { return node.attrs.get_type("T") == DType::string; }

}  // namespace

bool works_in_place(const WorkNode& node) {
  return node.op->works_in_place || node.attrs.get_bool("in_place") || node.attrs.get_bool("inplace");
}

bool is_free_of_side_effect(const WorkNode& node) { return !node.op->has_side_effect && !works_in_place(node); }

bool commutes(const WorkNode& node) { return node.op->is_commutative && !(node.is("Add") && adds_strings(node)); }

bool is_aggregate(const WorkNode& node) { return node.op->is_aggregate && !(node.is("Add") && adds_strings(node)); }

bool is_single_identity_n(const WorkNode& node) {
  return node.op->is_identity_n && node.attrs.get_types("T").size() == 1;
}

bool is_add(const WorkNode& node) { return node.is("AddV2") || (node.is("Add") && !adds_strings(node)); }

int data_edges_out(const WorkNode& node, const NodeMap& map) {
  int edges = 0;
  for (const WorkNode* reader : map.outputs(node))
    for (const WorkInput& in : reader->inputs) {
      if (in.is_control()) break;
      edges += in.node == node.name;
    }
  return edges;
}

void drop_input(WorkNode& node, std::size_t i) {
  std::swap(node.inputs[i], node.inputs.back());
  node.inputs.pop_back();
}

void drop_repeated_controls(WorkNode& node) {
  if (!node.has_control_inputs()) return;
  std::vector<WorkInput>& inputs = node.inputs;
  constexpr std::size_t kFew = 16;
  if (inputs.size() <= kFew) {
    for (std::size_t i = 0; i < inputs.size();) {
      const auto same = [&](const WorkInput& in) { return in.node == inputs[i].node; };
      const auto here = inputs.begin() + static_cast<std::ptrdiff_t>(i);
      if (inputs[i].is_control() && std::any_of(inputs.begin(), here, same))
        drop_input(node, i);
      else
        ++i;
    }
    return;
  }
  std::unordered_set<NameId> seen;
  for (std::size_t i = 0; i < inputs.size();) {
    if (!seen.insert(inputs[i].node).second && inputs[i].is_control())
      drop_input(node, i);
    else
      ++i;
  }
}

void erase_regular_attrs(WorkNode& node) {
  AttrMap kept;
  for (const auto& [name, value] : node.attrs)
    if (name.starts_with('_')) kept.set(name, value);
  node.attrs = std::move(kept);
}

WorkInput control_after(WorkGraph& graph, NodeMap& map, NodeList& nodes, const WorkInput& input) {
  if (input.is_control()) return input;
  const WorkNode* node = map.node(input);
  if (!node) return input;
  if (!node->op->is_switch) return control_on(node->name);
  const std::string name = "ConstantFoldingCtrl/" + graph.text(input.node) + "_" + std::to_string(input.port);
  const auto known = graph.find(name);
  WorkNode* anchor = known ? map.node(*known) : nullptr;
  if (!anchor) {
    anchor = &graph.make_node(name, "Identity");
    anchor->device = node->device;
    anchor->attrs.set("T", TypeValue(node->attrs.get_type("T")));
    anchor->inputs = {input};
    nodes.push_back(anchor);
    map.add_node(*anchor);
    map.add_output(node->name, anchor->name);
  }
  return control_on(anchor->name);
}

bool split_device_name(std::string_view name, std::string& task, std::string& device) {
  constexpr std::string_view kMark = "/device:";
  const std::size_t mark = name.rfind(kMark);
  if (mark == std::string_view::npos) return false;
  task = name.substr(0, mark);
  device = name.substr(mark + kMark.size());
  return true;
}

}  // namespace isotherm::passes
