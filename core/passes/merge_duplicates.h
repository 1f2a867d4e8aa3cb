// Common subgraph elimination: of nodes that compute the same one stays.
#pragma once

#include <utility>
#include <vector>

#include "core/passes/pass_target.h"

namespace isotherm::passes {

/// Sorts the nodes topologically, and the inputs of commutative nodes and the control inputs of all by name. Then of
/// nodes without side effects that have the same op, device, inputs and attributes the first stays and the others'
/// readers read it, until nothing changes. Preserved nodes, frames' borders and what feeds in-place ops stay. Returns
/// the names of the nodes removed, each with the one that took its place. An error is a cycle outside loops; the
/// graph is then as it was.
Result<std::vector<std::pair<NameId, NameId>>> merge_duplicates(WorkGraph& graph, const PassTarget& target);

}  // namespace isotherm::passes
