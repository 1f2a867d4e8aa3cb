#include "core/render/fold.h"

#include <algorithm>
#include <string_view>

namespace isotherm::render {
namespace {

bool holds_weight(std::string_view op) {
  return op == "Const" || op == "VariableV2" || op == "Variable" || op == "VarHandleOp" || op == "HostConst";
}

bool reads_weight(std::string_view op) {
  return op == "Identity" || op == "ReadVariableOp" || op == "Enter" || op == "Dequantize" || op == "Cast";
}

}  // namespace

std::vector<Fold> folded_nodes(const Graph& graph) {
  const auto count = static_cast<std::size_t>(graph.size());
  std::vector<Fold> fold(count, Fold::none);
  std::vector<NodeId> queue;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (!holds_weight(node.op) || node.data_inputs != 0) continue;
    const auto outs = graph.out_edges(id);
    if (std::none_of(outs.begin(), outs.end(), [](const OutEdge& e) { return e.port != kControlPort; })) continue;
    fold[static_cast<std::size_t>(id)] = Fold::constant;
    queue.push_back(id);
  }
  // A read of a weight, and a read of a read; each is looked at once per edge that leads to it.
  while (!queue.empty()) {
    const NodeId id = queue.back();
    queue.pop_back();
    for (const OutEdge& edge : graph.out_edges(id)) {
      const Node& reader = graph[edge.node];
      const auto at = static_cast<std::size_t>(edge.node);
      if (edge.port == kControlPort || fold[at] != Fold::none || !reads_weight(reader.op)) continue;
      const auto data = reader.data();
      if (std::any_of(data.begin(), data.end(),
                      [&](const Input& in) { return fold[static_cast<std::size_t>(in.node)] == Fold::none; }))
        continue;
      const auto outs = graph.out_edges(edge.node);
      if (std::none_of(outs.begin(), outs.end(), [](const OutEdge& e) { return e.port != kControlPort; })) continue;
      fold[at] = Fold::weight_read;
      queue.push_back(edge.node);
    }
  }
  return fold;
}

}  // namespace isotherm::render
