#include "core/render/paint_box.h"

#include <algorithm>
#include <cmath>

#include "core/render/glyphs.h"
#include "core/render/paint.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kValueGutter = 36;  // bar and glyph of a box whose body shows a value

bool shows_values(const Scene& scene, const Box& box) {
  if (scene.overlay.kind != Overlay::Kind::time) return false;
  return box.after_side ? !scene.overlay.after.empty() : !scene.overlay.before.empty();
}

/// A rectangle whose right corners alone are round.
void right_body(DisplayList& list, float x, float y, float w, float h, float r, Color fill) {
  list.begin_path();
  list.move(x, y);
  list.line(x + w - r, y);
  list.quad(x + w, y, x + w, y + r);
  list.line(x + w, y + h - r);
  list.quad(x + w, y + h, x + w - r, y + h);
  list.line(x, y + h);
  list.close();
  list.end_path(fill, {});
}

void badge(DisplayList& list, float x, float y, float w, float h, std::string_view text, Color fill, Color line,
           Color on, float size) {
  list.rect(x, y, w, h, look::kBadgeRadius, fill, {line, 1, 0, 0, false});
  const Font font{FontRole::sans, 600, size};
  list.text(x + w / 2, y + h / 2 + baseline(font), text, font, on, Anchor::middle);
}

/// The layers of an open engine with their times, and under each its kernels.
void paint_parts(const Scene& scene, const Box& b, const Palette& colors, Color bar, DisplayList& list) {
  const float left = b.x + look::kPadding, right = b.x + b.width - look::kPadding;
  double most = 0;
  for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i)
    if (const HistogramRow& row = scene.rows[static_cast<std::size_t>(i)]; !row.summary) most = std::max(most, row.value);
  float y = b.y + 74 + 12;
  for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i) {
    const HistogramRow& row = scene.rows[static_cast<std::size_t>(i)];
    const Font font{FontRole::sans, row.kernel || row.summary ? 400 : 500, row.kernel ? 10.0F : 11.0F};
    const std::string value = format_value(row.value);
    list.text(left + (row.kernel ? 10 : 0), y, scene.text(row.op), font, row.kernel || row.summary ? colors.muted : colors.text);
    list.text(right, y, value, font, row.kernel || row.summary ? colors.muted : colors.text, Anchor::end);
    if (!row.kernel && !row.summary && most > 0)
      list.rect(left, y + 4, std::max(1.0F, (right - left) * static_cast<float>(std::max(row.value, 0.0) / most)), 1.5F, 0.75F, bar);
    const bool next_is_kernel = i + 1 < b.first_row + b.rows && scene.rows[static_cast<std::size_t>(i) + 1].kernel;
    y += next_is_kernel ? (row.kernel ? 14 : 17) : row.kernel ? 17 : 20;
  }
}

