#include "core/render/side_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "core/ops/reason.h"
#include "core/render/display_list.h"
#include "core/render/node_text.h"
#include "core/render/paint_value.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

using look::kGutter;
using look::kPadding;

constexpr Font kTitle{FontRole::sans, 600, 12};
constexpr Font kSub{FontRole::sans, 400, 10.5F};
constexpr Font kNote{FontRole::sans, 500, 10.5F};
constexpr float kMostDetail = 120, kLeastWidth = 104;
constexpr float kBetween = 14;  // title to detail
constexpr float kEngineWidth = 236;
constexpr std::size_t kMostRows = 10;

float round_up(float width) { return std::ceil(width / 8) * 8; }

bool is_feed_or_argument(const Node& node) { return op_class(node.op) == OpClass::io; }

/// The number in "TRTEngineOp_000_003"; -1 where there is none.
int engine_number(std::string_view name) {
  std::size_t digits = 0;
  while (digits < name.size() && digits < 6 && name[name.size() - 1 - digits] >= '0' &&
         name[name.size() - 1 - digits] <= '9')
    ++digits;
  if (digits == 0) return -1;
  int number = 0;
  for (char c : name.substr(name.size() - digits)) number = number * 10 + (c - '0');
  return number;
}

}  // namespace

std::string plural(int n, const char* word) { return std::to_string(n) + " " + word + (n == 1 ? "" : "s"); }

SideWords::SideWords(const SideSource& source, const SceneOptions& options, Scene& scene)
    : source_(source), options_(options), scene_(scene), first_box_(scene.boxes.size()) {}

std::int32_t SideWords::keep(const std::string& text) {
  if (text.empty()) return -1;
  const auto [it, added] = interned_.try_emplace(text, static_cast<std::int32_t>(scene_.texts.size()));
  if (added) scene_.texts.push_back(text);
  return it->second;
}

std::int32_t SideWords::scope_path(const std::string& path) {
  scene_.scope_paths.push_back(path);
  return static_cast<std::int32_t>(scene_.scope_paths.size()) - 1;
}

const TensorInfo* SideWords::info(TensorRef tensor) const {
  if (source_.shapes == nullptr || source_.shapes->empty() || tensor.port < 0) return nullptr;
  return &source_.shapes->info(tensor);
}

int SideWords::engine_index(int segment) const {
  const auto& segments = source_.conversion->segmentation.segments;
  const auto at = static_cast<std::size_t>(segment);
  return segment >= 0 && at < segments.size() ? segments[at].index : segment;
}

void SideWords::prepare(const Visible& visible) {
  const Graph& graph = *source_.graph;
  const auto count = static_cast<std::size_t>(graph.size());
  refusal_.assign(count, nullptr);
  const Conversion& conversion = *source_.conversion;
  if (source_.converted) {
    for (const NativeNode& native : conversion.segmentation.native) {
      NodeId id = native.node;
      if (source_.after) {
        const auto at = static_cast<std::size_t>(id);
        id = id >= 0 && at < conversion.map.after_of.size() ? conversion.map.after_of[at] : kNoNode;
      }
      if (id >= 0 && static_cast<std::size_t>(id) < count) refusal_[static_cast<std::size_t>(id)] = &native.refusal;
    }
  }
  position_.resize(count);
  std::iota(position_.begin(), position_.end(), 0);
  if (const auto order = graph.topological_order(); order.ok())
    for (std::size_t i = 0; i < order->size(); ++i)
      position_[static_cast<std::size_t>((*order)[i])] = static_cast<int>(i);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const int item = visible.item_of_node[static_cast<std::size_t>(id)];
    if (item < 0 || visible.items[static_cast<std::size_t>(item)].group < 0) continue;
    int& last = last_position_[visible.items[static_cast<std::size_t>(item)].group];
    last = std::max(last, position_[static_cast<std::size_t>(id)]);
  }
  // Shapes go without their batch where all that are drawn have the same one.
  std::optional<std::int64_t> batch;
  bool same = true, any = false;
  for (const VisibleEdge& e : visible.edges) {
    const TensorInfo* tensor = e.control ? nullptr : info(e.first);
    if (tensor == nullptr || tensor->shape.rank() < 2) continue;
    const std::int64_t first = std::max<std::int64_t>(tensor->shape[0], -1);
    if (batch && *batch != first) same = false;
    batch = first;
    any = true;
  }
  without_batch_ = any && same;
}

int SideWords::position(const Item& item) const {
  if (item.node >= 0) return position_[static_cast<std::size_t>(item.node)];
  const auto it = last_position_.find(item.group);
  return it == last_position_.end() ? 0 : it->second;
}

