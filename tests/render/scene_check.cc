#include "scene_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

bool overlap(float a, float b, float c, float d) { return a < d - 0.25F && c < b - 0.25F; }

/// Whether a piece of a line enters the inside of a box.
bool runs_through(const Point& a, const Point& b, const Box& box) {
  const float inset = 1;
  return std::min(a.x, b.x) < box.x + box.width - inset && std::max(a.x, b.x) > box.x + inset &&
         std::min(a.y, b.y) < box.y + box.height - inset && std::max(a.y, b.y) > box.y + inset;
}

}  // namespace

int crossings_of_boxes(const Scene& scene) {
  int count = 0;
  for (const Line& line : scene.lines)
    for (std::int32_t p = line.first_point; p + 1 < line.first_point + line.points; ++p)
      for (std::size_t b = 0; b < scene.boxes.size(); ++b)
        if (static_cast<std::int32_t>(b) != line.from && static_cast<std::int32_t>(b) != line.to &&
            runs_through(scene.points[static_cast<std::size_t>(p)], scene.points[static_cast<std::size_t>(p) + 1],
                         scene.boxes[b]))
          ++count;
  return count;
}

std::vector<std::string> scene_faults(const Scene& scene) {
  std::vector<std::string> faults;
  const auto name = [&](const Box& b) { return "'" + scene.text(b.full_name) + "'"; };
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
    const Box& a = scene.boxes[i];
    if (!(a.width > 0 && a.height > 0) || !std::isfinite(a.x) || !std::isfinite(a.y))
      faults.push_back(name(a) + " has no size or place");
    if (a.x < -0.5F || a.y < -0.5F || a.x + a.width > scene.width + 0.5F || a.y + a.height > scene.height + 0.5F)
      faults.push_back(name(a) + " lies outside the scene");
    for (std::size_t k = i + 1; k < scene.boxes.size(); ++k) {
      const Box& b = scene.boxes[k];
      if (overlap(a.x, a.x + a.width, b.x, b.x + b.width) && overlap(a.y, a.y + a.height, b.y, b.y + b.height))
        faults.push_back(name(a) + " overlaps " + name(b));
    }
    const float title = text_width(scene.text(a.title), {FontRole::sans, 600, 12});
    const float detail = text_width(scene.text(a.detail), {FontRole::sans, 400, 10.5F});
    const bool two_lines = a.height > look::kNodeHeight + 1;
    const float room = a.width - look::kGutter - look::kPadding + 1;
    if (a.form != Box::Form::engine && (two_lines ? std::max(title, detail) : title + detail) > room)
      faults.push_back("the words of " + name(a) + " are wider than its box");
    if (a.form == Box::Form::engine && title > a.width - 28 - look::kPadding + 1)
      faults.push_back("the title of " + name(a) + " is wider than its band");
    if (a.note >= 0 && text_width(scene.text(a.note), {FontRole::sans, 500, 10.5F}) > a.width + 1)
      faults.push_back("the note of " + name(a) + " is wider than its box");
    for (const Frame& f : scene.frames) {
      if (f.after_side != a.after_side) continue;
      const bool x = overlap(a.x, a.x + a.width, f.x, f.x + f.width),
                 y = overlap(a.y, a.y + a.height, f.y, f.y + f.height);
      const bool inside =
          a.x >= f.x && a.x + a.width <= f.x + f.width && a.y >= f.y && a.y + a.height <= f.y + f.height;
      if (x && y && !inside) faults.push_back(name(a) + " lies on the border of frame '" + scene.text(f.title) + "'");
    }
  }
  for (std::size_t i = 0; i < scene.frames.size(); ++i) {
    const Frame& a = scene.frames[i];
    if (a.title_x < a.x ||
        a.title_x + text_width(scene.text(a.title), {FontRole::sans, 600, 12}) > a.x + a.width + 0.5F)
      faults.push_back("the title '" + scene.text(a.title) + "' leaves its frame");
    for (std::size_t k = i + 1; k < scene.frames.size(); ++k) {
      const Frame& b = scene.frames[k];
      if (a.after_side != b.after_side || !overlap(a.x, a.x + a.width, b.x, b.x + b.width) ||
          !overlap(a.y, a.y + a.height, b.y, b.y + b.height))
        continue;
      const auto holds = [](const Frame& o, const Frame& n) {
        return n.x >= o.x && n.y >= o.y && n.x + n.width <= o.x + o.width + 0.1F &&
               n.y + n.height <= o.y + o.height + 0.1F;
      };
      if (!holds(a, b) && !holds(b, a))
        faults.push_back("frames '" + scene.text(a.title) + "' and '" + scene.text(b.title) + "' cross");
    }
  }
  for (const Line& line : scene.lines) {
    if (line.points < 2) {
      faults.push_back("a line has no points");
      continue;
    }
    for (std::int32_t p = line.first_point; p + 1 < line.first_point + line.points; ++p) {
      const Point &a = scene.points[static_cast<std::size_t>(p)], &b = scene.points[static_cast<std::size_t>(p) + 1];
      if (std::abs(a.x - b.x) > 0.5F && std::abs(a.y - b.y) > 0.5F) faults.push_back("a line runs askew");
    }
    const auto on_border = [&](const Point& p, const Box& b) {
      return p.x >= b.x - 0.5F && p.x <= b.x + b.width + 0.5F && p.y >= b.y - 0.5F && p.y <= b.y + b.height + 0.5F;
    };
    const Point &start = scene.points[static_cast<std::size_t>(line.first_point)],
                &tip = scene.points[static_cast<std::size_t>(line.first_point + line.points) - 1];
    if (line.from >= 0 && !on_border(start, scene.boxes[static_cast<std::size_t>(line.from)]))
      faults.push_back("a line does not begin at " + name(scene.boxes[static_cast<std::size_t>(line.from)]));
    if (line.to >= 0 && !on_border(tip, scene.boxes[static_cast<std::size_t>(line.to)]))
      faults.push_back("a line does not end at " + name(scene.boxes[static_cast<std::size_t>(line.to)]));
  }
  if (const int through = crossings_of_boxes(scene); through > 0)
    faults.push_back(std::to_string(through) + " pieces of lines run through boxes");
  return faults;
}

Scene checked_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options) {
  auto scene = build_scene(std::move(conversion), std::move(overlay), std::move(options));
  EXPECT_TRUE(scene.ok()) << (scene.ok() ? "" : scene.error().message);
  if (!scene.ok()) return {};
  const auto faults = scene_faults(*scene);
  EXPECT_TRUE(faults.empty()) << faults.size() << " faults, first: " << faults.front();
  return std::move(scene).value();
}

}  // namespace isotherm::render
