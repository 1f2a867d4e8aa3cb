#include "core/segment/contraction.h"

#include <algorithm>
#include <utility>

#include "core/segment/contracted_graph.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// All cycle paths of a segmentation together hold at most so many nodes; later refusals keep only their two ends.
constexpr std::size_t kPathBudget = std::size_t{1} << 22;

/// An out-edge of a cluster to a candidate. Edge ids are only compared, so an id is the turn at which an edge was made
/// (-1: with the graph) and a number within it; being moved since is seen from the target's cluster.
struct Edge {
  NodeId target = kNoNode;
  int turn = -1;
  int number = 0;
  NodeId witness = kNoNode;  ///< why it closes a cycle, see ContractedGraph::still_refused
  bool is_reported = false;
};

class Contraction {
 public:
  Contraction(const Graph& graph, const VisitOrder& order, const std::vector<char>& is_candidate,
              std::vector<ClusterProperty> property, std::vector<SegmentStep>& steps)
      : graph_(graph),
        order_(order),
        is_candidate_(is_candidate),
        property_(std::move(property)),
        steps_(steps),
        contracted_(graph, order),
        turn_of_(at(graph.size()), -1),
        refused_(at(graph.size())),
        first_(at(graph.size()), -1) {}

  Clusters run(const std::function<bool()>& stop) {
    constexpr std::size_t kBetweenAsking = 64;
    for (std::size_t turn = 0; turn < order_.postorder.size(); ++turn) {
      if (stop && turn % kBetweenAsking == 0 && stop()) break;
      const NodeId node = order_.postorder[turn];
      turn_of_[at(node)] = static_cast<int>(turn);
      // In a loop a node may come up after it was contracted into another, which then has its edges.
      if (is_candidate_[at(node)] && contracted_.leader(node) == node) grow(node, static_cast<int>(turn));
    }
    Clusters clusters;
    clusters.leader.resize(at(graph_.size()));
    for (NodeId id = 0; id < graph_.size(); ++id) clusters.leader[at(id)] = contracted_.leader(id);
    clusters.property = std::move(property_);
    return clusters;
  }

 private:
  using EdgeId = std::pair<int, int>;
  /// An edge whose target's cluster was contracted into another since it was made has moved to the end at that turn.
  EdgeId id_of(const Edge& edge) {
    const NodeId leader = contracted_.leader(edge.target);
    if (leader != edge.target && turn_of_[at(leader)] > edge.turn) return {turn_of_[at(leader)], 0};
    return {edge.turn, edge.number};
  }

  std::vector<Edge> own_edges(NodeId node);
  /// The edges that go with a cluster when it is contracted. In a loop its leader may not have had its turn.
  std::vector<Edge> take_edges(NodeId leader) {
    return turn_of_[at(leader)] < 0 ? own_edges(leader) : std::move(refused_[at(leader)]);
  }
  void sort_by_id(std::vector<Edge>& edges);
  void grow(NodeId node, int turn);
  /// Drops edges that became internal, double or impossible; returns the indices of those to decide, by edge id.
  std::vector<std::size_t> open_edges(NodeId node, std::vector<Edge>& edges);
  void report_property(NodeId node, const Edge& edge, const std::string& sentence);
  void report_cycle(NodeId node, Edge& edge);

  const Graph& graph_;
  const VisitOrder& order_;
  const std::vector<char>& is_candidate_;
  std::vector<ClusterProperty> property_;
  std::vector<SegmentStep>& steps_;
  ContractedGraph contracted_;
  std::vector<int> turn_of_;
  std::vector<std::vector<Edge>> refused_;  ///< by leader: edges that would close a cycle, all that may be tried again
  std::vector<std::int32_t> first_;         ///< by leader: index of the first edge to it in the list at hand
  std::size_t path_nodes_ = 0;
};

std::vector<Edge> Contraction::own_edges(NodeId node) {
  std::vector<OutEdge> out;
  for (const OutEdge& edge : graph_.out_edges(node))
    if (edge.port != kControlPort && is_candidate_[at(edge.node)]) out.push_back(edge);
  std::sort(out.begin(), out.end(), [&](const OutEdge& a, const OutEdge& b) {
    return std::pair(order_.creation_index[at(a.node)], a.input) <
           std::pair(order_.creation_index[at(b.node)], b.input);
  });
  std::vector<Edge> edges;
  for (const OutEdge& edge : out) edges.push_back({.target = edge.node, .number = static_cast<int>(edges.size())});
  return edges;
}

void Contraction::sort_by_id(std::vector<Edge>& edges) {
  std::sort(edges.begin(), edges.end(), [&](const Edge& a, const Edge& b) { return id_of(a) < id_of(b); });
}

