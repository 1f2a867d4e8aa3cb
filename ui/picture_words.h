// What a picture's boxes and lines are, in words: tooltips and what a screen reader says.
#pragma once

#include <QString>

#include "core/render/scene.h"

namespace isotherm::ui {

/// A value with its unit and six significant digits: "214.706 µs", "12 582 912 bytes (12 MiB)".
QString exact_value(const render::Overlay& overlay, double value);
/// "12 MiB", "1.5 KiB", "640 bytes".
QString bytes_words(double bytes);
/// "f32 ?×112×112×64".
QString tensor_words(const TensorInfo& info);

/// Rich text: name, op, dtype and shape, engine, overlay's value and words, reason.
QString box_tooltip(const render::Scene& scene, std::int32_t box);
/// Rich text: the tensors that the line carries, with shape and bytes.
QString line_tooltip(const render::Scene& scene, std::int32_t line);
/// One line of plain text: "conv1/Conv2D, Conv2D, engine 0, 12.3 µs"; native nodes with their reason.
QString box_sentence(const render::Scene& scene, std::int32_t box);

/// The line that passes within `reach` (px of the scene) of a point, among `lines`; -1: none.
std::int32_t nearest_line(const render::Scene& scene, const std::vector<std::int32_t>& lines, float x, float y, float reach);

}  // namespace isotherm::ui
