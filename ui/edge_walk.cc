#include "ui/edge_walk.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace isotherm::ui {
namespace {

using render::Box;
using render::Scene;

const Graph* graph_of(const Scene& scene, bool after) {
  if (!scene.conversion) return nullptr;
  return after ? scene.conversion->after.get() : scene.conversion->before.get();
}

/// A scene of one graph draws it on a side that says which one it is.
bool shows_after(const Scene& scene, const Box& box) { return box.after_side || (scene.sides.size() == 1 && scene.sides.front().after); }

const std::vector<std::int32_t>& box_map(const Scene& scene, bool after) { return after ? scene.box_of_after : scene.box_of_before; }

float across(const Scene& scene, std::int32_t box) {
  const Box& b = scene.boxes[static_cast<std::size_t>(box)];
  return scene.options.direction == render::Direction::left_right ? b.y + b.height / 2 : b.x + b.width / 2;
}
float along(const Scene& scene, std::int32_t box) {
  const Box& b = scene.boxes[static_cast<std::size_t>(box)];
  return scene.options.direction == render::Direction::left_right ? b.x : b.y;
}

std::vector<std::int32_t> neighbours(const Scene& scene, std::int32_t box, bool forward) {
  std::vector<std::int32_t> out;
  const bool after = shows_after(scene, scene.boxes[static_cast<std::size_t>(box)]);
  const Graph* graph = graph_of(scene, after);
  if (!graph) return out;
  const auto& map = box_map(scene, after);
  const auto take = [&](NodeId node) {
    if (node < 0 || static_cast<std::size_t>(node) >= map.size()) return;
    if (const std::int32_t other = map[static_cast<std::size_t>(node)]; other >= 0 && other != box) out.push_back(other);
  };
  for (const NodeId node : nodes_of_box(scene, box)) {
    if (forward)
      for (const OutEdge& edge : graph->out_edges(node)) take(edge.node);
    else
      for (const Input& input : (*graph)[node].inputs) take(input.node);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  std::sort(out.begin(), out.end(), [&](std::int32_t a, std::int32_t b) {
    const auto key = [&](std::int32_t i) { return std::tuple(across(scene, i), along(scene, i), i); };
    return key(a) < key(b);
  });
  return out;
}

}  // namespace

std::vector<NodeId> nodes_of_box(const Scene& scene, std::int32_t box) {
  const Box& b = scene.boxes[static_cast<std::size_t>(box)];
  if (b.node != kNoNode && (b.form != Box::Form::scope)) return {b.node};
  std::vector<NodeId> out;
  const auto& map = box_map(scene, shows_after(scene, b));
  for (std::size_t node = 0; node < map.size(); ++node)
    if (map[node] == box) out.push_back(static_cast<NodeId>(node));
  return out;
}

std::vector<std::int32_t> consumers(const Scene& scene, std::int32_t box) { return neighbours(scene, box, true); }
std::vector<std::int32_t> producers(const Scene& scene, std::int32_t box) { return neighbours(scene, box, false); }

void EdgeWalk::reset() {
  choices_.clear();
  at_ = from_ = -1;
}

void EdgeWalk::remember(std::vector<std::int32_t> choices, std::int32_t to, std::int32_t from) {
  choices_ = std::move(choices);
  at_ = to;
  from_ = from;
}

std::int32_t EdgeWalk::step(const Scene& scene, std::int32_t from, Way way) {
  if (from < 0 || static_cast<std::size_t>(from) >= scene.boxes.size()) return -1;
  if (from != at_) reset();
  if (way == Way::to_previous || way == Way::to_next) {
    if (choices_.empty()) {
      // Not come along an edge: the other consumers of what this one reads first, or what else is read by the same.
      const auto sources = producers(scene, from);
      const auto sinks = sources.empty() ? consumers(scene, from) : std::vector<std::int32_t>();
      if (!sources.empty()) remember(consumers(scene, sources.front()), from, sources.front());
      else if (!sinks.empty()) remember(producers(scene, sinks.front()), from, sinks.front());
    }
    const auto here = std::find(choices_.begin(), choices_.end(), from);
    if (here == choices_.end()) return -1;
    if (way == Way::to_previous ? here == choices_.begin() : here + 1 == choices_.end()) return -1;
    at_ = way == Way::to_previous ? *(here - 1) : *(here + 1);
    return at_;
  }
  auto ways = neighbours(scene, from, way == Way::with_flow);
  if (ways.empty()) return -1;
  std::int32_t to = ways.front();
  if (const auto back = std::find(ways.begin(), ways.end(), from_); from_ >= 0 && back != ways.end()) {
    to = *back;
  } else {
    const float here = across(scene, from);
    for (const std::int32_t other : ways)
      if (std::abs(across(scene, other) - here) < std::abs(across(scene, to) - here)) to = other;
  }
  remember(std::move(ways), to, from);
  return to;
}

}  // namespace isotherm::ui
