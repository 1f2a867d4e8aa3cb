// From a scene to paint commands. All of the look that is not a colour lives behind these functions.
#pragma once

#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::render {

/// The drawing alone, in the scene's coordinates: frames, lines, boxes. What the window scrolls and zooms.
DisplayList paint_scene(const Scene& scene);

/// The heads above the sides: "Before  877 nodes; ...". Scene coordinates.
void paint_heads(const Scene& scene, DisplayList& list);

/// The legend for a strip of `width` px at (0, 0); its height is the list's. Empty where nothing needs a word.
DisplayList paint_legend(const Scene& scene, float width);

/// The whole picture of a file: title, heads, drawing, legend, with a margin.
DisplayList paint_picture(const Scene& scene);

}  // namespace isotherm::render
