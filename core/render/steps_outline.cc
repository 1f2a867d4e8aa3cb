#include <algorithm>
#include <map>

#include "core/render/side_words.h"
#include "core/render/steps_parts.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kPad = 14;  // round boxes
constexpr float kLane = 8;  // round the edges between members
constexpr float kNear = 4;  // an outsider nearer than this to a rectangle is in its way

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

Area padded(const Box& b, float pad) {
  // A note below belongs to its box.
  return {b.x - pad, b.y - pad, b.x + b.width + pad, b.y + b.height + (b.note >= 0 ? look::kNoteHeight : 0) + pad};
}

void grow(Area& area, const Area& by) {
  area = {std::min(area.left, by.left), std::min(area.top, by.top), std::max(area.right, by.right),
          std::max(area.bottom, by.bottom)};
}

bool meet(const Area& a, const Area& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

std::vector<float> levels(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

Loops outline_of(const std::vector<Area>& areas) {
  // A grid of all borders; each cell is inside or not, and borders between the two are followed round.
  std::vector<float> xs, ys;
  for (const Area& a : areas) {
    xs.insert(xs.end(), {a.left, a.right});
    ys.insert(ys.end(), {a.top, a.bottom});
  }
  xs = levels(std::move(xs));
  ys = levels(std::move(ys));
  if (xs.size() < 2 || ys.size() < 2) return {};
  const int columns = static_cast<int>(xs.size()) - 1, rows = static_cast<int>(ys.size()) - 1;
  std::vector<char> inside(at(columns) * at(rows), 0);
  const auto index = [](const std::vector<float>& v, float x) {
    return static_cast<int>(std::lower_bound(v.begin(), v.end(), x) - v.begin());
  };
  for (const Area& a : areas)
    for (int y = index(ys, a.top); y < index(ys, a.bottom); ++y)
      for (int x = index(xs, a.left); x < index(xs, a.right); ++x) inside[at(y) * at(columns) + at(x)] = 1;
  const auto filled = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < columns && y < rows && inside[at(y) * at(columns) + at(x)] != 0;
  };
  // Directed borders with the inside at their right hand: from each corner at most two leave.
  using Corner = std::pair<int, int>;
  std::multimap<Corner, Corner> borders;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      if (!filled(x, y)) continue;
      if (!filled(x, y - 1)) borders.insert({{x, y}, {x + 1, y}});
      if (!filled(x + 1, y)) borders.insert({{x + 1, y}, {x + 1, y + 1}});
      if (!filled(x, y + 1)) borders.insert({{x + 1, y + 1}, {x, y + 1}});
      if (!filled(x - 1, y)) borders.insert({{x, y + 1}, {x, y}});
    }
  Loops out;
  while (!borders.empty()) {
    const Corner start = borders.begin()->first;
    Corner from = start, previous = start;
    std::vector<Corner> loop;
    do {
      auto [first, last] = borders.equal_range(from);
      auto next = first;
      // Where two corners touch, turning right keeps to the same area.
      if (std::distance(first, last) > 1) {
        const auto turns_right = [&](const Corner& to) {
          const int ax = from.first - previous.first, ay = from.second - previous.second;
          const int bx = to.first - from.first, by = to.second - from.second;
          return ax * by - ay * bx > 0;
        };
        for (auto it = first; it != last; ++it)
          if (turns_right(it->second)) next = it;
      }
      previous = from;
      from = next->second;
      borders.erase(next);
      loop.push_back(from);
    } while (from != start);
    // Only corners, not the grid's points on straight borders.
    const std::size_t n = loop.size();
    int corners = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Corner &a = loop[(i + n - 1) % n], &b = loop[i], &c = loop[(i + 1) % n];
      if ((a.first == b.first) == (b.first == c.first)) continue;
      out.corners.push_back({xs[at(b.first)], ys[at(b.second)]});
      ++corners;
    }
    out.sizes.push_back(corners);
  }
  return out;
}

void outline_segments(const Replay& replay, const ReplayState& state, StepScene& out) {
  const Scene& scene = out.scene;
  std::map<NodeId, std::vector<std::size_t>> boxes_of;  // by leader
  for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
    const NodeId node = scene.boxes[i].node;
    const auto fate = state.fate[at(node)];
    if (fate == ReplayState::Fate::not_candidate || fate == ReplayState::Fate::trimmed) continue;
    boxes_of[state.leader[at(node)]].push_back(i);
  }
  const ReplayStep& step = replay[out.last];
  const NodeId active = step.kind == ReplayStep::Kind::candidates ? kNoNode : replay.record(out.last).node;
  for (const auto& [leader, boxes] : boxes_of) {
    StepOutline outline;
    outline.leader = leader;
    outline.members = static_cast<int>(state.members(leader).size());
    const auto fate = state.fate[at(scene.boxes[boxes.front()].node)];
    outline.leaves = fate != ReplayState::Fate::candidate;
    outline.stands = state.stands[at(leader)] != 0;
    const bool is_active = active != kNoNode && state.same_segment(active, leader);
    // A node alone is no segment until it is told to stand or to go.
    if (outline.members < 2 && !outline.stands && !(outline.leaves && is_active)) continue;
    outline.color = replay.color_index(leader);
    Area area = padded(scene.boxes[boxes.front()], kPad);
    for (const std::size_t i : boxes) grow(area, padded(scene.boxes[i], kPad));
    const Area keep = {area.left - kNear, area.top - kNear, area.right + kNear, area.bottom + kNear};
    const bool is_rectangle = std::none_of(scene.boxes.begin(), scene.boxes.end(), [&](const Box& b) {
      const auto other = state.fate[at(b.node)];
      const bool outsider = !state.same_segment(b.node, leader) || other == ReplayState::Fate::not_candidate ||
                            other == ReplayState::Fate::trimmed;
      return outsider && meet(keep, padded(b, 0));
    });
    std::vector<Area> areas;
    if (is_rectangle) {
      areas.push_back(area);
    } else {
      for (const std::size_t i : boxes) areas.push_back(padded(scene.boxes[i], kPad));
      for (std::size_t l = 0; l < scene.lines.size(); ++l) {
        const Line& line = scene.lines[l];
        const auto role = out.lines[l].role;
        if (role != StepLine::Role::inside && role != StepLine::Role::merged && role != StepLine::Role::test) continue;
        if (!state.same_segment(scene.boxes[at(line.from)].node, leader) ||
            !state.same_segment(scene.boxes[at(line.to)].node, leader))
          continue;
        for (std::int32_t k = line.first_point; k + 1 < line.first_point + line.points; ++k) {
          const Point &a = scene.points[at(k)], &b = scene.points[at(k) + 1];
          areas.push_back({std::min(a.x, b.x) - kLane, std::min(a.y, b.y) - kLane, std::max(a.x, b.x) + kLane,
                           std::max(a.y, b.y) + kLane});
        }
      }
      for (const Area& a : areas) grow(area, a);
    }
    Loops loops = outline_of(areas);
    outline.corners = std::move(loops.corners);
    outline.loops = std::move(loops.sizes);
    outline.left = area.left, outline.top = area.top, outline.right = area.right, outline.bottom = area.bottom;
    const std::string what = outline.stands   ? "segment " + std::to_string(outline.color)
                             : outline.leaves ? "no engine"
                                              : "segment so far";
    outline.pill = what + ": " + plural(outline.members, "node");
    if (outline.members > static_cast<int>(boxes.size()))
      outline.pill += ", " + std::to_string(boxes.size()) + " drawn";
    out.outlines.push_back(std::move(outline));
  }
}

}  // namespace isotherm::render
