// One side of a scene: a graph's visible part with words, sizes and places, appended to the scene.
#pragma once

#include "core/render/scene.h"
#include "core/render/visible.h"

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

/// Appends the side at the scene's origin and fills its Side, the last of scene.sides. Returns what is drawn of it.
Result<Visible> append_side(const SideSource& source, const SceneOptions& options, Scene& scene);

struct PartExtent {
  float width = 0, height = 0;            ///< of its frame, px
  std::vector<std::int32_t> box_of_node;  ///< by node id: the box in the part that shows it, -1: none
};

/// Appends a part of a side at the scene's origin, in a frame with this title that closes by `path`. The frame is the
/// first that is added.
Result<PartExtent> append_part(const SideSource& source, const SceneOptions& options, Visible part,
                               const std::string& title, const std::string& path, Scene& scene);

}  // namespace isotherm::render
