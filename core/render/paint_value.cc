#include "core/render/paint_value.h"

#include <algorithm>
#include <cmath>

#include "core/render/paint_box.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr Font kUnit{FontRole::sans, 400, 10.5F};
constexpr Font kLetters{FontRole::sans, 600, 9};
constexpr float kUnitGap = 3;

int precision_of(double value) { return static_cast<int>(std::clamp(value + 0.5, 0.0, kMixedPrecision)); }

std::string letters_of(int precision, std::string_view word) {
  if (!word.empty()) return std::string(word);
  Overlay overlay;
  overlay.kind = Overlay::Kind::precision;
  return value_words(overlay, precision).number;
}

}  // namespace

bool shows_values(const Scene& scene, const Box& box) {
  return scene.overlay.measured() && !(box.after_side ? scene.overlay.after : scene.overlay.before).empty();
}

double ramp_floor(const Scene& scene) {
  // What is a millionth of the highest takes no room on a scale of time or bytes; errors span more.
  const double least = scene.overlay_least;
  return scene.overlay.kind == Overlay::Kind::error ? least : std::max(least, scene.overlay_max * 1e-6);
}

bool ramp_has_zero(const Scene& scene) {
  return scene.overlay.logarithmic && scene.overlay_max > 0 && scene.overlay_min < ramp_floor(scene);
}

double ramp_position(const Scene& scene, double value) {
  const double low = scene.overlay_min, high = scene.overlay_max;
  if (!(high > low)) return high > 0 ? 1 : 0;
  if (!scene.overlay.logarithmic) return std::clamp((value - low) / (high - low), 0.0, 1.0);
  const double floor = ramp_floor(scene), from = ramp_has_zero(scene) ? kBelowRamp : 0;
  if (!(value >= floor)) return 0;
  if (!(high > floor)) return 1;
  return std::min(1.0, from + (1 - from) * std::log(value / floor) / std::log(high / floor));
}

ValueLook value_look(const Scene& scene, const Box& b, const Palette& colors) {
  if (!b.measured()) return {colors.not_measured, colors.text, colors.muted, {}, true, false};
  if (is_failed(scene.overlay, b.value)) return {colors.error_tint, colors.text, colors.error, {}, false, true};
  if (scene.overlay.kind == Overlay::Kind::precision) {
    const int precision = precision_of(b.value);
    if (precision > 2) return {colors.raised, colors.text, colors.muted, colors.border, false, false};
    const PrecisionColors& p = colors.precision[static_cast<std::size_t>(precision)];
    return {p.fill, p.on, p.on, p.line, false, false};
  }
  const Color heat = colors.heat_at(ramp_position(scene, b.value));
  const Color on = text_on(heat);
  return {heat, on, on, {}, false, false};
}

float precision_width(int precision, std::string_view word) {
  return std::ceil(text_width(letters_of(precision, word), kLetters)) + 10;
}

void paint_precision(DisplayList& list, const Palette& colors, int precision, std::string_view word, float x, float y,
                     bool on_body) {
  const std::string text = letters_of(precision, word);
  PrecisionColors p{colors.node_border, colors.raised, colors.text};
  if (precision >= 0 && precision <= 2) p = colors.precision[static_cast<std::size_t>(precision)];
  // On a body of its own colour the badge keeps an outline.
  if (on_body && contrast(p.line, p.fill) < 1.5) p.line = p.on;
  paint_badge(list, x, y - 7, precision_width(precision, word), 14, text, p.fill, p.line, p.on, kLetters.size);
}

float value_width(const Overlay& overlay, double value, std::string_view word) {
  if (overlay.kind == Overlay::Kind::precision && value >= 0) return precision_width(precision_of(value), word);
  if (is_failed(overlay, value)) return text_width(value_words(overlay, value).number, kNodeValue) + 18;
  const ValueWords words = value_words(overlay, value);
  return text_width(words.number, kNodeValue) + (words.unit.empty() ? 0 : kUnitGap + text_width(words.unit, kUnit));
}

void paint_value(const Scene& scene, const Box& b, const ValueLook& shown, float right, float middle,
                 const Palette& colors, DisplayList& list) {
  const Overlay& overlay = scene.overlay;
  if (overlay.kind == Overlay::Kind::precision && b.measured()) {
    const std::string& word = scene.text(b.value_word);
    const int precision = precision_of(b.value);
    paint_precision(list, colors, precision, word, right - precision_width(precision, word), middle, true);
    return;
  }
  const ValueWords words = value_words(overlay, b.value);
  float end = right;
  if (shown.failed) {
    paint_cross(list, right - 5, middle, 9, colors.error);
    end -= 18;
  }
  if (!words.unit.empty()) {
    list.text(end, middle + baseline(kNodeValue), words.unit, kUnit, shown.muted, Anchor::end);
    end -= text_width(words.unit, kUnit) + kUnitGap;
  }
  list.text(end, middle + baseline(kNodeValue), words.number, kNodeValue, shown.failed ? colors.error : shown.text,
            Anchor::end);
}

std::string value_remark(const Scene& scene, const Box& b) {
  if (!shows_values(scene, b)) return {};
  if (is_failed(scene.overlay, b.value)) return "NaN or infinity differs";
  return is_over_bound(scene.overlay, b.value) ? "over the bound" : "";
}

void paint_cross(DisplayList& list, float x, float y, float size, Color color) {
  const float half = size / 2;
  list.begin_path();
  list.move(x - half, y - half);
  list.line(x + half, y + half);
  list.move(x + half, y - half);
  list.line(x - half, y + half);
  list.end_path({}, {color, 2, 0, 0, true});
}

void paint_over_bound(DisplayList& list, const Palette& colors, float x, float y) {
  constexpr float kHalf = 8, kHeight = 14;
  const float bottom = y + 4, top = bottom - kHeight;
  list.begin_path();
  list.move(x, top);
  list.line(x + kHalf, bottom);
  list.line(x - kHalf, bottom);
  list.close();
  list.end_path(colors.error, {colors.canvas, 1.5F, 0, 0, true});
  list.begin_path();
  list.move(x, top + 5.5F);
  list.line(x, bottom - 4.8F);
  list.move(x, bottom - 2.6F);
  list.line(x, bottom - 2.4F);
  list.end_path({}, {text_on(colors.error), 1.4F, 0, 0, true});
}

}  // namespace isotherm::render
