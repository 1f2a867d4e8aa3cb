// Contraction against the rules carried out literally: edges moved one by one, a walk over the whole graph for each
// question. Slow, and with nothing in common with the way it is done in core/segment.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <list>
#include <random>
#include <set>

#include "core/segment/contraction.h"
#include "core/segment/visit_order.h"

namespace isotherm {
namespace {

struct PlainEdge {
  int id;
  NodeId from, to;
  bool is_control;
};

class PlainContraction {
 public:
  PlainContraction(const Graph& graph, const VisitOrder& order, const std::vector<char>& is_candidate,
                   std::vector<ClusterProperty> property)
      : graph_(graph), is_candidate_(is_candidate), property_(std::move(property)), leader_(graph_.size()) {
    for (NodeId id = 0; id < graph.size(); ++id) leader_[static_cast<std::size_t>(id)] = id;
    for (const NodeId id : order.creation)
      for (const Input& in : graph[id].inputs) edges_.push_back({next_id_++, in.node, id, in.is_control()});
    for (const NodeId node : order.postorder)
      if (is_candidate_[static_cast<std::size_t>(node)]) grow(node);
  }

  std::vector<NodeId> leaders() const {
    std::vector<NodeId> out;
    for (NodeId id : leader_) {
      while (leader_[static_cast<std::size_t>(id)] != id) id = leader_[static_cast<std::size_t>(id)];
      out.push_back(id);
    }
    return out;
  }

 private:
  bool reaches(NodeId from, NodeId to) const {
    std::set<NodeId> seen{to};
    std::vector<NodeId> stack{to};
    while (!stack.empty()) {
      const NodeId at = stack.back();
      stack.pop_back();
      if (at == from) return true;
      for (const PlainEdge& edge : edges_)
        if (edge.to == at && seen.insert(edge.from).second) stack.push_back(edge.from);
    }
    return false;
  }

  bool contractible(const PlainEdge& edge) const {
    return std::none_of(edges_.begin(), edges_.end(), [&](const PlainEdge& other) {
      return other.to == edge.to && other.from != edge.from && reaches(edge.from, other.from);
    });
  }

  void grow(NodeId node) {
    while (true) {
      std::vector<PlainEdge> accepted;
      ClusterProperty running = property_[static_cast<std::size_t>(node)];
      for (const PlainEdge& edge : edges_) {
        if (edge.from != node || edge.is_control || !is_candidate_[static_cast<std::size_t>(edge.to)]) continue;
        const auto merged = merge_properties(running, property_[static_cast<std::size_t>(edge.to)]);
        if (!merged || !contractible(edge)) continue;
        accepted.push_back(edge);
        running = *merged;
      }
      if (accepted.empty()) return;
      property_[static_cast<std::size_t>(node)] = running;
      for (const PlainEdge& edge : accepted) contract(node, edge.to);
    }
  }

  void contract(NodeId root, NodeId target) {
    if (leader_[static_cast<std::size_t>(target)] != target) return;
    leader_[static_cast<std::size_t>(target)] = root;
    std::vector<PlainEdge> incoming, outgoing;
    for (const PlainEdge& edge : edges_) {
      if (edge.to == target && edge.from != root) incoming.push_back(edge);
      if (edge.from == target) outgoing.push_back(edge);
    }
    for (const PlainEdge& edge : incoming) edges_.push_back({next_id_++, edge.from, root, edge.is_control});
    for (const PlainEdge& edge : outgoing) edges_.push_back({next_id_++, root, edge.to, edge.is_control});
    edges_.remove_if([&](const PlainEdge& edge) { return edge.to == target || edge.from == target; });
  }

