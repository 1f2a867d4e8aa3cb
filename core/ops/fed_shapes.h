// Shapes where feeds cannot be trusted: as TensorFlow's optimiser infers them before it rewrites a graph.
#pragma once

#include <span>

#include "core/ops/shape_inference.h"

namespace isotherm {

/// As infer_shapes(), but output 0 of each of `feeds` may be a value of any shape, whatever the node says of it. Where
/// shapes contradict each other they are unknown. An error is a cycle outside loops, or a loop that does not settle.
Result<GraphShapes> infer_fed_shapes(const Graph& graph, std::span<const NodeId> feeds);

}  // namespace isotherm
