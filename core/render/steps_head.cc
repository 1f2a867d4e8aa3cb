#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/render/paint_box.h"
#include "core/render/steps_paint.h"
#include "core/render/text.h"

namespace isotherm::render {
namespace {

constexpr Font kTitle{FontRole::sans, 700, 16}, kChip{FontRole::sans, 600, 11}, kSentence{FontRole::sans, 400, 12.5F};
constexpr Font kNumber{FontRole::sans, 400, 10}, kNumberNow{FontRole::sans, 600, 10};
constexpr Font kWord{FontRole::sans, 400, 11.5F};
constexpr float kMargin = 32, kLeastPage = 560;
constexpr float kLeastCell = 7;  // narrower cells are drawn as one

struct Tone {
  Color line, tint;
};

Tone colors_of(StepTone tone, const Palette& p) {
  switch (tone) {
    case StepTone::accepted:
      return {p.accepted, p.ok_tint};
    case StepTone::refused:
      return {p.refused, p.error_tint};
    case StepTone::leaves:
      return {p.native, p.native_tint};
    case StepTone::neutral:
      break;
  }
  return {p.muted, p.hover};
}

/// The sign of a verdict, round (x, y).
void sign(DisplayList& list, StepTone tone, float x, float y, Color color) {
  list.begin_path();
  switch (tone) {
    case StepTone::accepted:
      list.move(x - 3, y), list.line(x - 0.8F, y + 2.3F), list.line(x + 3.2F, y - 2.4F);
      break;
    case StepTone::refused:
      list.move(x - 2.5F, y - 2.5F), list.line(x + 2.5F, y + 2.5F);
      list.move(x + 2.5F, y - 2.5F), list.line(x - 2.5F, y + 2.5F);
      break;
    case StepTone::leaves:
      list.move(x - 3, y), list.line(x + 3, y);
      break;
    case StepTone::neutral:
      break;
  }
  list.end_path({}, {color, 1.4F, 0, 0, true});
}

/// Sentences in lines of at most `width`; words longer than that are elided. At most `lines` lines.
std::vector<std::string> wrapped(std::string_view text, const Font& font, float width, std::size_t lines) {
  std::vector<std::string> out(1);
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string word = elide(text.substr(0, space), font, width);
    const std::string longer = out.back().empty() ? word : out.back() + " " + word;
    if (text_width(longer, font) <= width) {
      out.back() = longer;
    } else if (out.size() == lines) {
      out.back() = elide(out.back() + " " + std::string(text), font, width);
      break;
    } else {
      out.push_back(word);
    }
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return out;
}

/// Names on either side of a sentence's arrow, cut in their middles so that the reason still fits.
std::string shortened(const Replay& replay, int first, int last, float width) {
  std::string text = clean_text(replay.sentence(first, last));
  if (text_width(text, kSentence) <= width) return text;
  const ReplayStep& step = replay[last];
  std::vector<NodeId> named = step.through;
  named.push_back(step.from);
  named.push_back(step.to);
  if (step.kind != ReplayStep::Kind::candidates) named.push_back(replay.record(last).node);
  for (const NodeId id : named) {
    if (id == kNoNode) continue;
    const std::string name = clean_text(replay.graph()[id].name);
    const std::string cut = elide(name, kSentence, 220);
    if (cut == name) continue;
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + cut.size()))
      text.replace(at, name.size(), cut);
  }
  return text;
}

float cell_width(int steps, float width) { return width / static_cast<float>(steps); }

}  // namespace

int strip_step_at(int steps, float width, float x) {
  return std::clamp(static_cast<int>(x / cell_width(steps, width)), 0, steps - 1);
}

