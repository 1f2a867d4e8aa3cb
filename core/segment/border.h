// Trims nodes off a segment's border that must not be there.
#pragma once

#include <vector>

#include "core/segment/segmenter.h"

namespace isotherm {

/// Removes members, until nothing changes: a member that reads from outside over an edge that `input_allowed` refuses
/// goes with all members upstream of it; else a member that outsiders read over an edge that `output_allowed` refuses
/// goes with all members downstream of it, a Const with those upstream (it has none).
/// `segment_of` maps node ids to `segment` for its members and is kept up to date with -1; `members` too. Each removal
/// is a step.
void trim_border(const Graph& graph, const SegmentCallbacks& callbacks, int segment, std::vector<NodeId>& members,
                 std::vector<int>& segment_of, std::vector<SegmentStep>& steps);

}  // namespace isotherm
