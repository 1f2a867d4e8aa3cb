#include <algorithm>
#include <cmath>

#include "core/render/paint_box.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

std::string end_name(const Scene& scene, std::int32_t box, std::int32_t frame) {
  if (box >= 0) return scene.text(scene.boxes[static_cast<std::size_t>(box)].full_name);
  if (frame < 0) return {};
  const Frame& f = scene.frames[static_cast<std::size_t>(frame)];
  if (f.form == Frame::Form::segment) return "segment " + std::to_string(f.engine);
  return scene.scope_paths[static_cast<std::size_t>(f.scope)];
}

}  // namespace

void paint_arrowhead(DisplayList& list, float x, float y, float dx, float dy, Color color) {
  paint_arrowhead(list, x, y, dx, dy, color, look::kHeadLength, look::kHeadWidth);
}

void paint_arrowhead(DisplayList& list, float x, float y, float dx, float dy, Color color, float length, float width) {
  const float half = width / 2;
  list.begin_path();
  list.move(x, y);
  list.line(x - dx * length - dy * half, y - dy * length - dx * half);
  list.line(x - dx * length + dy * half, y - dy * length + dx * half);
  list.close();
  list.end_path(color, {});
}

void paint_arrow(DisplayList& list, const Point* p, std::size_t n, const Stroke& stroke, float head, float head_width) {
  if (n < 2) return;
  const auto direction = [&](std::size_t a, std::size_t b) {
    const float dx = p[b].x - p[a].x, dy = p[b].y - p[a].y;
    const float length = std::max(1e-3F, std::hypot(dx, dy));
    return Point{dx / length, dy / length};
  };
  const auto distance = [&](std::size_t a, std::size_t b) { return std::hypot(p[b].x - p[a].x, p[b].y - p[a].y); };
  const Point last = direction(n - 2, n - 1);
  list.begin_path();
  list.move(p[0].x, p[0].y);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    // A corner takes at most half of each piece; the last piece keeps its arrowhead straight.
    const float after = i + 2 == n ? distance(i, i + 1) - head : distance(i, i + 1) / 2;
    const float before = i == 1 ? distance(i - 1, i) : distance(i - 1, i) / 2;
    const float r = std::max(0.0F, std::min({look::kCornerRadius, before, after}));
    const Point in = direction(i - 1, i), out = direction(i, i + 1);
    list.line(p[i].x - in.x * r, p[i].y - in.y * r);
    list.quad(p[i].x, p[i].y, p[i].x + out.x * r, p[i].y + out.y * r);
  }
  const float shaft = std::min(head - 1, distance(n - 2, n - 1));
  list.line(p[n - 1].x - last.x * shaft, p[n - 1].y - last.y * shaft);
  list.end_path({}, stroke);
  paint_arrowhead(list, p[n - 1].x, p[n - 1].y, last.x, last.y, stroke.color, head, head_width);
}

void paint_line(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list) {
  const Line& line = scene.lines[index];
  if (line.points < 2) return;
  if (line.leader) {
    const Point &a = scene.points[static_cast<std::size_t>(line.first_point)],
                &b = scene.points[static_cast<std::size_t>(line.first_point) + 1];
    list.begin_group(Command::Group::page, "", -1);
    list.begin_path();
    list.move(a.x, a.y);
    list.line(b.x, b.y);
    list.end_path({}, {colors.edge, look::kEdgeLine, look::kLeaderDash, look::kLeaderGap, false});
    list.end_group();
    return;
  }
  const Color color = line.control ? colors.edge_control : colors.edge;
  Stroke stroke{color, line.control ? look::kControlLine : look::kEdgeLine, 0, 0, !line.control};
  if (line.control) stroke.dash = look::kControlDash, stroke.gap = look::kControlGap;
  if (line.width > 0) stroke.width = line.width;
  const float head = std::max(1.0F, line.width / 2);  // a wide edge keeps a visible tip
  list.begin_group(Command::Group::edge,
                   end_name(scene, line.from, line.from_frame) + "->" + end_name(scene, line.to, line.to_frame),
                   static_cast<std::int32_t>(index));
  paint_arrow(list, &scene.points[static_cast<std::size_t>(line.first_point)], static_cast<std::size_t>(line.points),
              stroke, look::kHeadLength * std::min(head, 1.6F), look::kHeadWidth * head);
  if (line.label >= 0)
    list.text(line.label_x, line.label_y + baseline(kNodeSub), scene.text(line.label), kNodeSub, colors.muted);
  list.end_group();
}

void paint_frame(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list) {
  const Frame& f = scene.frames[index];
  const bool segment = f.form == Frame::Form::segment;
  list.begin_group(
      Command::Group::cluster,
      segment ? "segment " + std::to_string(f.engine) : scene.scope_paths[static_cast<std::size_t>(f.scope)],
      static_cast<std::int32_t>(index));
  if (segment) {
    const EngineColors engine = colors.engine(f.engine);
    Stroke outline{engine.line, look::kSegmentLine, 0, 0, false};
    if (engine.broken) outline.dash = look::kEngineDash, outline.gap = look::kEngineDashGap;
    list.rect(f.x, f.y, f.width, f.height, look::kSegmentRadius,
              blend(engine.tint.with_alpha(colors.segment_fill), colors.canvas), outline);
  } else {
    list.rect(f.x, f.y, f.width, f.height, look::kClusterRadius, colors.cluster_fill,
              {colors.cluster_frame, look::kClusterLine, 0, 0, false});
  }
  list.end_group();
}

void paint_frame_title(const Scene& scene, std::size_t index, const Palette& colors, DisplayList& list) {
  const Frame& f = scene.frames[index];
  list.begin_group(Command::Group::page, "", static_cast<std::int32_t>(index));
  if (f.form == Frame::Form::segment) {
    const EngineColors engine = colors.engine(f.engine);
    const Font font{FontRole::sans, 600, 11};
    list.rect(f.title_x, f.y - 9, f.title_width, 18, 9, engine.line);
    list.text(f.title_x + f.title_width / 2, f.y + baseline(font), scene.text(f.title), font, engine.on,
              Anchor::middle);
  } else {
    const Font detail{FontRole::sans, 400, 11};
    const float base = f.y + 21;
    list.text(f.title_x, base, scene.text(f.title), kNodeTitle, colors.text);
    const float x = f.title_x + text_width(scene.text(f.title), kNodeTitle) + 8;
    if (f.detail_x >= 0)
      list.text(f.detail_x, base, scene.text(f.detail), detail, colors.muted, Anchor::end);
    else
      list.text(x, base, scene.text(f.detail), detail, colors.muted);
  }
  list.end_group();
}

}  // namespace isotherm::render