DisplayList paint_step_strip(const Replay& replay, int first, int last, Theme theme, float width) {
  const Palette& colors = palette(theme);
  DisplayList list;
  list.width = width;
  list.height = 24;
  list.background = colors.canvas;
  const int steps = replay.size();
  // Of cells too narrow to see, several are one: refused if one of them is, and else as the first that is not accepted.
  const int per_cell = std::max(1, static_cast<int>(std::ceil(kLeastCell / cell_width(steps, width))));
  const float gap = per_cell > 1 ? 1.0F : 2.0F;
  float taken = -1e9F;  // where the last sign or number ended
  const auto tone_of_cell = [&](int from, int to) {
    StepTone tone = tone_of(replay[from].kind);
    for (int i = from; i < to; ++i) {
      const StepTone here = tone_of(replay[i].kind);
      if (here == StepTone::refused) return here;
      if (tone == StepTone::accepted) tone = here;
    }
    return tone;
  };
  // The current one's sign and number come first; others stand where there is room left.
  const float now = cell_width(steps, width) * (static_cast<float>(last) + 0.5F);
  const std::string number = std::to_string(last + 1);
  const StepTone tone = tone_of(replay[last].kind);
  const float sign_width = tone == StepTone::neutral ? 0 : 11;
  const float number_width = text_width(number, kNumberNow) + sign_width;
  const float number_left = std::clamp(now - number_width / 2, 0.0F, std::max(0.0F, width - number_width));
  list.begin_group(Command::Group::page, "", -1);
  for (int from = 0; from < steps; from += per_cell) {
    const int to = std::min(steps, from + per_cell);
    const float left = cell_width(steps, width) * static_cast<float>(from);
    const float right = cell_width(steps, width) * static_cast<float>(to) - gap;
    const bool current = to > first && from <= last;
    const StepTone cell = tone_of_cell(from, to);
    Color fill = from > last ? colors.border : colors_of(cell, colors).line;
    if (current) fill = colors_of(tone, colors).line;
    const float y = current ? 2 : 4, h = current ? 10 : 6;
    list.rect(left, y, std::max(1.0F, right - left), h, per_cell > 1 ? 1.0F : 2.0F, fill);
    const float middle = (left + right) / 2;
    if (from > last || current || cell == StepTone::accepted || cell == StepTone::neutral) continue;
    if (middle - 5 < taken || (middle + 5 > number_left - 4 && middle - 5 < number_left + number_width + 4)) continue;
    if (middle < text_width("1", kNumber) + 8) continue;
    sign(list, cell, middle, 18.5F, fill);
    taken = middle + 5;
  }
  const float base = 22;
  sign(list, tone, number_left + 3, 18.5F, colors_of(tone, colors).line);
  list.text(number_left + sign_width, base, number, kNumberNow, colors.text);
  if (last > 0 && number_left > text_width("1", kNumber) + 8) list.text(1, base, "1", kNumber, colors.muted);
  const std::string total = std::to_string(steps);
  if (number_left + number_width < width - text_width(total, kNumber) - 8)
    list.text(width - 1, base, total, kNumber, colors.muted, Anchor::end);
  list.end_group();
  return list;
}

DisplayList paint_step_head(const Replay& replay, int first, int last, Theme theme, float width,
                            const std::string& title) {
  const Palette& colors = palette(theme);
  DisplayList list;
  list.width = width;
  list.background = colors.canvas;
  std::string step = first < last ? "Steps " + std::to_string(first + 1) + " to " + std::to_string(last + 1)
                                  : "Step " + std::to_string(last + 1);
  step += " of " + std::to_string(replay.size());
  if (!title.empty()) step = elide(clean_text(title), kTitle, width / 2) + ": " + step;
  const std::string verdict = replay.verdict(last);
  const Tone tone = colors_of(tone_of(replay[last].kind), colors);
  list.begin_group(Command::Group::page, "", -1);
  list.text(0, 16, step, kTitle, colors.text);
  const float chip = text_width(step, kTitle) + 12, chip_width = text_width(verdict, kChip) + 18;
  list.rect(chip, 1, chip_width, 20, 10, tone.tint, {tone.line, 1, 0, 0, false});
  list.text(chip + chip_width / 2, 11 + baseline(kChip), verdict, kChip, tone.line, Anchor::middle);
  const float beside = chip + chip_width + 15;
  float y = 32;
  const std::string sentence = shortened(replay, first, last, width - beside);
  if (text_width(sentence, kSentence) <= width - beside) {
    list.text(beside, 15.5F, sentence, kSentence, colors.muted);
  } else {
    y = 24;
    for (const std::string& part : wrapped(sentence, kSentence, width, 3)) {
      y += 18;
      list.text(0, y, part, kSentence, colors.muted);
    }
    y += 10;
  }
  list.end_group();
  const DisplayList strip = paint_step_strip(replay, first, last, theme, width);
  list.append(strip, 0, y);
  list.height = y + strip.height;
  return list;
}

