// One side of a scene: a graph's visible part with words, sizes and places, appended to the scene.
#pragma once

#include "core/render/scene.h"

namespace isotherm::render {

/// What a side is drawn from.
struct SideSource {
  const Conversion* conversion = nullptr;
  const Graph* graph = nullptr;
  const GraphShapes* shapes = nullptr;
  const std::vector<double>* values = nullptr;  ///< by node id; null: none
  bool after = false;
  bool converted = false;  ///< the conversion was planned: natives have reasons
  const SidePlaces* before = nullptr;  ///< of the picture that this one replaces; null: none
};

/// Appends the side at the scene's origin and fills its Side, the last of scene.sides.
Status append_side(const SideSource& source, const SceneOptions& options, Scene& scene);

}  // namespace isotherm::render
