// The candidate test of the segmenter: which nodes an engine may take at all.
#pragma once

#include <optional>

#include "core/segment/segmenter.h"

namespace isotherm {

/// Nothing if the node is a candidate; else the first of the tests that it fails, in the original's order: device,
/// exclusion, batch dimension (implicit batch), dynamic dimensions, the callback's conditions, denied ops.
std::optional<Refusal> candidate_refusal(const Graph& graph, const GraphShapes& shapes, NodeId node,
                                         const SegmentOptions& options, const SegmentCallbacks& callbacks);

}  // namespace isotherm
