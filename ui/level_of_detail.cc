#include "ui/level_of_detail.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/render/theme.h"

namespace isotherm::ui {
namespace {

constexpr qreal kFrom[] = {0, 3, 6, 11, 18, 26};
constexpr qreal kHysteresis = 0.1;

using render::Command;

Detail text_detail(const render::Scene& scene, const render::Box& box, const std::string& text, const render::Font& font) {
  if (box.title >= 0 && text == render::clean_text(scene.text(box.title))) return Detail::title;
  if (box.engine >= 0 && font.weight >= 600 && text == std::to_string(box.engine)) return Detail::title;
  // What an engine holds is a table: its words and bars come and go together.
  if (box.form == render::Box::Form::engine) return font.size >= 12 ? Detail::words : Detail::all;
  if (font.role == render::FontRole::mono || font.weight >= 600) return Detail::words;
  return Detail::all;
}

/// By form: a body or band, a class bar, a glyph, or a badge.
Detail shape_detail(const render::Box& box, float w, float h, bool path) {
  if (w >= 0.5F * box.width && (h >= 0.3F * box.height || h >= 20)) return Detail::shape;
  if (w <= 5 && h >= 10) return Detail::shape;
  if (box.form == render::Box::Form::engine) return Detail::all;
  if (path && w <= 16 && h <= 16) return Detail::title;
  return Detail::words;
}

void path_size(const render::DisplayList& list, const Command& c, float& w, float& h) {
  float low[2] = {1e30F, 1e30F}, high[2] = {-1e30F, -1e30F};
  std::size_t count = 0;
  for (std::int32_t i = 0; i < c.count; ++i) {
    const char verb = list.verbs[static_cast<std::size_t>(c.first + i)];
    count += verb == 'Q' ? 4 : verb == 'C' ? 6 : verb == 'Z' ? 0 : 2;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const float v = list.numbers[static_cast<std::size_t>(c.number) + i];
    low[i % 2] = std::min(low[i % 2], v);
    high[i % 2] = std::max(high[i % 2], v);
  }
  w = high[0] - low[0];
  h = high[1] - low[1];
}

}  // namespace

Detail detail_at(qreal height) {
  int level = 0;
  for (int i = 1; i < static_cast<int>(std::size(kFrom)); ++i)
    if (height >= kFrom[i]) level = i;
  return static_cast<Detail>(level);
}

Detail next_detail(Detail now, qreal height) {
  const Detail wanted = detail_at(height);
  if (wanted >= now) return wanted;
  // Falling: as far as the lower edges, less the hysteresis, say.
  return std::min(now, detail_at(height / (1 - kHysteresis)));
}

qreal node_height(const render::Scene& scene) {
  std::map<int, int> heights;
  for (const render::Box& box : scene.boxes)
    if (box.form != render::Box::Form::engine) ++heights[qRound(box.height)];
  int best = qRound(render::look::kNodeHeight), most = 0;
  for (const auto& [height, count] : heights)
    if (count > most) best = height, most = count;
  return qMax(1, best);
}

std::vector<Detail> command_details(const render::DisplayList& list, const render::Scene& scene) {
  std::vector<Detail> out(list.commands.size(), Detail::frames);
  auto group = Command::Group::page;
  const render::Box* box = nullptr;
  for (std::size_t i = 0; i < list.commands.size(); ++i) {
    const Command& c = list.commands[i];
    if (c.kind == Command::Kind::begin_group) {
      group = c.group;
      box = (group == Command::Group::node || group == Command::Group::reference) && c.box >= 0 ? &scene.boxes[static_cast<std::size_t>(c.box)] : nullptr;
      continue;
    }
    if (c.kind == Command::Kind::end_group) {
      group = Command::Group::page;
      box = nullptr;
      continue;
    }
    if (box) {
      float w = c.w, h = c.h;
      switch (c.kind) {
        case Command::Kind::text: {
          out[i] = text_detail(scene, *box, list.strings[static_cast<std::size_t>(c.text)], c.font);
          // The plate of a badge comes and goes with its word.
          Command const* plate = i > 0 ? &list.commands[i - 1] : nullptr;
          if (plate && plate->kind == Command::Kind::rect && plate->h <= 20 && plate->x <= c.x && c.x <= plate->x + plate->w && out[i - 1] != Detail::shape) out[i - 1] = out[i];
          break;
        }
        case Command::Kind::path:
          path_size(list, c, w, h);
          out[i] = shape_detail(*box, w, h, true);
          break;
        case Command::Kind::rect:
        case Command::Kind::ramp: out[i] = shape_detail(*box, w, h, false); break;
        default: break;
      }
    } else if (group == Command::Group::edge) {
      out[i] = c.kind == Command::Kind::text ? Detail::all : Detail::fill;
    }
  }
  return out;
}

}  // namespace isotherm::ui