DisplayList paint_step_legend(const StepScene& step, float width) {
  using Role = StepLine::Role;
  const Palette& colors = palette(step.scene.options.theme);
  DisplayList list;
  list.width = width;
  list.background = colors.canvas;
  if (step.scene.boxes.empty()) return list;
  const auto has = [&](Role role) {
    return std::any_of(step.lines.begin(), step.lines.end(), [&](const StepLine& l) { return l.role == role; });
  };
  list.begin_group(Command::Group::legend, "legend", -1);
  float x = 0, y = 22;
  const auto entry = [&](const std::string& words, auto paint) {
    constexpr float kSign = 34, kBetween = 30;
    const float room = kSign + 8 + text_width(words, kWord);
    if (x > 0 && x + room > width) x = 0, y += 24;
    paint(x, y);
    list.text(x + kSign + 8, y + 4, words, kWord, colors.text);
    x += room + kBetween;
  };
  const auto arrow = [&](float at, float base, Color color, float line, float head, float head_width) {
    const Point points[] = {{at, base}, {at + 34, base}};
    paint_arrow(list, points, 2, {color, line, 0, 0, true}, head, head_width);
  };
  if (has(Role::test))
    entry("edge under test", [&](float at, float base) { arrow(at, base, colors.test_edge, kTestLine, 9.5F, 8); });
  if (has(Role::merged) || has(Role::inside))
    entry("accepted", [&](float at, float base) {
      arrow(at, base, colors.accepted, kAcceptedLine, 8, 7);
      paint_tick(list, colors, at + 12, base, 6);
    });
  if (has(Role::refused))
    entry("path that closes the cycle", [&](float at, float base) {
      arrow(at, base, colors.refused, kTestLine, 9.5F, 8);
      paint_number(list, colors, at + 12, base, 7, 1);
    });
  if (has(Role::outside))
    entry("outside the test", [&](float at, float base) {
      arrow(at, base, colors.edge, look::kEdgeLine, look::kHeadLength, look::kHeadWidth);
    });
  const auto shown = [&](auto test) { return std::find_if(step.outlines.begin(), step.outlines.end(), test); };
  if (const auto o = shown([](const StepOutline& s) { return !s.leaves && !s.stands; }); o != step.outlines.end())
    entry("segment so far", [&](float at, float base) {
      const EngineColors engine = colors.engine(o->color);
      list.rect(at, base - 8, 34, 16, 5, blend(engine.tint.with_alpha(colors.segment_fill), colors.canvas),
                {engine.line, look::kSegmentLine, 0, 0, false});
    });
  if (const auto o = shown([](const StepOutline& s) { return s.stands; }); o != step.outlines.end())
    entry("segment that becomes an engine", [&](float at, float base) {
      const EngineColors engine = colors.engine(o->color);
      list.rect(at, base - 8, 34, 16, 5, blend(engine.tint.with_alpha(colors.segment_fill), colors.canvas),
                {engine.line, look::kSegmentLine, 0, 0, false});
    });
  if (std::any_of(step.scene.boxes.begin(), step.scene.boxes.end(), [](const Box& b) { return b.native; }))
    entry("stays native", [&](float at, float base) {
      list.rect(at, base - 8, 34, 16, 5, colors.raised,
                {colors.native, look::kNativeLine, look::kNativeDash, look::kNativeGap, false});
    });
  if (!step.drawn.empty()) {
    if (x > 0) y += 24;
    list.text(0, y + 4, elide(step.drawn, kWord, width), kWord, colors.muted);
  }
  list.begin_path();
  list.move(0, 0.5F);
  list.line(width, 0.5F);
  list.end_path({}, {colors.border, 1, 0, 0, false});
  list.end_group();
  list.height = y + 12;
  return list;
}

DisplayList paint_step_picture(const Replay& replay, const StepScene& step) {
  const Palette& colors = palette(step.scene.options.theme);
  const DisplayList drawing = paint_step(step);
  const float width = std::max(drawing.width, kLeastPage);
  const DisplayList head =
      paint_step_head(replay, step.first, step.last, step.scene.options.theme, width, step.options.title);
  const DisplayList legend = step.options.legend ? paint_step_legend(step, width) : DisplayList();
  DisplayList list;
  list.background = colors.canvas;
  list.title = "Segmentation step " + std::to_string(step.last + 1) + ": " + clean_text(replay.sentence(step.last));
  float y = 24;
  list.append(head, kMargin, y);
  y += head.height + 12;
  list.append(drawing, kMargin + std::floor((width - drawing.width) / 2), y);
  y += drawing.height + 10;
  list.append(legend, kMargin, y);
  y += legend.height;
  list.width = std::ceil(width + 2 * kMargin);
  list.height = std::ceil(y + 20);
  return list;
}

}  // namespace isotherm::render
