#include "core/passes/properties.h"

#include <algorithm>

#include "core/ops/fed_shapes.h"

namespace isotherm::passes {

Properties::Properties(const WorkGraph& graph, const PassTarget& target) {
  auto built = graph.build();
  if (!built.ok()) return;
  std::vector<NodeId> feeds;
  NameId last = -1;
  for (const WorkNode* node : graph.nodes) last = std::max(last, node->name);
  node_of_.assign(static_cast<std::size_t>(last + 1), kNoNode);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    node_of_[static_cast<std::size_t>(graph.nodes[i]->name)] = static_cast<NodeId>(i);
  for (const NameId feed : target.feeds)
    if (node_of(feed) != kNoNode) feeds.push_back(node_of(feed));
  auto shapes = infer_fed_shapes(**built, feeds);
  if (!shapes.ok()) {
    node_of_.clear();
    return;
  }
  graph_ = std::move(*built);
  shapes_ = std::move(*shapes);
}

int Properties::input_count(NameId name) const { return has_inputs(name) ? (*graph_)[node_of(name)].data_inputs : 0; }

int Properties::output_count(NameId name) const {
  return has_outputs(name) ? static_cast<int>(shapes_.outputs(node_of(name)).size()) : 0;
}

const TensorInfo& Properties::input(NameId name, int i) const { return shapes_.input((*graph_)[node_of(name)], i); }

const TensorInfo& Properties::output(NameId name, int i) const {
  return shapes_.outputs(node_of(name))[static_cast<std::size_t>(i)];
}

bool symbolically_equal(const Shape& a, const Shape& b) {
  if (!a.has_rank() || !b.has_rank() || a.rank() != b.rank()) return false;
  for (int i = 0; i < a.rank(); ++i)
    if (a.dim(i) == kUnknownDim || a.dim(i) != b.dim(i)) return false;
  return true;
}

}  // namespace isotherm::passes
