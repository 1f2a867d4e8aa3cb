// The body of a box that shows a value of an overlay, and the value on it.
#pragma once

#include "core/render/display_list.h"
#include "core/render/overlay_words.h"
#include "core/render/scene.h"

namespace isotherm::render {

struct ValueLook {
  Color fill, text, muted;  ///< of the body, and of the words on it
  Color rule = {};          ///< between gutter and body where the fill alone does not tell them apart; alpha 0: none
  bool hatched = false;     ///< not measured
  bool failed = false;      ///< NaN or infinities: red border, tint and a cross
};

/// Whether the box's side has values.
bool shows_values(const Scene& scene, const Box& box);
/// Where a value lies on the ramp, 0 to 1. On a logarithmic one zeros, and what is too little for it, lie at 0 and all
/// others from kBelowRamp on.
double ramp_position(const Scene& scene, double value);
inline constexpr double kBelowRamp = 0.08;
/// Where a logarithmic ramp begins, above zero.
double ramp_floor(const Scene& scene);
/// Whether values lie below that.
bool ramp_has_zero(const Scene& scene);

ValueLook value_look(const Scene& scene, const Box& box, const Palette& colors);
/// px that paint_value takes. `word`: in place of the value's own words.
float value_width(const Overlay& overlay, double value, std::string_view word);
/// The value with its unit, ending at `right`, in the middle of a line at `middle`.
void paint_value(const Scene& scene, const Box& box, const ValueLook& shown, float right, float middle,
                 const Palette& colors, DisplayList& list);
/// "over the bound", "NaN or infinity differs": said in place of the op. Empty for most.
std::string value_remark(const Scene& scene, const Box& box);
/// The triangle of the first node over the bound, with its lower right corner near (x, y).
void paint_over_bound(DisplayList& list, const Palette& colors, float x, float y);
/// A cross in a square of `size` px round (x, y).
void paint_cross(DisplayList& list, float x, float y, float size, Color color);
/// The letters of a precision in their badge, left at x, round y; `word` in place of the letters. `on_body`: it lies on
/// a body of its precision's colour.
void paint_precision(DisplayList& list, const Palette& colors, int precision, std::string_view word, float x, float y,
                     bool on_body = false);
float precision_width(int precision, std::string_view word);

}  // namespace isotherm::render