void Contraction::report_property(NodeId node, const Edge& edge, const std::string& sentence) {
  if (edge.is_reported) return;
  steps_.push_back({SegmentStep::Kind::merge_refused, node, edge.target, {}, sentence});
}

void Contraction::report_cycle(NodeId node, Edge& edge) {
  if (edge.is_reported) return;
  edge.is_reported = true;
  std::vector<NodeId> path = contracted_.path(node, edge.target);
  std::string sentence = "would close a cycle of " + std::to_string(path.size()) + " segments and nodes";
  path_nodes_ += path.size();
  if (path_nodes_ > kPathBudget) path = {node, edge.target};
  steps_.push_back({SegmentStep::Kind::merge_refused, node, edge.target, std::move(path), std::move(sentence)});
}

std::vector<std::size_t> Contraction::open_edges(NodeId node, std::vector<Edge>& edges) {
  const ClusterProperty& mine = property_[at(node)];
  std::string sentence;
  std::vector<NodeId> marked;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Edge edge = edges[i];
    const NodeId leader = contracted_.leader(edge.target);
    if (leader == node) continue;
    std::int32_t& first = first_[at(leader)];
    if (first >= 0) {
      Edge& other = edges[at(first)];
      if (id_of(edge) < id_of(other)) {
        const bool is_reported = edge.is_reported || other.is_reported;
        const NodeId witness = other.witness == kNoNode ? edge.witness : other.witness;
        other = edge;
        other.is_reported = is_reported;
        other.witness = witness;
      }
      continue;
    }
    if (!merge_properties(mine, property_[at(leader)], &sentence)) {
      report_property(node, edge, sentence);
      continue;
    }
    first = static_cast<std::int32_t>(kept);
    marked.push_back(leader);
    edges[kept++] = edge;
  }
  edges.resize(kept);
  for (const NodeId leader : marked) first_[at(leader)] = -1;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (!contracted_.still_refused(node, edges[i].target, edges[i].witness)) open.push_back(i);
  if (open.size() > 1)
    std::sort(open.begin(), open.end(),
              [&](std::size_t a, std::size_t b) { return id_of(edges[a]) < id_of(edges[b]); });
  return open;
}

void Contraction::grow(NodeId node, int turn) {
  std::vector<Edge> edges = own_edges(node);
  std::vector<ContractedGraph::Decision> decisions;
  while (true) {
    const std::vector<std::size_t> open = open_edges(node, edges);
    if (open.empty()) break;
    std::vector<NodeId> targets;
    for (const std::size_t i : open) targets.push_back(edges[i].target);
    contracted_.decide(node, targets, decisions);

    std::vector<NodeId> accepted;
    std::vector<bool> is_gone(edges.size(), false);
    ClusterProperty property = property_[at(node)];
    std::string sentence;
    for (std::size_t k = 0; k < open.size(); ++k) {
      Edge& edge = edges[open[k]];
      auto merged = merge_properties(property, property_[at(contracted_.leader(edge.target))], &sentence);
      if (!merged) {
        report_property(node, edge, sentence);
        is_gone[open[k]] = true;
      } else if (!decisions[k].contractible) {
        edge.witness = decisions[k].witness;
        report_cycle(node, edge);
      } else {
        steps_.push_back({SegmentStep::Kind::merge, node, edge.target, {}, {}});
        accepted.push_back(edge.target);
        is_gone[open[k]] = true;
        property = std::move(*merged);
      }
    }
    property_[at(node)] = std::move(property);
    std::vector<Edge> remaining;
    for (std::size_t i = 0; i < edges.size(); ++i)
      if (!is_gone[i]) remaining.push_back(edges[i]);
    edges = std::move(remaining);
    if (accepted.empty()) break;

    // The target's edges go to the end of the node's list. A list taken over whole keeps its order without new ids.
    std::vector<NodeId> leaders;
    for (const NodeId target : accepted) leaders.push_back(contracted_.leader(target));
    if (edges.empty() && leaders.size() == 1) {
      edges = take_edges(leaders[0]);
    } else {
      sort_by_id(edges);
      for (const NodeId leader : leaders) {
        std::vector<Edge> moved = take_edges(leader);
        sort_by_id(moved);
        edges.insert(edges.end(), moved.begin(), moved.end());
      }
      for (std::size_t i = 0; i < edges.size(); ++i) {
        edges[i].turn = turn;
        edges[i].number = static_cast<int>(i);
      }
    }
    contracted_.contract(node, accepted);
  }
  refused_[at(node)] = std::move(edges);
}

}  // namespace

Clusters contract_candidates(const Graph& graph, const VisitOrder& order, const std::vector<char>& is_candidate,
                             std::vector<ClusterProperty> property, std::vector<SegmentStep>& steps,
                             const std::function<bool()>& stop) {
  return Contraction(graph, order, is_candidate, std::move(property), steps).run(stop);
}

}  // namespace isotherm
