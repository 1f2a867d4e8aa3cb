#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

#include "core/render/glyphs.h"
#include "core/render/paint.h"
#include "core/render/paint_box.h"
#include "core/render/steps_paint.h"
#include "core/render/text.h"

namespace isotherm::render {
namespace {

using Role = StepLine::Role;

constexpr Font kPill{FontRole::sans, 600, 10.5F};
constexpr Font kTestWord{FontRole::sans, 600, 11};
constexpr float kOutlineRadius = 12;

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Closed loops of corners with round ones.
void round_loops(DisplayList& list, const StepOutline& outline, Color fill, const Stroke& stroke) {
  list.begin_path();
  std::size_t begin = 0;
  for (const int size : outline.loops) {
    const auto n = static_cast<std::size_t>(size);
    const auto corner = [&](std::size_t i) { return outline.corners[begin + i % n]; };
    for (std::size_t i = 0; i < n; ++i) {
      const Point a = corner(i + n - 1), b = corner(i), c = corner(i + 1);
      const float in = std::abs(b.x - a.x) + std::abs(b.y - a.y), out = std::abs(c.x - b.x) + std::abs(c.y - b.y);
      const float r = std::min({kOutlineRadius, in / 2, out / 2});
      const auto toward = [&](Point to, float length) {
        return Point{b.x + (to.x - b.x) / std::max(1e-3F, length) * r,
                     b.y + (to.y - b.y) / std::max(1e-3F, length) * r};
      };
      const Point from = toward(a, in), to = toward(c, out);
      i == 0 ? list.move(from.x, from.y) : list.line(from.x, from.y);
      list.quad(b.x, b.y, to.x, to.y);
    }
    list.close();
    begin += n;
  }
  list.end_path(fill, stroke);
}

class Painter {
 public:
  explicit Painter(const StepScene& step)
      : step_(step), scene_(step.scene), colors_(palette(step.scene.options.theme)) {}

  DisplayList run() {
    list_.width = scene_.width;
    list_.height = scene_.height;
    list_.background = colors_.canvas;
    for (std::size_t i = 0; i < step_.outlines.size(); ++i) outline(i);
    for (const Role role : {Role::outside, Role::inside, Role::merged, Role::test, Role::refused})
      for (std::size_t l = 0; l < scene_.lines.size(); ++l)
        if (step_.lines[l].role == role) line(l);
    for (std::size_t i = 0; i < scene_.boxes.size(); ++i) box(i);
    place_pills();
    for (std::size_t i = 0; i < step_.outlines.size(); ++i) pill(i);
    // Numbers first, for they matter most; words last, where there is room left.
    for (std::size_t l = 0; l < scene_.lines.size(); ++l)
      if (step_.lines[l].number > 0) mark(l);
    for (std::size_t l = 0; l < scene_.lines.size(); ++l)
      if (step_.lines[l].number == 0) mark(l);
    for (std::size_t l = 0; l < scene_.lines.size(); ++l)
      if (step_.lines[l].role == Role::test) test_words(scene_.lines[l]);
    return std::move(list_);
  }

 private:
  void outline(std::size_t index) {
    const StepOutline& o = step_.outlines[index];
    const EngineColors engine = colors_.engine(o.color);
    Stroke stroke{engine.line, look::kSegmentLine, 0, 0, false};
    Color fill = blend(engine.tint.with_alpha(colors_.segment_fill), colors_.canvas);
    if (engine.broken) stroke.dash = look::kEngineDash, stroke.gap = look::kEngineDashGap;
    if (o.leaves) {
      stroke = {colors_.native, look::kNativeLine, look::kNativeDash, look::kNativeGap, false};
      fill = {};
    }
    list_.begin_group(Command::Group::cluster, o.pill, static_cast<std::int32_t>(index));
    round_loops(list_, o, fill, stroke);
    list_.end_group();
  }

  void pill(std::size_t index) {
    const StepOutline& o = step_.outlines[index];
    const EngineColors engine = colors_.engine(o.color);
    const float width = pills_[index].width, x = pills_[index].at.x, y = pills_[index].at.y;
    list_.begin_group(Command::Group::page, "", -1);
    if (o.leaves) {
      list_.rect(x, y - 10, width, 20, 10, colors_.native_tint, {colors_.native, 1, 0, 0, false});
      list_.text(x + width / 2, y + baseline(kPill), o.pill, kPill, colors_.native, Anchor::middle);
    } else {
      list_.rect(x, y - 10, width, 20, 10, engine.line);
      list_.text(x + width / 2, y + baseline(kPill), o.pill, kPill, engine.on, Anchor::middle);
    }
    list_.end_group();
  }

