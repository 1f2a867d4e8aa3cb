// What a picture's boxes and lines are, in words: tooltips and what a screen reader says.
#pragma once

#include <QString>

#include "core/render/scene.h"

namespace isotherm::ui {

/// render::box_tip as rich text.
QString box_tooltip(const render::Scene& scene, std::int32_t box);
/// render::line_tip as rich text.
QString line_tooltip(const render::Scene& scene, std::int32_t line);
/// One line of plain text: "conv1/Conv2D, Conv2D, engine 0, 12.3 µs"; native nodes with their reason.
QString box_sentence(const render::Scene& scene, std::int32_t box);

/// The line that passes within `reach` (px of the scene) of a point, among `lines`; -1: none.
std::int32_t nearest_line(const render::Scene& scene, const std::vector<std::int32_t>& lines, float x, float y, float reach);

}  // namespace isotherm::ui
