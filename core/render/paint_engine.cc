#include <algorithm>
#include <cmath>

#include "core/render/glyphs.h"
#include "core/render/overlay_words.h"
#include "core/render/paint_box.h"
#include "core/render/paint_value.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

/// The layers of an open engine with their times, and under each its kernels.
void paint_parts(const Scene& scene, const Box& b, const Palette& colors, Color bar, DisplayList& list) {
  const float left = b.x + look::kPadding, right = b.x + b.width - look::kPadding;
  double most = 0;
  for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i)
    if (const HistogramRow& row = scene.rows[static_cast<std::size_t>(i)]; !row.summary)
      most = std::max(most, row.value);
  float y = b.y + 74 + 12;
  for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i) {
    const HistogramRow& row = scene.rows[static_cast<std::size_t>(i)];
    const Font font{FontRole::sans, row.kernel || row.summary ? 400 : 500, row.kernel ? 10.5F : 11.0F};
    const std::string value = row.value < 0 ? "–" : value_words(scene.overlay, row.value).number;
    list.text(left + (row.kernel ? 10 : 0), y, scene.text(row.op), font,
              row.kernel || row.summary ? colors.muted : colors.text);
    list.text(right, y, value, font, row.kernel || row.summary ? colors.muted : colors.text, Anchor::end);
    if (!row.kernel && !row.summary && most > 0)
      list.rect(left, y + 4, std::max(1.0F, (right - left) * static_cast<float>(std::max(row.value, 0.0) / most)), 1.5F,
                0.75F, bar);
    const bool next_is_kernel = i + 1 < b.first_row + b.rows && scene.rows[static_cast<std::size_t>(i) + 1].kernel;
    y += next_is_kernel ? (row.kernel ? 14 : 17) : row.kernel ? 17 : 20;
  }
}

}  // namespace

void paint_engine(const Scene& scene, const Box& b, const Palette& colors, DisplayList& list) {
  const EngineColors engine = colors.engine(b.engine);
  const float r = look::kEngineRadius, band = 26;
  Stroke border{engine.line, look::kEngineLine, 0, 0, false};
  if (engine.broken) border.dash = look::kEngineDash, border.gap = look::kEngineDashGap;
  const bool values = shows_values(scene, b);
  // Time is shown as a share, any other value in the body.
  const bool in_body = values && scene.overlay.kind != Overlay::Kind::time;
  const ValueLook shown = in_body ? value_look(scene, b, colors) : ValueLook{engine.tint, colors.text, colors.muted};
  if (shown.failed) border = {colors.error, look::kEngineLine, 0, 0, false};
  list.rect(b.x, b.y, b.width, b.height, r, shown.fill, border);
  if (shown.hatched)
    paint_hatch(list, b.x + 2, b.y + band, b.width - 4, b.height - band - 4, 7,
                {colors.not_measured_hatch.with_alpha(0.27), 1.6F, 0, 0, false});
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
    paint_badge(list, right - w, y - 6.5F, w, 13, kPrecision[b.precision], p.fill, p.line, p.on, 8.5F);
  };
  const std::string count = std::to_string(b.count), noun = b.count == 1 ? " node" : " nodes";
  if (b.rows > 0 && !values) {
    const Font big{FontRole::sans, 700, 26}, unit{FontRole::sans, 500, 12}, row{FontRole::sans, 500, 11};
    const float base = b.y + band + 34;
    list.text(left, base, count, big, colors.text);
    list.text(left + text_width(count, big) + 8, base, noun.substr(1), unit, colors.muted);
    precision(base - 9);
    list.text(left, base + 24, "ops", {FontRole::sans, 600, 10.5F}, colors.muted);
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
  list.text(left, base, count + noun, kNodeTitle, shown.text);
  if (!values) {
    precision(base - 4);
    return;
  }
  if (in_body) {
    paint_value(scene, b, shown, right, base - baseline(kNodeTitle), colors, list);
    if (const std::string words = value_remark(scene, b); !words.empty())
      list.text(left, base + 18, words, kNodeSub, shown.muted);
    if (b.rows > 0) paint_parts(scene, b, colors, engine.line, list);
    if (b.first_over_bound) paint_over_bound(list, colors, b.x + b.width - 1, b.y);
    return;
  }
  // An engine is a node of the converted graph: its share is of that graph's run.
  const bool shares = scene.overlay.unit == "%";
  const double whole = shares                              ? 100
                       : scene.overlay.whole_run_after > 0 ? scene.overlay.whole_run_after
                                                           : scene.drawn_sum;
  const double share = b.measured() && whole > 0 ? std::min(1.0, b.value / whole) : 0;
  if (!shares || !b.measured())
    list.text(left + text_width(count + noun, kNodeTitle) + 10, base,
              b.measured() ? value_words(scene.overlay, b.value).together() : "not measured", {FontRole::sans, 400, 11},
              colors.muted);
  if (b.measured() && whole > 0)
    list.text(right, base, format_value(share * 100) + " %", kNodeTitle, colors.text, Anchor::end);
  const float bar = right - left, bar_y = b.rows > 0 ? b.y + 60 : b.y + b.height - 14;
  list.rect(left, bar_y, bar, 5, 2.5F, colors.hover);
  if (share > 0) list.rect(left, bar_y, std::max(2.0F, bar * static_cast<float>(share)), 5, 2.5F, engine.line);
  if (b.rows > 0) paint_parts(scene, b, colors, engine.line, list);
}

}  // namespace isotherm::render
