// Which while loop each node of a graph lies in, as Enter, Exit and NextIteration nodes say.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/status.h"

namespace isotherm {

struct LoopFrame {
  std::string name;  ///< attribute frame_name of its Enter nodes; empty for the root
  int parent = -1;   ///< -1 for the root, which is frame 0
};

struct FrameMap {
  std::vector<LoopFrame> frames;
  /// By node: the frame it runs in; an Enter in the frame outside, an Exit in the one inside. -1 for nodes not asked
  /// for.
  std::vector<int> node_frame;
  /// By node: the frame its outputs belong to.
  std::vector<int> output_frame;
};

/// Frames of the nodes in `order`, each after what it reads. `counts` tells which edges carry a token: an edge that
/// does not (from a fed tensor, from a constant) says nothing about frames. An error names a node that reads from two
/// frames, or an Exit outside every loop.
Result<FrameMap> assign_frames(const Graph& graph, const std::vector<NodeId>& order,
                               const std::function<bool(const Node& consumer, const Input& in)>& counts);

}  // namespace isotherm
