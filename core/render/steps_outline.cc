#include <algorithm>
#include <array>
#include <map>

#include "core/render/side_words.h"
#include "core/render/steps_parts.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kHead = 5;   // more above boxes, where pills stand
constexpr float kPad = 11;   // round boxes; two segments side by side keep apart
constexpr float kLane = 8;   // round the edges between members
constexpr float kNear = 5;   // between an outline and an outsider
constexpr float kClear = 5;  // least of a member's surroundings that stays
constexpr float kThin = 30;  // a wall between two cuts that is thinner goes too

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// `head`: further room above, for a pill.
Area padded(const Box& b, float pad, float head = 0) {
  // A note below belongs to its box.
  return {b.x - pad, b.y - pad - head, b.x + b.width + pad,
          b.y + b.height + (b.note >= 0 ? look::kNoteHeight : 0) + pad};
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

/// Clears the filled cells from which no cell with a seed can be reached.
void keep_seeded(std::vector<char>& inside, int columns, const std::vector<float>& xs, const std::vector<float>& ys,
                 const std::vector<Point>& seeds) {
  std::vector<char> kept(inside.size(), 0);
  std::vector<std::size_t> open;
  const auto enter = [&](std::size_t cell) {
    if (inside[cell] == 0 || kept[cell] != 0) return;
    kept[cell] = 1;
    open.push_back(cell);
  };
  const auto cell_of = [](const std::vector<float>& v, float x) {
    return static_cast<std::size_t>(std::upper_bound(v.begin(), v.end(), x) - v.begin()) - 1;
  };
  for (const Point& p : seeds)
    if (p.x >= xs.front() && p.x < xs.back() && p.y >= ys.front() && p.y < ys.back())
      enter(cell_of(ys, p.y) * at(columns) + cell_of(xs, p.x));
  while (!open.empty()) {
    const std::size_t cell = open.back();
    open.pop_back();
    const std::size_t x = cell % at(columns);
    if (x > 0) enter(cell - 1);
    if (x + 1 < at(columns)) enter(cell + 1);
    if (cell >= at(columns)) enter(cell - at(columns));
    if (cell + at(columns) < inside.size()) enter(cell + at(columns));
  }
  inside = std::move(kept);
}

bool any_meets(const std::vector<Area>& areas, const Area& with) {
  return std::any_of(areas.begin(), areas.end(), [&](const Area& a) { return meet(a, with); });
}

/// A cut reaches one side of the whole. Turned so that it comes down from the top, cuts of all sides are handled alike.
enum class From { top, bottom, left, right };
Area turned(const Area& a, From from) {
  switch (from) {
    case From::top:
      return a;
    case From::bottom:
      return {a.left, -a.bottom, a.right, -a.top};
    case From::left:
      return {a.top, a.left, a.bottom, a.right};
    case From::right:
      return {a.top, -a.right, a.bottom, -a.left};
  }
  return a;
}
Area turned_back(const Area& a, From from) {
  switch (from) {
    case From::top:
      return a;
    case From::bottom:
      return {a.left, -a.bottom, a.right, -a.top};
    case From::left:
      return {a.top, a.left, a.bottom, a.right};
    case From::right:
      return {-a.bottom, a.left, -a.top, a.right};
  }
  return a;
}

/// Fills thin walls between cuts that come from one side, and between them and the corners.
void join_cuts(std::vector<Area>& cuts, From from, const Area& whole, const std::vector<Area>& members) {
  const Area w = turned(whole, from);
  std::vector<Area> row;
  for (const Area& cut : cuts) row.push_back(turned(cut, from));
  std::sort(row.begin(), row.end(), [](const Area& a, const Area& b) { return a.left < b.left; });
  std::vector<Area> walls;
  const auto wall = [&](float left, float right, float bottom) {
    if (right <= left || right - left >= kThin) return;
    const Area area = turned_back({left, w.top, right, bottom}, from);
    if (!any_meets(members, area)) walls.push_back(area);
  };
  for (std::size_t i = 0; i < row.size(); ++i) {
    wall(w.left, row[i].left, row[i].bottom);
    wall(row[i].right, w.right, row[i].bottom);
    for (std::size_t j = i + 1; j < row.size(); ++j)
      wall(row[i].right, row[j].left, std::min(row[i].bottom, row[j].bottom));
  }
  cuts.insert(cuts.end(), walls.begin(), walls.end());
}

}  // namespace

