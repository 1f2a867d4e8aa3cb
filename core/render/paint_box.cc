#include "core/render/paint_box.h"

#include <algorithm>
#include <cmath>

#include "core/render/glyphs.h"
#include "core/render/paint_value.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kValueGutter = 36;  // bar and glyph of a box whose body shows a value

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
  const float middle = b.y + b.height / 2;
  ValueLook shown{body, colors.text, colors.muted};
  if (values) {
    shown = value_look(scene, b, colors);
    if (shown.failed) border = {colors.error, 2, 0, 0, false};
    list.rect(b.x, b.y, b.width, b.height, r, shown.failed ? shown.fill : colors.raised);
    const float x = b.x + (io ? std::max(kValueGutter, r) : kValueGutter);
    right_body(list, x, b.y, b.x + b.width - x, b.height, r, shown.fill);
    if (shown.hatched)
      paint_hatch(list, x + 1, b.y + 2, b.x + b.width - x - (io ? r * 0.6F : 3), b.height - 4, 7,
                  {colors.not_measured_hatch.with_alpha(0.27), 1.6F, 0, 0, false});
    if (shown.rule.a != 0) {
      list.begin_path();
      list.move(x, b.y + 0.5F);
      list.line(x, b.y + b.height - 0.5F);
      list.end_path({}, {shown.rule, 1, 0, 0, false});
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
    list.text(left, middle + baseline(kNodeTitle), scene.text(b.title), kNodeTitle, shown.text);
    if (b.form == Box::Form::scope && b.repeats > 1) {
      const Font count{FontRole::sans, 700, 10.5F};
      const float w = std::ceil(text_width(scene.text(b.detail), count)) + 10;
      list.rect(right + 4 - w, middle - 9, w, 18, 4, colors.text);
      list.text(right + 4 - w / 2, middle + baseline(count), scene.text(b.detail), count, colors.canvas,
                Anchor::middle);
    } else {
      list.text(right, middle + baseline(kNodeSub), scene.text(b.detail), kNodeSub, shown.muted, Anchor::end);
    }
  } else {
    const bool two = b.subtitle >= 0 || b.detail >= 0;
    const float first = two ? middle - 7.5F : middle, second = middle + 8;
    list.text(left, first + baseline(kNodeTitle), scene.text(b.title), kNodeTitle, shown.text);
    const std::string remark = value_remark(scene, b);
    list.text(left, second + baseline(kNodeSub), remark.empty() ? scene.text(b.subtitle) : remark, kNodeSub, shown.muted);
    paint_value(scene, b, shown, right, first, colors, list);
    list.text(right, second + baseline(kNodeSub), scene.text(b.detail), kNodeSub, shown.muted, Anchor::end);
  }
  if (b.badge && b.engine >= 0) {
    const EngineColors engine = colors.engine(b.engine);
    const Font font{FontRole::sans, 600, 9};
    const std::string number = std::to_string(b.engine);
    const float w = std::max(16.0F, std::ceil(text_width(number, font)) + 8);
    const float count = b.repeats > 1 ? 36 : 0;  // the count keeps its place
    paint_badge(list, b.x + b.width - 10 - w - count, b.y - 7, w, 14, number, engine.line, engine.line, engine.on, 9);
  }
  if (b.first_over_bound) paint_over_bound(list, colors, b.x + b.width - 1, b.y);
  if (b.note >= 0)
    list.text(b.x + 4, b.y + b.height + (b.form == Box::Form::scope ? 2 * look::kSheet : 0) + 12, scene.text(b.note),
              kNodeNote, colors.native);
}

}  // namespace

void paint_badge(DisplayList& list, float x, float y, float w, float h, std::string_view text, Color fill, Color line,
           Color on, float size) {
  list.rect(x, y, w, h, look::kBadgeRadius, fill, {line, 1, 0, 0, false});
  const Font font{FontRole::sans, 600, size};
  list.text(x + w / 2, y + h / 2 + baseline(font), text, font, on, Anchor::middle);
}

void paint_box(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list) {
  const Box& b = scene.boxes[index];
  list.begin_group(b.refers_to >= 0 ? Command::Group::reference : Command::Group::node, scene.text(b.full_name),
                   static_cast<std::int32_t>(index));
  if (b.form == Box::Form::engine)
    paint_engine(scene, b, colors, list);
  else
    paint_plain(scene, b, colors, list);
  list.end_group();
}

}  // namespace isotherm::render
