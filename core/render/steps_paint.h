// Marks and lines that a step's drawing and its legend share.
#pragma once

#include "core/render/display_list.h"
#include "core/render/steps_picture.h"
#include "core/render/theme.h"

namespace isotherm::render {

inline constexpr float kTestLine = 2.5F, kAcceptedLine = 2;

/// A ring with a tick in it: accepted.
void paint_tick(DisplayList& list, const Palette& colors, float x, float y, float radius);
/// A disc with the number of a refused path's piece.
void paint_number(DisplayList& list, const Palette& colors, float x, float y, float radius, int number);

}  // namespace isotherm::render
