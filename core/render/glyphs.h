// The 12 px sign of each op class, and the hatch that stands for its colour in print.
#pragma once

#include "core/render/display_list.h"

namespace isotherm::render {

/// A glyph with its top left corner at (x, y), `size` px wide.
void paint_glyph(DisplayList& list, OpClass op_class, float x, float y, float size, Color color);
/// The class bar: a coloured pill, or in print a hatched box.
void paint_class_bar(DisplayList& list, const Palette& colors, OpClass op_class, float x, float y, float width,
                     float height);
/// Slanted lines over a rectangle: "not measured".
void paint_hatch(DisplayList& list, float x, float y, float w, float h, float spacing, const Stroke& stroke);

}  // namespace isotherm::render
