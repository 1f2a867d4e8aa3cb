#include "core/render/paint.h"

#include <algorithm>
#include <cmath>

#include "core/render/paint_box.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kMargin = 24;
constexpr float kTitleHeight = 40;
constexpr Font kHead{FontRole::sans, 700, 14};
constexpr Font kHeadDetail{FontRole::sans, 400, 12};
constexpr Font kPageTitle{FontRole::sans, 700, 18};
constexpr Font kPageSub{FontRole::sans, 400, 12.5F};
constexpr float kMostTitleWidth = 760;  // words alone make no picture wider
constexpr float kLeastPage = 520;  // a legend of one word per line reads badly

/// What the picture shows, in words that can be searched for.
std::string keywords(const Scene& scene) {
  static constexpr const char* kView[] = {"graph before conversion", "graph after conversion", "before and after conversion"};
  static constexpr const char* kOverlay[] = {"",     "engines",   "op classes",   "time",
                                             "memory", "precision", "numeric error"};
  std::string words = scene.conversion != nullptr && scene.conversion->after != nullptr
                          ? kView[static_cast<std::size_t>(scene.options.view)]
                          : "graph";
  if (const char* overlay = kOverlay[static_cast<std::size_t>(scene.overlay.kind)]; *overlay != '\0')
    words += std::string(", ") + overlay;
  return words;
}

}  // namespace

DisplayList paint_scene(const Scene& scene) {
  const Palette& colors = palette(scene.options.theme, scene.options.palette);
  DisplayList list;
  list.width = scene.width;
  list.height = scene.height;
  list.background = colors.canvas;
  paint_funnels(scene, colors, list);
  for (std::size_t i = 0; i < scene.frames.size(); ++i) paint_frame(scene, i, colors, list);
  for (const bool control : {true, false})
    for (std::size_t i = 0; i < scene.lines.size(); ++i)
      if (scene.lines[i].control == control) paint_line(scene, i, colors, list);
  for (std::size_t i = 0; i < scene.frames.size(); ++i) paint_frame_title(scene, i, colors, list);
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) paint_box(scene, i, colors, list);
  return list;
}

void paint_heads(const Scene& scene, DisplayList& list) {
  const Palette& colors = palette(scene.options.theme, scene.options.palette);
  for (const Side& side : scene.sides) {
    const float base = side.y - 22;
    list.text(side.x, base, scene.text(side.head), kHead, colors.text);
    list.text(side.x + text_width(scene.text(side.head), kHead) + 10, base, scene.text(side.head_detail), kHeadDetail,
              colors.muted);
  }
}

DisplayList paint_picture(const Scene& scene) {
  const Palette& colors = palette(scene.options.theme, scene.options.palette);
  const DisplayList drawing = paint_scene(scene);
  const float most = std::max(scene.width, kMostTitleWidth);
  const std::string title = elide(clean_text(scene.options.title), kPageTitle, most),
                    subtitle = clean_text(scene.options.subtitle);
  const float titled = title.empty() ? 0 : kTitleHeight;
  const float beside = title.empty() ? 0 : text_width(title, kPageTitle) + 14;
  float width = std::max({scene.width, text_width(title, kPageTitle), scene.options.legend ? kLeastPage : 0.0F});
  const bool second_line = beside + text_width(subtitle, kPageSub) > std::max(width, kMostTitleWidth);
  if (!second_line) width = std::max(width, beside + text_width(subtitle, kPageSub));
  const DisplayList legend = scene.options.legend ? paint_legend(scene, width) : DisplayList();

  DisplayList list;
  list.background = colors.canvas;
  list.highlight = colors.accent;
  list.keywords = keywords(scene);
  list.title = !title.empty() ? clean_text(scene.options.title) : scene.sides.empty() ? "graph" : scene.text(scene.sides.front().head);
  float y = kMargin;
  list.begin_group(Command::Group::page, "", -1);
  if (!title.empty()) {
    list.text(kMargin, y + 18, title, kPageTitle, colors.text);
    if (second_line) y += 22;
    list.text(kMargin + (second_line ? 0 : beside), y + 17.5F, elide(subtitle, kPageSub, width), kPageSub,
              colors.muted);
  }
  y += titled;
  DisplayList heads;
  paint_heads(scene, heads);
  // A drawing narrower than the page stands in its middle, its heads keep to it.
  const float dx = kMargin + std::floor((width - scene.width) / 2);
  list.append(heads, dx, y);
  list.end_group();
  list.append(drawing, dx, y);
  y += scene.height;
  if (legend.height > 0) {
    y += 24;
    list.append(legend, kMargin, y);
    y += legend.height;
  }
  list.width = std::ceil(width + 2 * kMargin);
  list.height = std::ceil(y + kMargin);
  return list;
}

}  // namespace isotherm::render
