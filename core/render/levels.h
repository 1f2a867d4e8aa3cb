// Before and after side by side: what belongs together stands at the same height.
#pragma once

#include <vector>

#include "core/render/flow.h"
#include "core/render/scene.h"
#include "core/render/visible.h"

namespace isotherm::render {

/// Flow::row_wishes of the after side: by rank, the height at which the side before, already in the scene, shows what
/// became of the row: an engine's row wishes to stand at the middle of its segment. Linear in the nodes.
std::vector<float> level_wishes(const Scene& scene, const NodeMap& map, const Visible& after, const Flow& flow);

}  // namespace isotherm::render
