// Inputs and outputs of a graph that does not name them.
#include <array>
#include <string_view>
#include <unordered_set>

#include "core/convert/converter.h"
#include "core/ops/op_def.h"

namespace isotherm {
namespace {

const std::unordered_set<std::string_view>& ops_without_result() {
  static const std::unordered_set<std::string_view> ops = {"NoOp",
                                                           "Assert",
                                                           "Const",
                                                           "Placeholder",
                                                           "Print",
                                                           "PrintV2",
                                                           "SaveV2",
                                                           "MergeV2Checkpoints",
                                                           "ShardedFilename",
                                                           "Exit",
                                                           "NextIteration",
                                                           "PlaceholderWithDefault"};
  return ops;
}

bool has_result(std::string_view op) {
  if (ops_without_result().contains(op) || op.ends_with("Summary")) return false;
  constexpr std::array<std::string_view, 9> kPrefixes = {
      "Assign", "Apply", "ResourceApply", "ResourceScatter", "Scatter", "Save", "Restore", "Assert", "WriteFile"};
  for (const std::string_view prefix : kPrefixes)
    if (op.starts_with(prefix)) return false;
  return !(op.find("Assign") != std::string_view::npos && op.ends_with("VariableOp"));
}

void append_ports(const Node& node, std::vector<std::string>& names) {
  const auto signature = signature_of(node);
  // An op that nobody knows has one output, as far as anybody can see.
  const std::size_t ports = signature.ok() ? signature->outputs.size() : 1;
  for (std::size_t port = 0; port < ports; ++port)
    names.push_back(format_input_name(node.name, static_cast<int>(port)));
}

}  // namespace

std::vector<std::string> default_outputs(const Graph& graph) {
  std::vector<bool> used(static_cast<std::size_t>(graph.size()), false);
  for (const Node& node : graph.nodes())
    for (const Input& in : node.data()) used[static_cast<std::size_t>(in.node)] = true;
  std::vector<std::string> names, last_resort;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (used[static_cast<std::size_t>(id)]) continue;
    if (has_result(graph[id].op))
      append_ports(graph[id], names);
    else if (graph[id].op == "Exit")
      append_ports(graph[id], last_resort);
  }
  if (!names.empty()) return names;
  if (last_resort.empty() && graph.size() > 0) append_ports(graph[graph.size() - 1], last_resort);
  return last_resort;
}

std::vector<std::string> default_inputs(const Graph& graph) {
  std::vector<std::string> names;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op != "Placeholder" && node.op != "PlaceholderV2") continue;
    // Functions turned into graphs leave Placeholders of this name behind that feed nothing.
    const std::size_t slash = node.name.rfind('/');
    const std::string_view base = std::string_view(node.name).substr(slash == std::string::npos ? 0 : slash + 1);
    if (base.starts_with("unused_control_flow_input") && graph.out_edges(id).empty()) continue;
    names.push_back(node.name);
  }
  return names;
}

}  // namespace isotherm