  /// Where the pills stand, one for each outline.
  void place_pills() {
    for (const StepOutline& o : step_.outlines) {
      const float width = pill_width(o);
      pills_.push_back({pill_place(o, width), width});
    }
  }

  /// Left end and middle of a pill on a horizontal border of its outline: clear of boxes and of the pills placed so far
  /// if there is such a place; upper borders first, at their right ends.
  [[nodiscard]] Point pill_place(const StepOutline& o, float width) const {
    constexpr float kFromCorner = 14, kHalf = 10;
    Point best{std::max(4.0F, o.right - kFromCorner - width), o.top};
    float best_cost = 1e9F;
    const auto consider = [&](float x, float y, float cost) {
      x = std::max(4.0F, std::min(x, scene_.width - 4 - width));
      constexpr float kCovers = 1000;
      for (const Box& b : scene_.boxes)
        if (x < b.x + b.width + 3 && x + width > b.x - 3 && y + kHalf > b.y - 2 &&
            y - kHalf < b.y + b.height + (b.note >= 0 ? look::kNoteHeight : 2))
          cost += kCovers;
      for (const Pill& p : pills_)
        if (x < p.at.x + p.width + 4 && x + width > p.at.x - 4 && std::abs(y - p.at.y) < 2 * kHalf + 2) cost += kCovers;
      if (cost < best_cost) best_cost = cost, best = {x, y};
    };
    for_borders(o, [&](const Point& a, const Point& b) {
      if (a.y != b.y) return;
      // Clockwise loops run to the right along upper borders.
      const bool upper = b.x > a.x;
      const float left = std::min(a.x, b.x), right = std::max(a.x, b.x);
      float cost = (a.y - o.top) * 0.1F + (upper ? 0 : 60);
      if (right - left < width + 2 * kFromCorner) cost += 200 - (right - left) * 0.1F;
      // On the border; where that is crowded, outside of it.
      for (const float out : {0.0F, kHalf + 2}) {
        const float y = upper ? a.y - out : a.y + out;
        consider(right - kFromCorner - width, y, cost + 3 * out);
        consider(left + kFromCorner, y, cost + 3 * out + 1);
        consider((left + right - width) / 2, y, cost + 3 * out + 2);
      }
    });
    return best;
  }

  [[nodiscard]] static float pill_width(const StepOutline& o) { return text_width(o.pill, kPill) + 22; }

  template <class Each>
  static void for_borders(const StepOutline& o, Each each) {
    std::size_t begin = 0;
    for (const int size : o.loops) {
      for (int i = 0; i < size; ++i) each(o.corners[begin + at(i)], o.corners[begin + at((i + 1) % size)]);
      begin += at(size);
    }
  }

  void line(std::size_t index) {
    const Line& l = scene_.lines[index];
    const Role role = step_.lines[index].role;
    Stroke stroke{colors_.edge, look::kEdgeLine, 0, 0, true};
    float head = look::kHeadLength, head_width = look::kHeadWidth;
    if (l.control && role == Role::outside)
      stroke = {colors_.edge_control, look::kControlLine, look::kControlDash, look::kControlGap, false};
    if (role == Role::inside || role == Role::merged)
      stroke = {colors_.accepted, kAcceptedLine, 0, 0, true}, head = 7.5F, head_width = 6.4F;
    if (role == Role::test || role == Role::refused) {
      stroke = {role == Role::test ? colors_.test_edge : colors_.refused, kTestLine, 0, 0, true};
      head = 10.3F, head_width = 8.8F;
    }
    list_.begin_group(
        Command::Group::edge,
        scene_.text(scene_.boxes[at(l.from)].full_name) + "->" + scene_.text(scene_.boxes[at(l.to)].full_name),
        static_cast<std::int32_t>(index));
    paint_arrow(list_, &scene_.points[at(l.first_point)], at(l.points), stroke, head, head_width);
    list_.end_group();
  }

  void box(std::size_t index) {
    const Box& b = scene_.boxes[index];
    const bool io = b.form == Box::Form::io;
    Stroke border{colors_.node_border, look::kNodeLine, 0, 0, false};
    if (b.engine >= 0) border = {colors_.engine(b.engine).line, 2, 0, 0, false};
    if (b.native) border = {colors_.native, look::kNativeLine, look::kNativeDash, look::kNativeGap, false};
    const Color ink = colors_.of(b.op_class).bar;
    list_.begin_group(Command::Group::node, scene_.text(b.full_name), static_cast<std::int32_t>(index));
    list_.rect(b.x, b.y, b.width, b.height, io ? b.height / 2 : look::kNodeRadius, colors_.raised, border);
    if (!io) paint_class_bar(list_, colors_, b.op_class, b.x + 4, b.y + 5, 3, b.height - 10);
    paint_glyph(list_, b.op_class, b.x + 12, b.y + b.height / 2 - 5.5F, 11, ink);
    const float left = b.x + 29, middle = b.y + b.height / 2;
    list_.text(left, middle - 7 + baseline(kNodeTitle), scene_.text(b.title), kNodeTitle, colors_.text);
    list_.text(left, middle + 8 + baseline(kNodeSub), scene_.text(b.subtitle), kNodeSub, colors_.muted);
    if (b.note >= 0) list_.text(b.x + 4, b.y + b.height + 13, scene_.text(b.note), kNodeNote, colors_.native);
    list_.end_group();
  }

