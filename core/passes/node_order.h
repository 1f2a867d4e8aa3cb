// Orders of a graph's nodes. They decide names and survivors of later passes, so they are grappler's to the letter.
#pragma once

#include <vector>

#include "core/passes/work_graph.h"

namespace isotherm::passes {

/// Sorts `nodes` so that each follows its inputs: those without inputs first, in their order, then breadth first. The
/// back edges of loops do not count. False, and nothing is changed, where a cycle stands in the way.
bool sort_topologically(const WorkGraph& graph, NodeList& nodes);

/// Takes out the nodes at `positions` (ascending): from the last one on, each changes places with the last node left.
void erase_positions(NodeList& nodes, const std::vector<int>& positions);

/// What the `roots` need, found depth first from the last root and last input on; the last found comes first. An error
/// names a root or an input that does not exist.
Result<NodeList> transitive_fanin(const WorkGraph& graph, const NodeList& nodes, const std::vector<NameId>& roots);

}  // namespace isotherm::passes
