// The casts of an FP16 conversion.
#pragma once

#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// In FP16 TF-TRT makes each Cast from something else than half to float32 two: the first to half, a new node
/// NAME_split at the end of the graph. Only data input 0 goes there; control inputs stay. True if there was any;
/// `nodes` are the records of `graph`.
bool split_casts(const Graph& graph, std::vector<NodeRecord>& nodes);

/// Makes such pairs one Cast again. True if there was any.
bool join_split_casts(std::vector<NodeRecord>& nodes);

}  // namespace isotherm
