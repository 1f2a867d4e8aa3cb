// A block that repeats is drawn once with its count; the first of them stands opened beside it, so that the picture
// shows what the count counts.
#pragma once

#include "core/render/build_side.h"
#include "core/render/visible.h"

namespace isotherm::render {

/// Opens one block of the side that was appended last, still at the scene's origin, and grows the side by it: the one
/// whose repeats stand for most nodes, if its drawing has room in the budget and in the height. Inside the segment that
/// holds the block where that has the room. Boxes that it reads or feeds are pills with those boxes' names.
/// Does nothing where nothing repeats, where values are shown, and left to right.
Status open_example(const SideSource& source, const SceneOptions& options, const Visible& drawn, Scene& scene);

}  // namespace isotherm::render
