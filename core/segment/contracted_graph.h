// The graph whose nodes are clusters of nodes of another, with the question that decides every merge: would it close a
// cycle?
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/graph/graph.h"
#include "core/segment/order_list.h"
#include "core/segment/visit_order.h"

namespace isotherm {

/// Clusters under contraction. A cluster is known by its leader: the node into which the others were contracted.
///
/// The rule of the original: an edge S -> D may not be contracted if a neighbour before D other than S (along any edge,
/// control edges and back edges of loops included) can be reached from S. Instead of a walk over the whole graph for
/// each question, clusters are kept in topological order: a walk forward from S's other neighbours ends at D's place,
/// and what it saw before D's place moves behind it when S and D merge. Strongly connected parts (while loops) count
/// as one place in that order.
class ContractedGraph {
 public:
  ContractedGraph(const Graph& graph, const VisitOrder& order);

  /// Leader of the node's cluster.
  [[nodiscard]] NodeId leader(NodeId node);

  struct Decision {
    bool contractible = true;
    /// When refused: a node whose cluster follows `root` and leads to the target, if one alone suffices as a reason
    /// (see still_refused), else kNoNode.
    NodeId witness = kNoNode;
  };
  /// Whether the edges from cluster `root` to the clusters of `targets` (direct successors, of different clusters) can
  /// be contracted, each by itself.
  void decide(NodeId root, std::span<const NodeId> targets, std::vector<Decision>& decisions);
  /// Whether an earlier refusal of `target` holds without another walk.
  [[nodiscard]] bool still_refused(NodeId root, NodeId target, NodeId witness);
  /// After decide(): a way from `root` to the refused `target` that is not their edge, by nodes in whose clusters it
  /// enters; at least the two ends.
  [[nodiscard]] std::vector<NodeId> path(NodeId root, NodeId target);
  /// Merges the clusters of `targets`, which decide() just called contractible, into `root`'s.
  void contract(NodeId root, std::span<const NodeId> targets);

 private:
  using Place = std::int32_t;  // representative of what counts as one place in the order: a cluster or a loop

  void find_loops(const Graph& graph, const VisitOrder& order);
  Place place(NodeId node);
  void unite_clusters(NodeId root, NodeId other);
  void unite_places(std::span<const Place> parts, Place last);
  /// Successors of a place, one node for each; drops what has become the same.
  const std::vector<NodeId>& successors(Place place);
  /// A predecessor of the target's cluster that lies in `root`'s place, but not in its cluster.
  NodeId neighbour_in_place(NodeId root, NodeId target);
  void walk(Place start, std::uint64_t bound);

  const Graph& graph_;
  OrderList order_;
  std::vector<NodeId> cluster_parent_, cluster_leader_, next_member_;
  std::vector<std::int32_t> cluster_size_, place_size_;
  std::vector<Place> place_parent_;
  std::vector<char> is_loop_;
  bool has_loops_ = false;
  std::vector<std::vector<NodeId>> successors_;

  // The last walk: which places it saw, from which successor of its start, and through which edge.
  std::int32_t walk_number_ = 0, dedupe_number_ = 0;
  std::vector<std::int32_t> seen_, dedupe_;
  std::vector<NodeId> source_, entered_;
  std::vector<Place> came_from_;
  std::vector<Place> touched_;
  std::vector<Place> stack_;
};

}  // namespace isotherm