void paint_engine(const Scene& scene, const Box& b, const Palette& colors, DisplayList& list) {
  const EngineColors engine = colors.engine(b.engine);
  const float r = look::kEngineRadius, band = 26;
  Stroke border{engine.line, look::kEngineLine, 0, 0, false};
  if (engine.broken) border.dash = look::kEngineDash, border.gap = look::kEngineDashGap;
  const bool values = shows_values(scene, b);
  list.rect(b.x, b.y, b.width, b.height, r, engine.tint, border);
  list.begin_path();
  list.move(b.x, b.y + band);
  list.line(b.x, b.y + r);
  list.quad(b.x, b.y, b.x + r, b.y);
  list.line(b.x + b.width - r, b.y);
  list.quad(b.x + b.width, b.y, b.x + b.width, b.y + r);
  list.line(b.x + b.width, b.y + band);
  list.close();
  list.end_path(engine.line, {});
  float title = b.x + look::kPadding;
  if (b.engine >= 0) {
    const Font index{FontRole::sans, 700, 10};
    const std::string number = std::to_string(b.engine);
    const float w = std::max(16.0F, text_width(number, index) + 8);
    list.rect(b.x + 6, b.y + 5.5F, w, 15, 4, engine.on);
    list.text(b.x + 6 + w / 2, b.y + 13 + baseline(index), number, index, engine.line, Anchor::middle);
    title = b.x + 6 + w + 6;
  }
  list.text(title, b.y + 13 + baseline(kNodeTitle), scene.text(b.title), kNodeTitle, engine.on);

  const float left = b.x + look::kPadding, right = b.x + b.width - look::kPadding;
  static constexpr const char* kPrecision[] = {"F32", "F16", "I8"};
  const auto precision = [&](float y) {
    if (b.precision < 0 || b.precision > 2) return;
    const PrecisionColors& p = colors.precision[static_cast<std::size_t>(b.precision)];
    const Font font{FontRole::sans, 600, 8.5F};
    const float w = std::ceil(text_width(kPrecision[b.precision], font)) + 9;
    badge(list, right - w, y - 6.5F, w, 13, kPrecision[b.precision], p.fill, p.line, p.on, 8.5F);
  };
  const std::string count = std::to_string(b.count), noun = b.count == 1 ? " node" : " nodes";
  if (b.rows > 0 && !values) {
    const Font big{FontRole::sans, 700, 26}, unit{FontRole::sans, 500, 12}, row{FontRole::sans, 500, 11};
    const float base = b.y + band + 34;
    list.text(left, base, count, big, colors.text);
    list.text(left + text_width(count, big) + 8, base, noun.substr(1), unit, colors.muted);
    precision(base - 9);
    list.text(left, base + 24, "ops", {FontRole::sans, 600, 10}, colors.muted);
    int most = 1;
    for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i)
      if (!scene.rows[static_cast<std::size_t>(i)].summary)
        most = std::max(most, scene.rows[static_cast<std::size_t>(i)].count);
    float y = base + 43;
    bool ruled = false;
    for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i) {
      const HistogramRow& h = scene.rows[static_cast<std::size_t>(i)];
      if (h.summary && !ruled) {
        list.begin_path();
        list.move(left, y - 9);
        list.line(right, y - 9);
        list.end_path({}, {colors.cluster_frame, 0.6F, 0, 0, false});
        ruled = true;
        y += 9;
      }
      if (h.summary) {
        list.text(left, y, scene.text(h.op), {FontRole::sans, 400, 11}, colors.muted);
        list.text(right, y, std::to_string(h.count), row, colors.text, Anchor::end);
        y += 16;
        continue;
      }
      list.text(left, y, scene.text(h.op), row, colors.text);
      const float room = 58, w = std::max(1.5F, room * static_cast<float>(h.count) / static_cast<float>(most));
      if (colors.print)
        paint_class_bar(list, colors, h.op_class, left + 120, y - 8.5F, w, 9);
      else
        list.rect(left + 120, y - 8.5F, w, 9, 2, colors.of(h.op_class).bar);
      list.text(left + 120 + w + 5, y, std::to_string(h.count), row, colors.text);
      y += 18.5F;
    }
    return;
  }
  const float base = b.y + band + 21;
  list.text(left, base, count + noun, kNodeTitle, colors.text);
  if (!values) {
    precision(base - 4);
    return;
  }
  const Font time{FontRole::sans, 400, 11};
  list.text(left + text_width(count + noun, kNodeTitle) + 10, base,
            b.value >= 0 ? format_value(b.value) + " " + scene.overlay.unit : "not measured", time, colors.muted);
  // An engine is a node of the converted graph: its share is of that graph's run.
  const double whole = scene.overlay.whole_run_after > 0 ? scene.overlay.whole_run_after : scene.drawn_sum;
  const double share = b.value >= 0 && whole > 0 ? std::min(1.0, b.value / whole) : 0;
  if (b.value >= 0 && whole > 0)
    list.text(right, base, format_value(share * 100) + " %", kNodeTitle, colors.text, Anchor::end);
  const float bar = right - left, bar_y = b.rows > 0 ? b.y + 60 : b.y + b.height - 14;
  list.rect(left, bar_y, bar, 5, 2.5F, colors.hover);
  if (share > 0) list.rect(left, bar_y, std::max(2.0F, bar * static_cast<float>(share)), 5, 2.5F, engine.line);
  if (b.rows > 0) paint_parts(scene, b, colors, engine.line, list);
}