  const Graph& graph_;
  const std::vector<char>& is_candidate_;
  std::vector<ClusterProperty> property_;
  std::vector<NodeId> leader_;
  std::list<PlainEdge> edges_;
  int next_id_ = 0;
};

struct RandomCase {
  std::shared_ptr<const Graph> graph;
  std::vector<char> is_candidate;
  std::vector<ClusterProperty> property;
};

/// Names in random order, edges of all distances, control edges, sometimes a while loop of several variables.
RandomCase make_case(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<int>(random() % n); };
  Graph::Parts parts;
  std::set<std::string> used;
  const auto add = [&](const std::string& op, std::vector<std::string> inputs) {
    std::string name;
    do name = std::string(1, static_cast<char>('a' + below(26))) + std::to_string(below(1000));
    while (!used.insert(name).second);
    parts.nodes.push_back({name, op, {}, std::move(inputs), {}, {}});
    return name;
  };
  const int count = 5 + below(45), span = 2 + below(12),
            loop_at = below(3) ? -1 : below(static_cast<std::size_t>(count));
  std::vector<std::string> values, loop_back;
  for (int i = 0; i < count; ++i) {
    if (i == loop_at && values.size() > 2) {
      for (int k = 0; k < 1 + below(3); ++k) {
        const std::string enter = add("Enter", {values[static_cast<std::size_t>(below(values.size()))]});
        const std::string next = add("NextIteration", {});
        const std::string merge = add("Merge", {enter, next});
        values.push_back(add("Switch", {merge}));
        loop_back.push_back(next);
      }
    }
    std::vector<std::string> inputs, control;
    const int arity = values.empty() ? 0 : below(4);
    const auto pick = [&] {
      const int recent = std::min<int>(span, static_cast<int>(values.size()));
      return below(3) ? values[values.size() - 1 - static_cast<std::size_t>(below(static_cast<std::size_t>(recent)))]
                      : values[static_cast<std::size_t>(below(values.size()))];
    };
    for (int k = 0; k < arity; ++k) (below(8) ? inputs : control).push_back(pick());
    for (const std::string& name : control) inputs.push_back("^" + name);
    values.push_back(add("Op", inputs));
  }
  for (NodeRecord& node : parts.nodes)
    if (node.op == "NextIteration")
      node.inputs = {
          values[values.size() - 1 - static_cast<std::size_t>(below(std::min<std::size_t>(values.size(), 6)))]};
  RandomCase out;
  const int nativeness = 2 + below(6), classes = below(2) ? 0 : 3, devices = below(4) ? 0 : 3;
  for (const NodeRecord& node : parts.nodes) {
    out.is_candidate.push_back(node.op == "Op" && below(static_cast<std::size_t>(nativeness)) != 0);
    ClusterProperty property;
    if (classes && below(2)) property.batch.size = below(2) ? -2 - below(3) : 4;
    if (property.batch.size == 4) property.batch.maximum = 4;
    if (devices && below(3) == 0) property.device.id = below(2);
    out.property.push_back(property);
  }
  auto graph = Graph::build(std::move(parts));
  if (graph.ok()) out.graph = *graph;
  return out;
}

TEST(RandomContraction, AgreesWithTheRulesCarriedOutLiterally) {
  int compared = 0, merged = 0, refused_for_cycle = 0, with_loop = 0;
  for (unsigned seed = 0; seed < 1500; ++seed) {
    const RandomCase c = make_case(seed);
    if (!c.graph) continue;
    const auto order = visit_order(*c.graph);
    if (!order.ok()) continue;  // a loop back into something that is no Merge
    std::vector<SegmentStep> steps;
    const Clusters clusters = contract_candidates(*c.graph, *order, c.is_candidate, c.property, steps);
    const PlainContraction plain(*c.graph, *order, c.is_candidate, c.property);
    ASSERT_EQ(clusters.leader, plain.leaders()) << "seed " << seed;
    ++compared;
    for (const Node& node : c.graph->nodes()) with_loop += node.op == "Merge";
    for (const SegmentStep& step : steps) {
      merged += step.kind == SegmentStep::Kind::merge;
      refused_for_cycle += step.kind == SegmentStep::Kind::merge_refused && !step.path.empty();
      if (step.kind != SegmentStep::Kind::merge_refused || step.path.empty()) continue;
      EXPECT_EQ(step.path.front(), step.node);
      EXPECT_EQ(step.path.back(), step.other);
    }
  }
  EXPECT_GT(compared, 1200);
  EXPECT_GT(merged, 5000);
  EXPECT_GT(refused_for_cycle, 2000);
  EXPECT_GT(with_loop, 200);
}

}  // namespace
}  // namespace isotherm
