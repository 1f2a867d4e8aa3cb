// Painting of the parts of a scene; see paint.h for whole pictures.
#pragma once

#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::render {

void paint_box(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list);
void paint_engine(const Scene& scene, const Box& box, const Palette& colors, DisplayList& list);
/// Words in a small box whose middle is that of the rectangle.
void paint_badge(DisplayList& list, float x, float y, float w, float h, std::string_view text, Color fill, Color line,
                 Color on, float size);
/// From a segment's outline to its engine, where both sides are drawn and nothing stands in the way.
void paint_funnels(const Scene& scene, const Palette& colors, DisplayList& list);
void paint_frame(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list);
/// A frame's title or pill, above the lines.
void paint_frame_title(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list);
void paint_line(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list);
/// An arrowhead whose tip is at (x, y), pointing along (dx, dy), one of which is 0.
void paint_arrowhead(DisplayList& list, float x, float y, float dx, float dy, Color color);
void paint_arrowhead(DisplayList& list, float x, float y, float dx, float dy, Color color, float length, float width);
/// A polyline through `n` points with round corners; the last point is the tip of its arrowhead.
void paint_arrow(DisplayList& list, const Point* points, std::size_t n, const Stroke& stroke, float head,
                 float head_width);

inline constexpr Font kNodeTitle{FontRole::sans, 600, 12};
inline constexpr Font kNodeSub{FontRole::sans, 400, 10.5F};
inline constexpr Font kNodeNote{FontRole::sans, 500, 10.5F};
inline constexpr Font kNodeValue{FontRole::mono, 600, 13};
/// Baseline below the middle of a line of text.
inline float baseline(const Font& font) { return font.size * 0.355F; }

}  // namespace isotherm::render
