// Walking from node to node along the edges of the graph, over what a picture draws.
#pragma once

#include <cstdint>
#include <vector>

#include "core/render/scene.h"

namespace isotherm::ui {

/// Boxes of a drawn graph that take what nodes of `box` give (or give what they take), each once, in the order in which
/// they are drawn across the flow. An edge to a node that is folded away leads nowhere.
std::vector<std::int32_t> consumers(const render::Scene& scene, std::int32_t box);
std::vector<std::int32_t> producers(const render::Scene& scene, std::int32_t box);
/// Nodes of the drawn graph that the box shows, ascending.
std::vector<NodeId> nodes_of_box(const render::Scene& scene, std::int32_t box);

/// Where a walk is and which other ways it could have taken. A box that is no longer drawn ends it.
class EdgeWalk {
 public:
  enum class Way { with_flow, against_flow, to_previous, to_next };

  /// The box to go to; -1: there is no way. Of several the one that the walk came from, else the nearest across. The
  /// others are then to_previous and to_next of it.
  std::int32_t step(const render::Scene& scene, std::int32_t from, Way way);
  void reset();

 private:
  void remember(std::vector<std::int32_t> choices, std::int32_t to, std::int32_t from);
  std::vector<std::int32_t> choices_;  ///< what the last step along an edge could have led to
  std::int32_t at_ = -1, from_ = -1;
};

}  // namespace isotherm::ui