std::string SideWords::detail_shape(NodeId node) const {
  const TensorInfo* tensor = info({node, 0});
  return tensor == nullptr ? std::string() : shape_words(*tensor, without_batch_);
}

void SideWords::add_node(const Visible& visible, const Item& item, Box& box, Words& words) {
  const Graph& graph = *source_.graph;
  const Node& node = graph[item.node];
  const Group& parent = visible.tree.groups[static_cast<std::size_t>(item.parent)];
  box.op_class = op_class(node.op);
  box.form = is_feed_or_argument(node) ? Box::Form::io : Box::Form::node;
  box.full_name = keep(node.name);
  box.value = item.copy ? -1 : value_of(item.node);
  if (scene_.overlay.kind == Overlay::Kind::precision && box.value == kOtherPrecision)
    if (const TensorInfo* out = info({item.node, 0}); out != nullptr && out->dtype != DType::invalid)
      box.value_word = keep(std::string(dtype_name(out->dtype)));
  const bool shapes = source_.shapes != nullptr && !source_.shapes->empty();
  const NodeWords w = node_words(graph, shapes ? source_.shapes : nullptr, item.node, parent.prefix);
  words.title = clean_text(w.title);
  const bool same = ends_in_op(w.title, node.op) || w.title == w.op;
  const std::string op = clean_text(w.op) + (w.sizes.empty() ? "" : " " + w.sizes);
  const std::string shape = detail_shape(item.node);
  if (two_lines()) {
    words.subtitle = op;
    words.detail = shape;
  } else if (box.form == Box::Form::io && !shape.empty()) {
    words.detail = shape;
  } else {
    words.detail = same ? w.sizes : op;
  }
  const auto at = static_cast<std::size_t>(item.node);
  if (source_.converted && refusal_[at] != nullptr) {
    box.native = true;
    box.reason = keep(refusal_[at]->detail);
    std::string reason(reason_name(refusal_[at]->reason));
    if (refusal_[at]->reason == Reason::excluded) {
      if (box.form == Box::Form::io)
        reason += " (feed)";
      else if (graph.out_edges(item.node).empty())
        reason += " (fetch)";
    }
    words.note_short = reason;
    words.note = "native: " + reason;
  }
  if (badges_ && source_.conversion->segmentation.segment_of[at] >= 0) {
    box.engine = engine_index(source_.conversion->segmentation.segment_of[at]);
    box.badge = true;
  }
  if (!source_.after)
    for (int g = item.parent; g > 0; g = visible.tree.groups[static_cast<std::size_t>(g)].parent)
      if (visible.tree.groups[static_cast<std::size_t>(g)].kind == Group::Kind::segment)
        box.engine = engine_index(visible.tree.groups[static_cast<std::size_t>(g)].engine);
}

void SideWords::add_histogram(const std::vector<NodeId>& members, Box& box) {
  const Graph& before = *source_.conversion->before;
  const std::vector<Fold> fold = folded_nodes(before);
  std::map<std::string, int> ops;
  int constants = 0, reads = 0;
  for (NodeId id : members) {
    switch (fold[static_cast<std::size_t>(id)]) {
      case Fold::none:
        ++ops[before[id].op];
        break;
      case Fold::constant:
        ++constants;
        break;
      case Fold::weight_read:
        ++reads;
        break;
      case Fold::outside:
        break;
    }
  }
  std::vector<std::pair<std::string, int>> rows(ops.begin(), ops.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  box.first_row = static_cast<std::int32_t>(scene_.rows.size());
  int others = 0, other_ops = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i >= kMostRows) {
      others += rows[i].second;
      ++other_ops;
      continue;
    }
    scene_.rows.push_back({keep(elide(clean_text(rows[i].first), {FontRole::sans, 500, 11}, 112)),
                           op_class(rows[i].first), rows[i].second, false});
  }
  if (others > 0) scene_.rows.push_back({keep(plural(other_ops, "further op")), OpClass::unknown, others, true});
  if (constants > 0) scene_.rows.push_back({keep("weights (Const)"), OpClass::constant, constants, true});
  if (reads > 0) scene_.rows.push_back({keep("weight reads (Identity)"), OpClass::array, reads, true});
  box.rows = static_cast<std::int32_t>(scene_.rows.size()) - box.first_row;
}

