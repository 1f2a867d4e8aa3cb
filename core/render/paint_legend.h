// The parts of a legend; paint_legend (paint.h) puts them together.
#pragma once

#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::render {

/// The panel of an overlay of values at the top of a list: title, unit, ramp or precisions, numbers. Its height, px.
float paint_value_legend(const Scene& scene, const Palette& colors, float width, DisplayList& list);

}  // namespace isotherm::render
