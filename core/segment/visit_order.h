// The two orders that the segmenter's results depend on.
#pragma once

#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

struct VisitOrder {
  /// Node ids as TensorFlow adds them to a graph that it reads: the lowest ready index first. Edge ids follow it.
  std::vector<NodeId> creation;
  std::vector<int> creation_index;  ///< by node id
  /// Node ids as the segmenter handles them: on leaving a depth-first walk from the graph's sources along all edges,
  /// among siblings the last name entered first.
  std::vector<NodeId> postorder;
  /// Node ids, each after its inputs, ties by name; back edges of loops do not count. Does not depend on the order of
  /// nodes in the file: engine inputs and outputs are numbered by it.
  std::vector<NodeId> topological;
};

/// An error is a cycle outside while loops, or a loop that nothing enters. `O(n log n)` in nodes and edges; the walk
/// keeps its stack on the heap.
Result<VisitOrder> visit_order(const Graph& graph);

}  // namespace isotherm
