#include <algorithm>

#include "core/render/paint_box.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kInset = 14;  // clear of round corners
constexpr float kMostStraight = 160;
constexpr std::size_t kMostFunnels = 8;

struct Span {
  float left, right, top, bottom;
  [[nodiscard]] bool meets(float x, float y, float w, float h) const {
    return x < right && x + w > left && y < bottom && y + h > top;
  }
};

/// Whether a span of one side is empty.
bool is_free(const Scene& scene, const Span& span, bool after) {
  for (const Box& b : scene.boxes)
    if (b.after_side == after && span.meets(b.x, b.y, b.width, b.height)) return false;
  for (const Frame& f : scene.frames)
    if (f.after_side == after && span.meets(f.x, f.y, f.width, f.height)) return false;
  return true;
}

}  // namespace

void paint_funnels(const Scene& scene, const Palette& colors, DisplayList& list) {
  if (scene.options.view != View::both || scene.sides.size() != 2) return;
  const float before_end = scene.sides[0].x + scene.sides[0].width, after_begin = scene.sides[1].x;
  std::size_t count = 0;
  for (const Box& engine : scene.boxes) count += engine.after_side && engine.form == Box::Form::engine ? 1 : 0;
  if (count > kMostFunnels) return;
  for (const Box& engine : scene.boxes) {
    if (!engine.after_side || engine.form != Box::Form::engine) continue;
    const auto outline = std::find_if(scene.frames.begin(), scene.frames.end(), [&](const Frame& f) {
      return f.form == Frame::Form::segment && f.parent < 0 && f.engine == engine.engine;
    });
    if (outline == scene.frames.end()) continue;
    const float start = outline->x + outline->width, top = outline->y + kInset,
                bottom = outline->y + outline->height - kInset, to_top = engine.y + kInset,
                to_bottom = engine.y + engine.height - kInset;
    // A long band would say more than it means.
    if (before_end - start > kMostStraight || engine.x - after_begin > kMostStraight) continue;
    // Straight as far as each side reaches, bent in the gap between them.
    if (!is_free(scene, {start + 1, before_end, top, bottom}, false) ||
        !is_free(scene, {after_begin, engine.x - 1, to_top, to_bottom}, true))
      continue;
    const float middle = (before_end + after_begin) / 2;
    list.begin_path();
    list.move(start, top);
    list.line(before_end, top);
    list.cubic(middle, top, middle, to_top, after_begin, to_top);
    list.line(engine.x, to_top);
    list.line(engine.x, to_bottom);
    list.line(after_begin, to_bottom);
    list.cubic(middle, to_bottom, middle, bottom, before_end, bottom);
    list.line(start, bottom);
    list.close();
    const EngineColors c = colors.engine(engine.engine);
    list.end_path(blend(c.line.with_alpha(colors.print ? 0.06 : 0.11), colors.canvas), {});
  }
}

}  // namespace isotherm::render