  /// Where a mark of `radius` stands on a line: clear of boxes and other marks, off other lines if possible, and as
  /// near to the middle of a long piece as may be. Nothing if there is no such place.
  [[nodiscard]] std::optional<Point> place(const Line& l, float radius) const {
    constexpr float kHead = 9;  // the arrowhead stays free
    const Point* p = &scene_.points[at(l.first_point)];
    std::optional<Point> best;
    float best_cost = 1e9F;
    for (std::int32_t i = l.points - 1; i > 0; --i) {
      const Point a = p[i - 1], b = p[i];
      const float length = std::hypot(b.x - a.x, b.y - a.y),
                  end = i == l.points - 1 ? std::max(0.0F, length - kHead) : length;
      for (float t = 0.05F; t < 1; t += 0.05F) {
        const float along = t * end / std::max(1e-3F, length);
        const Point c{a.x + (b.x - a.x) * along, a.y + (b.y - a.y) * along};
        if (!free_for_mark(c, radius)) continue;
        constexpr float kCovers = 40, kShort = 30;
        float cost = std::max(0.0F, 40 - end) * 0.3F + std::abs(t - 0.5F) * 10 +
                     static_cast<float>(lines_under(c, radius, l)) * kCovers;
        // A mark near a corner reads as belonging to either piece.
        if (std::min(t, 1 - t) * end < radius) cost += kShort;
        if (cost < best_cost) best_cost = cost, best = c;
      }
    }
    return best;
  }

  [[nodiscard]] bool free_for_mark(Point c, float radius) const {
    for (const auto& [m, r] : marks_)
      if (std::hypot(m.x - c.x, m.y - c.y) < radius + r + 1) return false;
    for (const Pill& p : pills_)
      if (c.x + radius > p.at.x && c.x - radius < p.at.x + p.width && std::abs(c.y - p.at.y) < radius + 11)
        return false;
    return std::none_of(scene_.boxes.begin(), scene_.boxes.end(), [&](const Box& b) {
      return c.x + radius > b.x - 2 && c.x - radius < b.x + b.width + 2 && c.y + radius > b.y - 2 &&
             c.y - radius < b.y + b.height + (b.note >= 0 ? look::kNoteHeight : 2);
    });
  }

  /// How many other lines a mark would cover. Lines that run with its own are not covered, they share the mark's place.
  [[nodiscard]] int lines_under(Point c, float radius, const Line& own) const {
    int count = 0;
    for (const Line& l : scene_.lines) {
      if (&l == &own) continue;
      for (std::int32_t k = l.first_point; k + 1 < l.first_point + l.points; ++k) {
        const Point &a = scene_.points[at(k)], &b = scene_.points[at(k) + 1];
        const float dx = std::max({std::min(a.x, b.x) - c.x, c.x - std::max(a.x, b.x), 0.0F});
        const float dy = std::max({std::min(a.y, b.y) - c.y, c.y - std::max(a.y, b.y), 0.0F});
        if (std::hypot(dx, dy) >= radius) continue;
        ++count;
        break;
      }
    }
    return count;
  }

  void mark(std::size_t index) {
    const StepLine& said = step_.lines[index];
    const Line& l = scene_.lines[index];
    list_.begin_group(Command::Group::page, "", -1);
    const auto put = [&](std::initializer_list<float> radii, auto paint) {
      for (const float radius : radii)
        if (const auto c = place(l, radius)) {
          marks_.emplace_back(*c, radius);
          paint(*c, radius);
          return;
        }
      const Point &a = scene_.points[at(l.first_point)], &b = scene_.points[at(l.first_point) + 1];
      const float radius = *(radii.end() - 1);
      marks_.emplace_back(Point{(a.x + b.x) / 2, (a.y + b.y) / 2}, radius);
      paint(marks_.back().first, radius);
    };
    if (said.number > 0)
      put({10, 8}, [&](Point c, float radius) { paint_number(list_, colors_, c.x, c.y, radius, said.number); });
    else if (said.tick)
      put({8, 6.5F}, [&](Point c, float radius) { paint_tick(list_, colors_, c.x, c.y, radius); });
    list_.end_group();
  }

