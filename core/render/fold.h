// Which nodes a picture leaves out because they only hold a weight.
#pragma once

#include <vector>

#include "core/graph/graph.h"

namespace isotherm::render {

enum class Fold : std::uint8_t {
  none,         ///< drawn
  constant,     ///< a Const or variable that only feeds others
  weight_read,  ///< an Identity, ReadVariableOp, Dequantize or Cast of nothing but these
  outside,      ///< not in the part of the graph that the picture is limited to
};

/// By node id. A constant that nothing reads is a result and stays. O(nodes + edges).
std::vector<Fold> folded_nodes(const Graph& graph);

}  // namespace isotherm::render
