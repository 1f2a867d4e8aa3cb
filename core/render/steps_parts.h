// The parts of a step's picture between the record and the scene.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/render/fold.h"
#include "core/render/steps.h"
#include "core/render/steps_picture.h"

namespace isotherm::render {

/// Which nodes of a larger graph a step shows, and in which words the picture says so.
struct StepChoice {
  std::vector<NodeId> nodes;  ///< ascending
  std::string drawn;
};

/// At most `budget` nodes: what the step is about, then its neighbours ring by ring, along data edges. Folded nodes are
/// left out unless the step is about them, and only the first few neighbours of a hub are followed. `fold`: of the
/// replay's graph.
StepChoice choose_nodes(const Replay& replay, const ReplayState& state, int step, int budget,
                        const std::vector<Fold>& fold);

/// A refusal's path as edges of the graph, in order. A piece that no single edge stands for (within a while loop) is
/// left out.
std::vector<std::pair<NodeId, NodeId>> refused_path(const Replay& replay, const ReplayState& state, int step);

/// Outlines of the segments in a scene with places: a rectangle where no outsider stands in it, else the outline of the
/// members and the edges between them.
void outline_segments(const Replay& replay, const ReplayState& state, StepScene& out);

/// Corners of the union of rectangles less that of others, as closed loops: outer ones clockwise (y down), holes the other
/// way round. `seeds`: only parts that one of these points lies in are kept; empty: all.
struct Loops {
  std::vector<Point> corners;
  std::vector<int> sizes;
};
struct Area {
  float left = 0, top = 0, right = 0, bottom = 0;
};
Loops outline_of(const std::vector<Area>& areas, const std::vector<Area>& cuts = {},
                 const std::vector<Point>& seeds = {});

/// What has to be cut out of `whole` so that none of `outsiders` lies in it: from each the way to a side, around
/// `members` and preferably not across `lanes`, without thin walls between two such cuts; a hole where there is no way.
std::vector<Area> cuts_for(const Area& whole, const std::vector<Area>& outsiders, const std::vector<Area>& members,
                           const std::vector<Area>& lanes);

}  // namespace isotherm::render