void SideWords::add_engine(NodeId node, Box& box, Words& words) {
  const Conversion& conversion = *source_.conversion;
  const Node& op = (*source_.graph)[node];
  box.form = Box::Form::engine;
  box.full_name = keep(op.name);
  box.value = value_of(node);
  box.op_class = OpClass::control;
  words.title = clean_text(op.name.substr(op.name.rfind('/') == std::string::npos ? 0 : op.name.rfind('/') + 1));
  box.engine = engine_number(op.name);
  const std::string precision = op.attrs.get_string("precision_mode");
  box.precision = precision == "FP16" ? 1 : precision == "INT8" ? 2 : precision == "FP32" ? 0 : -1;
  if (source_.after) {
    for (const EngineSummary& engine : conversion.engines)
      if (engine.node == node) box.engine = engine_index(engine.segment);
    if (static_cast<std::size_t>(node) < conversion.map.before_of.size()) {
      const auto& members = conversion.map.before_of[static_cast<std::size_t>(node)];
      if (!members.empty()) {
        box.count = static_cast<int>(members.size());
        if (options_.op_histogram && !two_lines() && conversion.engines.size() <= 3) add_histogram(members, box);
        const auto parts = scene_.overlay.parts_after.find(node);
        if (two_lines() && options_.expanded.contains(op.name) && parts != scene_.overlay.parts_after.end())
          add_parts(parts->second, box);
      }
    }
  }
  if (box.count <= 1) {
    const FunctionRef* function = op.attrs.get_func("segment_func");
    const Function* body = function == nullptr ? nullptr : source_.graph->functions().find(function->name);
    if (body != nullptr) box.count = static_cast<int>(body->nodes.size());
  }
}

void SideWords::add_scope(const Visible& visible, const Item& item, Box& box, Words& words) {
  const Group& group = visible.tree.groups[static_cast<std::size_t>(item.group)];
  box.form = Box::Form::scope;
  box.scope = scope_path(group.path);
  box.count = group.count;
  box.repeats = group.repeats;
  const bool segment = group.kind == Group::Kind::segment;
  const std::string name = segment ? "segment " + std::to_string(engine_index(group.engine)) : group.path;
  box.full_name = keep(name);
  words.title = clean_text(segment ? name : group.title);
  words.detail = group.repeats > 1 ? "×" + std::to_string(group.repeats) : plural(group.count, "node");
  if (!source_.after)
    for (int g = item.group; g > 0; g = visible.tree.groups[static_cast<std::size_t>(g)].parent)
      if (visible.tree.groups[static_cast<std::size_t>(g)].kind == Group::Kind::segment)
        box.engine = engine_index(visible.tree.groups[static_cast<std::size_t>(g)].engine);
  // The glyph is that of the class with most time, else with most nodes.
  const bool timed = two_lines() && scene_.overlay.kind == Overlay::Kind::time;
  std::array<double, 11> weight{};
  std::map<std::string, int> reasons;
  int drawn = 0, native = 0, outside = 0, engines = 0;
  std::set<int> segments;
  double value = -1;
  std::vector<int> stack = {item.group};
  while (!stack.empty()) {
    const Group& g = visible.tree.groups[static_cast<std::size_t>(stack.back())];
    stack.pop_back();
    stack.insert(stack.end(), g.children.begin(), g.children.end());
    for (NodeId id : g.folded) value = combined(scene_.overlay, value, value_of(id));
    for (NodeId id : g.leaves) {
      const double v = value_of(id);
      value = combined(scene_.overlay, value, v);
      ++drawn;
      engines += (*source_.graph)[id].op == "TRTEngineOp" ? 1 : 0;
      if (badges_) {
        const int of = source_.conversion->segmentation.segment_of[static_cast<std::size_t>(id)];
        if (of >= 0)
          segments.insert(of);
        else
          ++outside;
      }
      weight[static_cast<std::size_t>(op_class((*source_.graph)[id].op))] += timed ? std::max(v, 0.0) : 1.0;
      const Refusal* refusal = refusal_[static_cast<std::size_t>(id)];
      if (refusal == nullptr) continue;
      ++native;
      ++reasons[std::string(reason_name(refusal->reason))];
    }
  }
  box.value = value;
  if (engines > 0) words.detail += ", " + plural(engines, "engine");
  if (segments.size() == 1 && outside == 0) box.engine = engine_index(*segments.begin()), box.badge = true;
  if (!box.badge && !segments.empty() && group.repeats == 1)
    words.detail += ", " + plural(static_cast<int>(segments.size()), "engine");
  // Convolutions and products win over a greater number of small things round them.
  weight[static_cast<std::size_t>(OpClass::conv)] *= timed ? 1 : 4;
  weight[static_cast<std::size_t>(OpClass::matmul)] *= timed ? 1 : 4;
  box.op_class = static_cast<OpClass>(std::max_element(weight.begin(), weight.end()) - weight.begin());
  if (two_lines()) words.subtitle = words.detail, words.detail.clear();
  if (source_.converted && native == drawn && drawn > 0) {
    box.native = true;
    words.note_short =
        reasons.size() == 1 ? reasons.begin()->first : plural(static_cast<int>(reasons.size()), "reason");
    words.note = "native: " + words.note_short;
  }
}