void paint_plain(const Scene& scene, const Box& b, const Palette& colors, DisplayList& list) {
  const bool values = shows_values(scene, b);
  const bool io = b.form == Box::Form::io;
  const float r = io ? b.height / 2 : look::kNodeRadius;
  Stroke border{colors.node_border, look::kNodeLine, 0, 0, false};
  if (b.native)
    border = {colors.native, look::kNativeLine, look::kNativeDash, look::kNativeGap, false};
  else if (b.op_class == OpClass::unknown && !io)
    border.dash = look::kUnknownDash, border.gap = look::kUnknownGap;
  Color body = colors.raised;
  const bool tinted = scene.overlay.kind == Overlay::Kind::op_class || scene.overlay.kind == Overlay::Kind::none ||
                      (b.engine < 0 && !b.native);
  if (!values && tinted && !io) body = colors.of(b.op_class).fill;
  if (b.form == Box::Form::scope) {
    for (const float offset : {2 * look::kSheet, look::kSheet})
      list.rect(b.x + offset, b.y + offset, b.width, b.height, r, colors.raised, {colors.node_border, 1, 0, 0, false});
  }
  Color text = colors.text, muted = colors.muted;
  const float middle = b.y + b.height / 2;
  if (values) {
    list.rect(b.x, b.y, b.width, b.height, r, colors.raised);
    const float x = b.x + (io ? std::max(kValueGutter, r) : kValueGutter);
    if (b.value >= 0) {
      const Color heat = colors.heat_at(ramp_position(scene, b.value));
      right_body(list, x, b.y, b.x + b.width - x, b.height, r, heat);
      text = muted = text_on(heat);
    } else {
      right_body(list, x, b.y, b.x + b.width - x, b.height, r, colors.not_measured);
      Color faint = colors.not_measured_hatch;
      faint.a = 70;
      paint_hatch(list, x + 1, b.y + 2, b.x + b.width - x - (io ? r * 0.6F : 3), b.height - 4, 7,
                  {faint, 1.6F, 0, 0, false});
      text = colors.text;
      muted = colors.muted;
    }
    list.rect(b.x, b.y, b.width, b.height, r, {}, border);
  } else {
    list.rect(b.x, b.y, b.width, b.height, r, body, border);
  }
  const Color ink = colors.of(b.op_class).bar;
  if (io) {
    paint_glyph(list, b.op_class, b.x + 14, middle - 6, 12, ink);
  } else {
    const float inset = values ? 7 : 5;
    paint_class_bar(list, colors, b.op_class, b.x + 4.5F, b.y + inset, 3.5F, b.height - 2 * inset);
    paint_glyph(list, b.op_class, b.x + 14, middle - 6, 12, ink);
  }
  const float left = b.x + (values ? look::kGutter + 10 : look::kGutter),
              right = b.x + b.width - (io ? 14 : look::kPadding);
  if (!values) {
    list.text(left, middle + baseline(kNodeTitle), scene.text(b.title), kNodeTitle, text);
    if (b.form == Box::Form::scope && b.repeats > 1) {
      const Font count{FontRole::sans, 700, 10.5F};
      const float w = std::ceil(text_width(scene.text(b.detail), count)) + 10;
      list.rect(right + 4 - w, middle - 9, w, 18, 4, colors.text);
      list.text(right + 4 - w / 2, middle + baseline(count), scene.text(b.detail), count, colors.canvas,
                Anchor::middle);
    } else {
      list.text(right, middle + baseline(kNodeSub), scene.text(b.detail), kNodeSub, muted, Anchor::end);
    }
  } else {
    const bool two = b.subtitle >= 0 || b.detail >= 0;
    const float first = two ? middle - 7.5F : middle, second = middle + 8;
    list.text(left, first + baseline(kNodeTitle), scene.text(b.title), kNodeTitle, text);
    list.text(left, second + baseline(kNodeSub), scene.text(b.subtitle), kNodeSub, muted);
    list.text(right, first + baseline(kNodeValue), b.value >= 0 ? format_value(b.value) : "–", kNodeValue, text,
              Anchor::end);
    list.text(right, second + baseline(kNodeSub), scene.text(b.detail), kNodeSub, muted, Anchor::end);
  }
  if (b.badge && b.engine >= 0) {
    const EngineColors engine = colors.engine(b.engine);
    const Font font{FontRole::sans, 600, 9};
    const std::string number = std::to_string(b.engine);
    const float w = std::max(16.0F, std::ceil(text_width(number, font)) + 8);
    const float count = b.repeats > 1 ? 36 : 0;  // the count keeps its place
    badge(list, b.x + b.width - 10 - w - count, b.y - 7, w, 14, number, engine.line, engine.line, engine.on, 9);
  }
  if (b.note >= 0)
    list.text(b.x + 4, b.y + b.height + (b.form == Box::Form::scope ? 2 * look::kSheet : 0) + 12, scene.text(b.note),
              kNodeNote, colors.native);
}

}  // namespace

double ramp_position(const Scene& scene, double value) {
  const double low = scene.overlay_min, high = scene.overlay_max;
  if (!(high > low)) return high > 0 ? 1 : 0;
  if (scene.overlay.logarithmic) {
    // Zeros would need an infinite scale: six decades are kept.
    const double floor = std::max(low, high * 1e-6);
    if (value <= floor) return 0;
    return std::log(value / floor) / std::log(high / floor);
  }
  return (value - low) / (high - low);
}

void paint_box(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list) {
  const Box& b = scene.boxes[index];
  // A pill that names another box is no node of its own.
  list.begin_group(b.refers_to >= 0 ? Command::Group::page : Command::Group::node, scene.text(b.full_name), static_cast<std::int32_t>(index));
  if (b.form == Box::Form::engine)
    paint_engine(scene, b, colors, list);
  else
    paint_plain(scene, b, colors, list);
  list.end_group();
}

}  // namespace isotherm::render
