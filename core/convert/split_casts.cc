#include "core/convert/split_casts.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "core/convert/dropped_attrs.h"

namespace isotherm {
namespace {

constexpr std::string_view kSuffix = "_split";

/// The name of the Cast that a node of this name was split from; empty if there can be none.
std::string base_name(std::string name) {
  while (name.ends_with('_')) name.pop_back();
  if (!name.ends_with(kSuffix)) return {};
  name.resize(name.size() - kSuffix.size());
  return name;
}

bool is_cast(const NodeRecord& node, DType to) { return node.op == "Cast" && node.attrs.get_type("DstT") == to; }

}  // namespace

bool split_casts(const Graph& graph, std::vector<NodeRecord>& nodes) {
  std::vector<NodeRecord> added;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op != "Cast" || node.data_inputs != 1 || node.attrs.get_type("DstT") != DType::float32) continue;
    const DType source = node.attrs.get_type("SrcT");
    if (source == DType::float16 || source == DType::invalid) continue;
    NodeRecord& cast = nodes[static_cast<std::size_t>(id)];
    NodeRecord split{node.name + std::string(kSuffix), "Cast", node.device, {cast.inputs[0]}, node.attrs, {}};
    while (graph.find(split.name) != kNoNode) split.name += "_";
    drop_attrs(split.attrs);
    split.attrs.set("DstT", TypeValue(DType::float16));
    cast.inputs[0] = split.name;
    cast.attrs.set("SrcT", TypeValue(DType::float16));
    added.push_back(std::move(split));
  }
  const bool any = !added.empty();
  for (NodeRecord& record : added) nodes.push_back(std::move(record));
  return any;
}

bool join_split_casts(std::vector<NodeRecord>& nodes) {
  std::unordered_map<std::string, NodeRecord*> by_name;
  std::unordered_map<std::string, int> readers;
  for (NodeRecord& node : nodes) {
    by_name.emplace(node.name, &node);
    for (const std::string& input : node.inputs)
      if (const auto name = parse_tensor_name(input); name.ok()) ++readers[name->node];
  }
  std::unordered_set<std::string> joined;
  for (NodeRecord& split : nodes) {
    if (!is_cast(split, DType::float16) || split.inputs.size() != 1 || readers[split.name] != 1) continue;
    const auto it = by_name.find(base_name(split.name));
    if (it == by_name.end()) continue;
    NodeRecord& cast = *it->second;
    if (!is_cast(cast, DType::float32) || cast.inputs.empty() || cast.inputs[0] != split.name) continue;
    cast.inputs[0] = split.inputs[0];
    cast.attrs.set("SrcT", *split.attrs.find("SrcT"));
    joined.insert(split.name);
  }
  std::erase_if(nodes, [&](const NodeRecord& node) { return joined.contains(node.name); });
  return !joined.empty();
}

}  // namespace isotherm
