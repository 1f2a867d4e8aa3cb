// Grows clusters of candidates from outputs towards inputs: the heart of the segmenter.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/graph/graph.h"
#include "core/segment/cluster_property.h"
#include "core/segment/segmenter.h"
#include "core/segment/visit_order.h"

namespace isotherm {

struct Clusters {
  std::vector<NodeId> leader;             ///< by node id; itself for a node that did not merge
  std::vector<ClusterProperty> property;  ///< by leader
};

/// Contracts every edge between candidates that the rules allow, in the original's order.
///
/// Nodes are handled in `order.postorder`. Out-edges of the node are tried by edge id (control edges never); accepted
/// ones are contracted, the node stays the leader and takes over the targets' edges, and all is tried again until
/// nothing changes. Properties are merged edge by edge, so that of two targets that exclude each other the first wins.
/// Edges keep the order that ids would give them: an edge that a contraction moved comes after those it did not.
/// `property` holds each node's own; merges and first refusals are appended to `steps`. `stop` is asked now and then;
/// true ends the work early, with clusters that mean nothing.
Clusters contract_candidates(const Graph& graph, const VisitOrder& order, const std::vector<char>& is_candidate,
                             std::vector<ClusterProperty> property, std::vector<SegmentStep>& steps,
                             const std::function<bool()>& stop = {});

}  // namespace isotherm