std::vector<Area> cuts_for(const Area& whole, const std::vector<Area>& outsiders, const std::vector<Area>& members,
                           const std::vector<Area>& lanes) {
  constexpr From kSides[] = {From::top, From::bottom, From::left, From::right};
  std::array<std::vector<Area>, 4> cuts;
  std::vector<Area> out;
  for (const Area& o : outsiders) {
    if (!meet(o, whole)) continue;
    float best = -1;
    Area best_cut;
    std::size_t best_side = 0;
    for (std::size_t s = 0; s < 4; ++s) {
      const Area w = turned(whole, kSides[s]), t = turned(o, kSides[s]);
      const Area cut = turned_back(
          {std::max(t.left, w.left), w.top, std::min(t.right, w.right), std::min(t.bottom, w.bottom)}, kSides[s]);
      if (any_meets(members, cut)) continue;
      constexpr float kCrossing = 1e6F;
      float cost = (cut.right - cut.left) * (cut.bottom - cut.top);
      for (const Area& lane : lanes) cost += meet(lane, cut) ? kCrossing : 0;
      if (best < 0 || cost < best) best = cost, best_cut = cut, best_side = s;
    }
    if (best >= 0)
      cuts[best_side].push_back(best_cut);
    else
      out.push_back(o);
  }
  for (std::size_t s = 0; s < 4; ++s) {
    join_cuts(cuts[s], kSides[s], whole, members);
    out.insert(out.end(), cuts[s].begin(), cuts[s].end());
  }
  return out;
}

Loops outline_of(const std::vector<Area>& areas, const std::vector<Area>& cuts, const std::vector<Point>& seeds) {
  // A grid of all borders; each cell is inside or not, and borders between the two are followed round.
  std::vector<float> xs, ys;
  for (const auto* list : {&areas, &cuts})
    for (const Area& a : *list) {
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
  const auto fill = [&](const Area& a, char value) {
    for (int y = index(ys, a.top); y < index(ys, a.bottom); ++y)
      for (int x = index(xs, a.left); x < index(xs, a.right); ++x) inside[at(y) * at(columns) + at(x)] = value;
  };
  for (const Area& a : areas) fill(a, 1);
  for (const Area& a : cuts) fill(a, 0);
  if (!seeds.empty()) keep_seeded(inside, columns, xs, ys, seeds);
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
    Area area = padded(scene.boxes[boxes.front()], kPad, kHead);
    std::vector<Area> members, outsiders, lanes;
    std::vector<Point> seeds;
    for (const std::size_t i : boxes) {
      const Box& b = scene.boxes[i];
      grow(area, padded(b, kPad, kHead));
      members.push_back(padded(b, kClear));
      seeds.push_back({b.x + b.width / 2, b.y + b.height / 2});
    }
    for (const Box& b : scene.boxes) {
      const auto other = state.fate[at(b.node)];
      const bool in_segments = other != ReplayState::Fate::not_candidate && other != ReplayState::Fate::trimmed;
      if (state.same_segment(b.node, leader) && in_segments) continue;
      // What has an outline of its own keeps that clear too.
      const bool outlined = in_segments && state.next[at(b.node)] != b.node;
      outsiders.push_back(outlined ? padded(b, kPad + 1, kHead) : padded(b, kNear));
    }
    for (std::size_t l = 0; l < scene.lines.size(); ++l) {
      const Line& line = scene.lines[l];
      const auto role = out.lines[l].role;
      if (role != StepLine::Role::inside && role != StepLine::Role::merged && role != StepLine::Role::test) continue;
      if (!state.same_segment(scene.boxes[at(line.from)].node, leader) ||
          !state.same_segment(scene.boxes[at(line.to)].node, leader))
        continue;
      for (std::int32_t k = line.first_point; k + 1 < line.first_point + line.points; ++k) {
        const Point &a = scene.points[at(k)], &b = scene.points[at(k) + 1];
        lanes.push_back({std::min(a.x, b.x) - kLane, std::min(a.y, b.y) - kLane, std::max(a.x, b.x) + kLane,
                         std::max(a.y, b.y) + kLane});
        grow(area, lanes.back());
      }
    }
    Loops loops = outline_of({area}, cuts_for(area, outsiders, members, lanes), seeds);
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