void SideWords::measure(Box& box, const Words& words) const {
  if (box.form == Box::Form::engine) {
    box.width = kEngineWidth;
    box.height = box.rows > 0 ? 0 : two_lines() ? 74 : 60;
    if (box.rows > 0 && two_lines()) {
      box.width = kOpenEngineWidth;
      box.height = 74 + 12;
      for (std::int32_t r = box.first_row; r < box.first_row + box.rows; ++r)
        box.height += scene_.rows[static_cast<std::size_t>(r)].kernel ? 14 : 20;
    } else if (box.rows > 0) {
      int bars = 0, sums = 0;
      for (std::int32_t r = box.first_row; r < box.first_row + box.rows; ++r)
        ++(scene_.rows[static_cast<std::size_t>(r)].summary ? sums : bars);
      box.height =
          26 + 70 + 18.5F * static_cast<float>(bars) + (sums > 0 ? 14 + 16 * static_cast<float>(sums) : 0) + 10;
    }
    return;
  }
  box.height = two_lines() ? look::kNodeHeightTwoLine : look::kNodeHeight;
  const float gutter = two_lines() ? kGutter + 10 : kGutter;
  const float title = std::min(kMostTitle, text_width(words.title, kTitle));
  const float detail = std::min(kMostDetail, text_width(words.detail, kSub));
  float width = 0;
  if (two_lines()) {
    const float value = value_width(scene_.overlay, box.value, scene_.text(box.value_word));
    const std::string remark = value_remark(scene_, box);
    const float sub = std::min(kMostTitle, text_width(remark.empty() ? words.subtitle : remark, kSub));
    width = gutter + std::max(title + kBetween + value, sub + (detail > 0 ? kBetween + detail : 0)) + kPadding;
  } else {
    width = gutter + title + (detail > 0 ? kBetween + detail : 0) + kPadding;
  }
  if (!words.note_short.empty()) width = std::max(width, 2 * (text_width(words.note_short, kNote) + 12));
  box.width = std::max(kLeastWidth, round_up(width));
}

void SideWords::add_box(const Visible& visible, const Item& item) {
  Box box;
  Words words;
  box.node = item.node;
  box.after_side = source_.after;
  box.copy = item.copy;
  if (item.refers_to >= 0) {
    const Box& other = scene_.boxes[static_cast<std::size_t>(item.refers_to)];
    box.form = Box::Form::io;
    box.op_class = other.op_class;
    box.refers_to = item.refers_to;
    box.full_name = other.full_name;
    words.title = clean_text(item.refers_as);
  } else if (item.group >= 0)
    add_scope(visible, item, box, words);
  else if ((*source_.graph)[item.node].op == "TRTEngineOp")
    add_engine(item.node, box, words);
  else
    add_node(visible, item, box, words);
  measure(box, words);
  scene_.boxes.push_back(box);
  words_.push_back(std::move(words));
  if (!words_.back().note.empty()) scene_.boxes.back().note = keep(words_.back().note);
}

void SideWords::fit(Box& box) {
  const Words& words = words_[static_cast<std::size_t>(&box - &scene_.boxes[first_box_])];
  if (box.form == Box::Form::engine) {
    box.title = keep(elide(words.title, kTitle, box.width - 28 - kPadding));
    return;
  }
  const float gutter = two_lines() ? kGutter + 10 : kGutter;
  const float room = box.width - gutter - kPadding;
  // What the title leaves is the detail's, at least half.
  const float left = two_lines() ? room / 2 : std::max(room / 2, room - kBetween - text_width(words.title, kTitle));
  const float detail = std::min({kMostDetail, left, text_width(words.detail, kSub)});
  float beside = 0;
  if (two_lines())
    beside = value_width(scene_.overlay, box.value, scene_.text(box.value_word)) + kBetween;
  else if (detail > 0)
    beside = detail + kBetween;
  box.title = keep(elide(words.title, kTitle, room - beside));
  box.detail = words.detail.empty() ? -1 : keep(elide(words.detail, kSub, detail + 0.5F));
  if (!words.subtitle.empty())
    box.subtitle = keep(elide(words.subtitle, kSub, room - (detail > 0 ? detail + kBetween : 0)));
  if (words.note.empty()) return;
  // Left of the edge that leaves the middle.
  const bool leaf = box.node >= 0 && source_.graph->out_edges(box.node).empty();
  const bool sideways = options_.direction == Direction::left_right;
  const float free = leaf || sideways ? box.width : box.width / 2 - 10;
  box.note = keep(text_width(words.note, kNote) <= free ? words.note : elide(words.note_short, kNote, free));
}

}  // namespace isotherm::render
