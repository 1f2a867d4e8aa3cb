// Which node of the graph before a conversion is which node after it.
#pragma once

#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// The exact correspondence of two graphs. A node before maps to one node after: itself, or the engine that took it in.
/// A node that the conversion removed maps to kNoNode; a node that it added has no node before.
struct NodeMap {
  std::vector<NodeId> after_of;                ///< by id before; kNoNode: gone
  std::vector<std::vector<NodeId>> before_of;  ///< by id after, ascending; empty: new
  std::vector<int> engine_of;                  ///< by id before: index in `engines`, -1: stays native
  std::vector<NodeId> engines;                 ///< engine nodes by id after, in segment order
};

}  // namespace isotherm
