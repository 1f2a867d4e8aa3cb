#include "core/render/example.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "core/render/display_list.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr int kLeastNodes = 4, kMostBoxes = 40;
constexpr float kGap = 36;  // the leader's length
constexpr float kTallest = 1.15F, kAlways = 760;  // of the side's height; px that are never too much

struct Block {
  int group = -1;
  std::size_t item = 0;  ///< the repeat that is drawn
};

/// Drawn nodes inside a group, at any depth.
std::vector<NodeId> nodes_of(const ScopeTree& tree, int group) {
  std::vector<NodeId> out;
  std::vector<int> stack = {group};
  while (!stack.empty()) {
    const Group& g = tree.groups[static_cast<std::size_t>(stack.back())];
    stack.pop_back();
    out.insert(out.end(), g.leaves.begin(), g.leaves.end());
    stack.insert(stack.end(), g.children.begin(), g.children.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The block whose repeats stand for most nodes, unless one of its structure is open anyway.
std::optional<Block> choose(const Visible& drawn, const SceneOptions& options) {
  std::map<std::uint64_t, int> stands_for;
  std::map<std::uint64_t, Block> first;
  const auto& groups = drawn.tree.groups;
  for (std::size_t i = 0; i < drawn.items.size(); ++i) {
    const int g = drawn.items[i].group;
    if (g < 0) continue;
    const Group& group = groups[static_cast<std::size_t>(g)];
    if (group.kind != Group::Kind::repeat || group.children.empty()) continue;
    const int block = group.children.front();
    const Group& one = groups[static_cast<std::size_t>(block)];
    if (one.drawn < kLeastNodes || options.collapsed.contains(one.path)) continue;
    stands_for[one.signature] += group.drawn;
    first.try_emplace(one.signature, Block{block, i});
  }
  for (const int open : drawn.frames) stands_for.erase(groups[static_cast<std::size_t>(open)].signature);
  const auto most = std::max_element(stands_for.begin(), stands_for.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == stands_for.end()) return std::nullopt;
  return first.at(most->first);
}

/// What a pill says: the block, or the box with the scope that it stands in where that is not the block's own.
std::string pill_name(const Visible& drawn, const Scene& scene, std::int32_t box, int sibling, int block, NodeId node) {
  const auto& groups = drawn.tree.groups;
  if (sibling >= 0) return groups[static_cast<std::size_t>(sibling)].title;
  const std::string& title = scene.text(scene.boxes[static_cast<std::size_t>(box)].title);
  if (scene.boxes[static_cast<std::size_t>(box)].scope >= 0) return title;
  const Group& holder = groups[static_cast<std::size_t>(drawn.tree.group_of[static_cast<std::size_t>(node)])];
  for (int g = block; g > 0; g = groups[static_cast<std::size_t>(g)].parent)
    if (&groups[static_cast<std::size_t>(g)] == &holder) return title;
  return holder.title.empty() || holder.kind == Group::Kind::segment || holder.kind == Group::Kind::root || title.starts_with(holder.title) ? title : holder.title + "/" + title;
}

/// What the block shows: its nodes, and a pill for each box that it reads or feeds.
Visible part_of(const SideSource& source, const SceneOptions& options, const Visible& drawn, const Scene& scene, const Block& block, const std::vector<NodeId>& nodes) {
  const Graph& graph = *source.graph;
  std::vector<bool> shown(static_cast<std::size_t>(graph.size()), false);
  for (const NodeId id : nodes) shown[static_cast<std::size_t>(id)] = true;
  SceneOptions inside = options;
  inside.expanded.clear();
  inside.focus.clear();
  inside.path_from.clear(), inside.path_to.clear();
  // What the budget left is the example's.
  inside.max_nodes = std::min(kMostBoxes, options.max_nodes - static_cast<int>(drawn.items.size()));
  inside.page = false;
  Visible part = visible_part(graph, graph_facts(graph, nullptr), {}, 0, inside, shown, nullptr);
  const auto& groups = drawn.tree.groups;
  const std::string& prefix = groups[static_cast<std::size_t>(block.group)].prefix;
  if (!prefix.empty()) part.tree.groups.front().prefix = prefix;
  const auto& boxes = source.after ? scene.box_of_after : scene.box_of_before;
  const int repeat = drawn.items[block.item].group;
  // Another block of the repeat itself has no box of its own.
  const auto sibling = [&](NodeId node) {
    for (int g = drawn.tree.group_of[static_cast<std::size_t>(node)]; g > 0; g = groups[static_cast<std::size_t>(g)].parent)
      if (groups[static_cast<std::size_t>(g)].parent == repeat) return g;
    return -1;
  };
  std::map<std::tuple<std::int32_t, int, bool>, int> pills;  // box, sibling, read from it
  std::map<std::pair<int, int>, std::size_t> edges;
  const auto pill = [&](NodeId outside, bool reads) {
    const std::int32_t box = boxes[static_cast<std::size_t>(outside)];
    if (box < 0) return -1;
    const int other = sibling(outside);
    const auto [it, added] = pills.try_emplace({box, other, reads}, static_cast<int>(part.items.size()));
    if (added) part.items.push_back({kNoNode, -1, 0, false, box, pill_name(drawn, scene, box, other, block.group, outside)});
    return it->second;
  };
  const auto join = [&](int from, int to, TensorRef tensor) {
    if (from < 0 || to < 0) return;
    const auto [it, added] = edges.try_emplace({from, to}, part.edges.size());
    if (added) {
      VisibleEdge e;
      e.from = from, e.to = to, e.first = tensor;
      part.edges.push_back(e);
    }
    ++part.edges[it->second].tensors;
  };
  for (const NodeId id : nodes) {
    const int item = part.item_of_node[static_cast<std::size_t>(id)];
    for (const Input& in : graph[id].data())
      if (!shown[static_cast<std::size_t>(in.node)] && drawn.fold[static_cast<std::size_t>(in.node)] == Fold::none)
        join(pill(in.node, true), item, {in.node, in.port});
    for (const OutEdge& out : graph.out_edges(id))
      if (out.port != kControlPort && !shown[static_cast<std::size_t>(out.node)])
        join(item, pill(out.node, false), {id, out.port});
  }
  return part;
}

float right_of(const Box& b) { return b.x + b.width + (b.form == Box::Form::scope ? 2 * look::kSheet : 0); }

/// How far the side reaches to the right between two heights, frames that hold `inner` not counted.
float reach(const Scene& scene, std::size_t boxes, std::size_t frames, std::size_t lines, bool after, float top, float bottom, const std::vector<std::int32_t>& around) {
  float right = 0;
  for (std::size_t i = 0; i < boxes; ++i)
    if (const Box& b = scene.boxes[i]; b.after_side == after && b.y < bottom && b.y + b.height + look::kNoteHeight > top) right = std::max(right, right_of(b));
  for (std::size_t i = 0; i < frames; ++i)
    if (const Frame& f = scene.frames[i]; f.after_side == after && f.y < bottom && f.y + f.height > top && std::find(around.begin(), around.end(), static_cast<std::int32_t>(i)) == around.end())
      right = std::max(right, f.x + f.width);
  for (std::size_t i = 0; i < lines; ++i) {
    const Line& l = scene.lines[i];
    if (l.from >= 0 ? scene.boxes[static_cast<std::size_t>(l.from)].after_side != after : l.from_frame >= 0 && scene.frames[static_cast<std::size_t>(l.from_frame)].after_side != after) continue;
    for (std::int32_t p = l.first_point; p + 1 < l.first_point + l.points; ++p) {
      const Point &a = scene.points[static_cast<std::size_t>(p)], &b = scene.points[static_cast<std::size_t>(p) + 1];
      if (std::min(a.y, b.y) < bottom && std::max(a.y, b.y) > top) right = std::max({right, a.x, b.x});
    }
  }
  return right;
}

}  // namespace

Status open_example(const SideSource& source, const SceneOptions& options, const Visible& drawn, Scene& scene) {
  if (!options.repeats || options.depth >= 0 || source.values != nullptr || options.direction == Direction::left_right) return {};
  const std::optional<Block> block = choose(drawn, options);
  if (!block) return {};
  const Group& group = drawn.tree.groups[static_cast<std::size_t>(block->group)];
  const std::vector<NodeId> nodes = nodes_of(drawn.tree, block->group);
  Side& side = scene.sides.back();
  auto& boxes_of = source.after ? scene.box_of_after : scene.box_of_before;
  const std::int32_t closed = boxes_of[static_cast<std::size_t>(nodes.front())];
  if (closed < 0) return {};

  // Drawn at the origin of a scene of its own, to see whether it has room.
  constexpr int kPills = 4;  // about as many beside the block's own boxes
  if (static_cast<int>(drawn.items.size()) + kLeastNodes + kPills > options.max_nodes) return {};
  Visible part = part_of(source, options, drawn, scene, *block, nodes);
  if (static_cast<int>(drawn.items.size() + part.items.size()) > options.max_nodes) return {};
  const std::size_t first_box = scene.boxes.size(), first_frame = scene.frames.size(), first_line = scene.lines.size();
  const std::size_t first_point = scene.points.size();
  const double seconds = scene.layout_seconds;
  SideSource alone = source;
  alone.before = nullptr;  // it stands where its block stands, not where it stood
  ISO_ASSIGN(const PartExtent extent, append_part(alone, options, std::move(part), group.title + (group.title.empty() ? "" : " ") + "opened", group.path, scene));
  scene.layout_seconds = seconds;
  const auto give_up = [&] {
    scene.boxes.resize(first_box), scene.frames.resize(first_frame), scene.lines.resize(first_line), scene.points.resize(first_point);
    return Status{};
  };
  const Box from = scene.boxes[static_cast<std::size_t>(closed)];
  if (Frame& f = scene.frames[first_frame]; from.repeats > 1) {
    const Font title{FontRole::sans, 600, 12}, detail{FontRole::sans, 400, 11};
    const std::string words = "one of " + std::to_string(from.repeats);
    const float width = text_width(scene.text(f.title), title) + 8 + text_width(words, detail);
    if (width + 2 * look::kClusterPad <= f.width) {
      f.detail = static_cast<std::int32_t>(scene.texts.size());
      scene.texts.push_back(words);
      f.title_width = width;
    }
  }
  if (extent.height > std::max(side.height * kTallest, kAlways)) return give_up();

  // Segments around the block, outermost first: one that is as tall as needed takes the example in.
  std::vector<std::int32_t> around;
  for (std::size_t i = 0; i < first_frame; ++i) {
    const Frame& f = scene.frames[i];
    if (f.after_side == source.after && from.x >= f.x && from.y >= f.y && from.x + from.width <= f.x + f.width && from.y + from.height <= f.y + f.height) around.push_back(static_cast<std::int32_t>(i));
  }
  constexpr float kHead = 30, kFoot = look::kClusterPad;
  const auto place = [&](float low, float high) {  // beside the closed block as far as that goes
    return std::max(low, std::min(from.y - look::kClusterPad - look::kClusterTitle, high - extent.height));
  };
  const float middle = from.y + from.height / 2;
  std::int32_t inside = -1;
  float y = place(0, std::max(side.height, extent.height));
  if (!around.empty() && scene.frames[static_cast<std::size_t>(around.front())].form == Frame::Form::segment) {
    const Frame& f = scene.frames[static_cast<std::size_t>(around.front())];
    const float beyond = reach(scene, first_box, first_frame, first_line, source.after, f.y, f.y + f.height, around);
    if (beyond <= f.x + f.width && extent.height + kHead + kFoot <= f.height) {
      inside = around.front();
      y = place(f.y + kHead, f.y + f.height - kFoot);
    }
  }
  const float top = inside >= 0 ? scene.frames[static_cast<std::size_t>(inside)].y : y, bottom = inside >= 0 ? top + scene.frames[static_cast<std::size_t>(inside)].height : y + extent.height;
  if (inside < 0) around.clear();
  const float x = std::ceil(reach(scene, first_box, first_frame, first_line, source.after, top, bottom, around)) + kGap;

  for (std::size_t i = first_box; i < scene.boxes.size(); ++i) {
    Box& b = scene.boxes[i];
    b.x += x, b.y += y;
    if (b.refers_to < 0 && !b.native && b.form != Box::Form::engine) b.engine = from.engine;
  }
  for (std::size_t i = first_frame; i < scene.frames.size(); ++i) {
    Frame& f = scene.frames[i];
    f.x += x, f.y += y, f.title_x += x;
    if (i == first_frame && inside >= 0) f.parent = inside, f.depth = scene.frames[static_cast<std::size_t>(inside)].depth + 1;
  }
  for (std::size_t i = first_line; i < scene.lines.size(); ++i) scene.lines[i].label_x += x, scene.lines[i].label_y += y;
  for (std::size_t i = first_point; i < scene.points.size(); ++i) scene.points[i].x += x, scene.points[i].y += y;
  if (inside >= 0) {
    Frame& f = scene.frames[static_cast<std::size_t>(inside)];
    f.width = x + extent.width + look::kClusterPad - f.x;
    side.width = std::max(side.width, f.x + f.width);
  }
  side.width = std::max(side.width, x + extent.width);
  side.height = std::max(side.height, y + extent.height);
  for (const NodeId id : nodes)
    if (const std::int32_t box = extent.box_of_node[static_cast<std::size_t>(id)]; box >= 0) boxes_of[static_cast<std::size_t>(id)] = box;

  // The leader, where nothing stands between.
  const float start = right_of(from);
  if (middle < y + look::kClusterRadius || middle > y + extent.height - look::kClusterRadius) return {};
  for (std::size_t i = 0; i < first_box; ++i) {
    const Box& b = scene.boxes[i];
    if (b.after_side == source.after && static_cast<std::int32_t>(i) != closed && b.x < x && right_of(b) > start && b.y < middle + 4 && b.y + b.height > middle - 4) return {};
  }
  Line leader;
  leader.leader = true;
  leader.from = closed;
  leader.to_frame = static_cast<std::int32_t>(first_frame);
  leader.tensors = 0;
  leader.first_point = static_cast<std::int32_t>(scene.points.size());
  leader.points = 2;
  scene.points.push_back({from.x + from.width, middle});
  scene.points.push_back({x, middle});
  scene.lines.push_back(leader);
  return {};
}

}  // namespace isotherm::render
