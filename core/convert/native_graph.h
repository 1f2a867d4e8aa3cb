// A converted graph with its engines back to the nodes they replaced.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

struct NativeGraph {
  std::shared_ptr<const Graph> graph;
  int engine_count = 0;            ///< engines that were replaced
  std::vector<std::string> notes;  ///< what could not be had back, a sentence each
};

/// Replaces each TRTEngineOp by the nodes of its native segment, under their own names; copies of Const nodes that the
/// graph still has are left out. Of a graph that this project converted the result is the graph that was segmented,
/// control edges and colocation included (core/convert/lost_ties.h), and the casts that an FP16 conversion split are
/// whole again; only the order of nodes may differ. TF-TRT's own files do not keep which node of a segment a control
/// edge belongs to: there every first node of the segment waits for what the engine waited for, and who waited for the
/// engine waits for every last one. Of a graph without engines only the casts that an FP16 conversion split are joined.
///
/// An error names the engine: one without a native segment, or whose function is missing or does not fit the node.
Result<NativeGraph> native_graph(std::shared_ptr<const Graph> converted);

}  // namespace isotherm
