#include "core/convert/cut.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace isotherm {
namespace {

std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

bool is_placeholder(const Node& node) { return node.op == "Placeholder" || node.op == "PlaceholderV2"; }

Shape without_symbols(const Shape& shape) {
  if (!shape.has_rank()) return Shape::unknown_rank();
  Shape plain = shape;
  for (int i = 0; i < plain.rank(); ++i)
    if (plain.dim(i) < 0) plain.set_dim(i, kUnknownDim);
  return plain;
}

/// Marks `start` and everything that is needed to compute it, not going beyond nodes in `stops`.
void mark_needed(const Graph& graph, NodeId start, const std::vector<bool>& stops, std::vector<bool>& needed) {
  std::vector<NodeId> stack{start};
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    if (needed[at(id)]) continue;
    needed[at(id)] = true;
    if (stops[at(id)]) continue;
    for (const Input& in : graph[id].inputs) stack.push_back(in.node);
  }
}

}  // namespace

std::vector<std::string> independent_outputs(const Graph& graph, const std::vector<NodeId>& inputs,
                                             const std::vector<std::string>& outputs) {
  std::vector<bool> reached(at(graph.size()), false);
  std::vector<NodeId> stack = inputs;
  while (!stack.empty()) {
    const NodeId id = stack.back();
    stack.pop_back();
    if (reached[at(id)]) continue;
    reached[at(id)] = true;
    for (const OutEdge& edge : graph.out_edges(id)) stack.push_back(edge.node);
  }
  std::vector<std::string> out;
  for (const std::string& name : outputs) {
    const auto tensor = graph.find_tensor(name);
    if (!tensor.ok() || !reached[at(tensor->node)]) out.push_back(name);
  }
  return out;
}

std::string outputs_depend(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 3;
  std::string out = names.size() == 1 ? "output " : "outputs ";
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) out += (i ? ", '" : "'") + names[i] + "'";
  if (names.size() > kNamed) out += " and " + std::to_string(names.size() - kNamed) + " more";
  return out + (names.size() == 1 ? " depends" : " depend");
}

Result<CutGraph> cut_graph(const Graph& graph, const GraphShapes& shapes, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs) {
  CutGraph out;
  std::map<TensorRef, std::string> renamed;  // ports above 0
  std::vector<bool> replaced(at(graph.size()), false);
  std::vector<NodeRecord> added;
  for (const std::string& name : inputs) {
    auto found = graph.find_tensor(name);
    if (!found.ok()) return found.error().at("input '" + name + "'");
    const TensorRef tensor = *found;
    if (tensor.port == kControlPort)
      return invalid_input("input '" + name + "' is a control edge; a tensor was expected");
    if (is_placeholder(graph[tensor.node])) continue;
    if (tensor.port == 0) {
      replaced[at(tensor.node)] = true;
      continue;
    }
    std::string placeholder = graph[tensor.node].name + "_" + std::to_string(tensor.port);
    while (graph.find(placeholder) != kNoNode) placeholder += "_";
    out.notes.push_back("input '" + name + "' became the Placeholder '" + placeholder + "'");
    renamed[tensor] = placeholder;
  }
  const auto placeholder_record = [&](const TensorRef& tensor, const std::string& name) -> Result<NodeRecord> {
    const TensorInfo& info = shapes.info(tensor);
    if (info.dtype == DType::invalid)
      return unsupported("input '" + graph.tensor_name(tensor) + "' cannot be cut: the dtype of op " +
                         graph[tensor.node].op + " is unknown");
    NodeRecord record{name, "Placeholder", {}, {}, {}, {}};
    record.attrs.set("dtype", TypeValue(info.dtype));
    record.attrs.set("shape", without_symbols(info.shape));
    return record;
  };
  Graph::Parts parts = graph.parts();
  for (NodeId id = 0; id < graph.size(); ++id) {
    NodeRecord& record = parts.nodes[at(id)];
    const Node& node = graph[id];
    for (int i = 0; i < node.data_inputs && !renamed.empty(); ++i) {
      const Input& in = node.inputs[static_cast<std::size_t>(i)];
      const auto it = renamed.find({in.node, in.port});
      if (it != renamed.end()) record.inputs[static_cast<std::size_t>(i)] = it->second;
      if (replaced[at(in.node)] && in.port != 0 && it == renamed.end())
        return invalid_input("input '" + graph[in.node].name + "' is cut, but node '" + node.name +
                             "' reads its output " + std::to_string(in.port) +
                             " too; name that output as an input as well");
    }
    if (replaced[at(id)]) {
      ISO_ASSIGN(record, placeholder_record({id, 0}, node.name));
    }
  }
  for (const auto& [tensor, name] : renamed) {
    ISO_ASSIGN(NodeRecord record, placeholder_record(tensor, name));
    parts.nodes.push_back(std::move(record));
  }
  ISO_ASSIGN(const std::shared_ptr<const Graph> whole, Graph::build(std::move(parts)));

  std::vector<bool> needed(at(whole->size()), false);
  const std::vector<bool> no_stops(at(whole->size()), false);
  for (const std::string& name : outputs) {
    ISO_ASSIGN(const TensorRef tensor, whole->find_tensor(name));
    mark_needed(*whole, tensor.node, no_stops, needed);
  }
  std::vector<NodeId> starts;
  for (NodeId id = 0; id < whole->size(); ++id)
    if (id >= graph.size() || replaced[at(id)]) starts.push_back(id);
  for (const std::string& name : inputs) {
    const auto tensor = graph.find_tensor(name);
    if (tensor.ok() && is_placeholder(graph[tensor->node])) starts.push_back(tensor->node);
  }
  if (!inputs.empty()) {
    const std::vector<std::string> independent = independent_outputs(*whole, starts, outputs);
    if (independent.size() == outputs.size() && !outputs.empty())
      return invalid_input("no output depends on any of the inputs given (first input '" + inputs[0] +
                           "', first output '" + outputs[0] + "')");
    if (!independent.empty()) out.notes.push_back(outputs_depend(independent) + " on none of the inputs given");
  }
  for (const NodeId id : starts)
    if (is_placeholder((*whole)[id])) needed[at(id)] = true;
  Graph::Parts pruned = whole->parts();
  std::vector<NodeRecord> kept;
  for (NodeId id = 0; id < whole->size(); ++id)
    if (needed[at(id)]) kept.push_back(std::move(pruned.nodes[at(id)]));
  pruned.nodes = std::move(kept);
  ISO_ASSIGN(out.graph, Graph::build(std::move(pruned)));
  return out;
}

}  // namespace isotherm