  /// "edge under test" beside a straight piece that has room for it.
  void test_words(const Line& l) {
    const std::string words = "edge under test";
    const float width = text_width(words, kTestWord);
    const Point* p = &scene_.points[at(l.first_point)];
    for (std::int32_t i = l.points - 1; i > 0; --i) {
      const Point &a = p[i - 1], &b = p[i];
      const bool across = std::abs(a.y - b.y) < 0.5F;
      const auto try_at = [&](float x, float y) {
        if (x < 2 || x + width > scene_.width - 2 || !free_words(x, y - 11, width, 14)) return false;
        list_.begin_group(Command::Group::page, "", -1);
        list_.text(x, y, words, kTestWord, colors_.test_edge);
        list_.end_group();
        return true;
      };
      for (const float t : {0.5F, 0.35F, 0.65F, 0.2F, 0.8F, 0.05F, 0.95F}) {
        const float cx = a.x + (b.x - a.x) * t, cy = a.y + (b.y - a.y) * t;
        if (across && (try_at(cx - width / 2, cy - 8) || try_at(cx - width / 2, cy + 18))) return;
        if (!across && (try_at(cx + 9, cy + 4) || try_at(cx - 9 - width, cy + 4))) return;
      }
    }
  }

  [[nodiscard]] bool free_words(float x, float y, float w, float h) const {
    for (const Box& b : scene_.boxes)
      if (x < b.x + b.width + 2 && x + w > b.x - 2 && y < b.y + b.height + (b.note >= 0 ? 16 : 0) && y + h > b.y)
        return false;
    for (const auto& [m, r] : marks_)
      if (x < m.x + r + 4 && x + w > m.x - r - 4 && y < m.y + r && y + h > m.y - r) return false;
    for (const Line& l : scene_.lines) {
      for (std::int32_t k = l.first_point; k + 1 < l.first_point + l.points; ++k) {
        const Point &a = scene_.points[at(k)], &b = scene_.points[at(k) + 1];
        if (x < std::max(a.x, b.x) && x + w > std::min(a.x, b.x) && y < std::max(a.y, b.y) &&
            y + h > std::min(a.y, b.y))
          return false;
        // A line is thin: a straight one has no extent of its own across.
        if (a.x == b.x && a.x > x && a.x < x + w && y < std::max(a.y, b.y) && y + h > std::min(a.y, b.y)) return false;
        if (a.y == b.y && a.y > y && a.y < y + h && x < std::max(a.x, b.x) && x + w > std::min(a.x, b.x)) return false;
      }
    }
    // Neither over a pill nor over an outline.
    for (const Pill& p : pills_)
      if (x < p.at.x + p.width && x + w > p.at.x && y < p.at.y + 12 && y + h > p.at.y - 12) return false;
    bool over = false;
    for (const StepOutline& o : step_.outlines)
      for_borders(o, [&](const Point& a, const Point& b) {
        over = over || (x < std::max(a.x, b.x) + 2 && x + w > std::min(a.x, b.x) - 2 && y < std::max(a.y, b.y) + 1 &&
                        y + h > std::min(a.y, b.y) - 1);
      });
    return !over;
  }

  struct Pill {
    Point at;  ///< left end, middle
    float width = 0;
  };

  const StepScene& step_;
  const Scene& scene_;
  const Palette& colors_;
  DisplayList list_;
  std::vector<Pill> pills_;
  std::vector<std::pair<Point, float>> marks_;
};

}  // namespace

void paint_tick(DisplayList& list, const Palette& colors, float x, float y, float radius) {
  const float s = radius / 8;
  list.rect(x - radius, y - radius, 2 * radius, 2 * radius, radius, colors.canvas,
            {colors.accepted, 1.5F * std::max(s, 0.87F), 0, 0, false});
  list.begin_path();
  list.move(x - 3.4F * s, y + 0.2F * s);
  list.line(x - 0.9F * s, y + 2.8F * s);
  list.line(x + 3.5F * s, y - 2.4F * s);
  list.end_path({}, {colors.accepted, 1.7F * std::max(s, 0.82F), 0, 0, true});
}

void paint_number(DisplayList& list, const Palette& colors, float x, float y, float radius, int number) {
  const Font font{FontRole::sans, 700, radius * 1.1F};
  const std::string text = std::to_string(number);
  const float half = std::max(radius, text_width(text, font) / 2 + 4);
  list.rect(x - half, y - radius, 2 * half, 2 * radius, radius, colors.refused, {colors.canvas, 2, 0, 0, false});
  list.text(x, y + baseline(font), text, font, text_on(colors.refused), Anchor::middle);
}

DisplayList paint_step(const StepScene& step) { return Painter(step).run(); }

}  // namespace isotherm::render
