#include <algorithm>
#include <cmath>

#include "core/render/display_list.h"
#include "core/render/node_text.h"
#include "core/render/overlay_words.h"
#include "core/render/side_words.h"
#include "core/render/text.h"
#include "core/render/theme.h"

namespace isotherm::render {

void SideWords::add_frame(const Visible& visible, int g, std::int32_t parent) {
  const Group& group = visible.tree.groups[static_cast<std::size_t>(g)];
  Frame frame;
  frame.after_side = source_.after;
  frame.parent = parent;
  frame.depth = parent < 0 ? 0 : scene_.frames[static_cast<std::size_t>(parent)].depth + 1;
  frame.count = group.count;
  if (group.kind == Group::Kind::segment) {
    frame.form = Frame::Form::segment;
    frame.engine = engine_index(group.engine);
    const std::size_t whole =
        source_.conversion->segmentation.segments[static_cast<std::size_t>(group.engine)].nodes.size();
    const bool part = visible.outside > 0 && static_cast<std::size_t>(group.count) < whole;
    frame.title = keep("segment " + std::to_string(frame.engine) + ", " +
                       (part ? std::to_string(group.count) + " of " + plural(static_cast<int>(whole), "node")
                             : plural(group.count, "node")));
    frame.title_width = text_width(scene_.text(frame.title), {FontRole::sans, 600, 11}) + 20;
  } else {
    frame.scope = scope_path(group.path);
    frame.title = keep(clean_text(group.title));
    std::string detail = plural(group.count, "node");
    if (two_lines()) {
      double value = -1;
      std::vector<int> stack = {g};
      while (!stack.empty()) {
        const Group& inner = visible.tree.groups[static_cast<std::size_t>(stack.back())];
        stack.pop_back();
        stack.insert(stack.end(), inner.children.begin(), inner.children.end());
        for (const auto* list : {&inner.leaves, &inner.folded})
          for (NodeId id : *list) value = combined(scene_.overlay, value, value_of(id));
      }
      frame.value = value;
      if (frame.value >= 0 || is_failed(scene_.overlay, value)) {
        const bool most = scene_.overlay.combine == Overlay::Combine::maximum &&
                          scene_.overlay.kind != Overlay::Kind::precision && value >= 0;
        detail = (most ? "max " : "") + value_words(scene_.overlay, value).together();
      }
    }
    frame.detail = keep(detail);
    frame.title_width = std::min(kMostTitle, text_width(scene_.text(frame.title), {FontRole::sans, 600, 12})) + 10 +
                        text_width(detail, {FontRole::sans, 400, 11});
  }
  scene_.frames.push_back(frame);
}

void SideWords::place_title(Frame& frame, std::vector<float> crossings) {
  const bool segment = frame.form == Frame::Form::segment;
  const float inset = segment ? 14 : 14;
  const float low = frame.x + inset, high = frame.x + frame.width - inset;
  std::sort(crossings.begin(), crossings.end());
  struct Gap {
    float low, high;
  };
  std::vector<Gap> gaps;
  float from = low;
  for (const float x : crossings) {
    gaps.push_back({from, std::min(high, x - 6)});
    from = std::max(low, x + 6);
  }
  gaps.push_back({from, high});
  if (segment) std::reverse(gaps.begin(), gaps.end());
  const Gap* best = &gaps.front();
  for (const Gap& gap : gaps) {
    if (gap.high - gap.low >= frame.title_width) {
      best = &gap;
      break;
    }
    if (gap.high - gap.low > best->high - best->low) best = &gap;
  }
  const float room = best->high - best->low;
  if (segment) {
    // The pill lies over what it crosses; it is only shortened where the frame itself is narrow.
    if (frame.title_width > high - low) {
      const std::string name = "segment " + std::to_string(frame.engine);
      frame.title = keep(elide(name, {FontRole::sans, 600, 11}, std::max(20.0F, high - low - 20)));
      frame.title_width = text_width(scene_.text(frame.title), {FontRole::sans, 600, 11}) + 20;
    }
    frame.title_x = std::max(frame.x + 6, (room >= frame.title_width ? best->high : high) - frame.title_width);
    return;
  }
  frame.title_x = best->low;
  const Font title{FontRole::sans, 600, 12}, detail{FontRole::sans, 400, 11};
  if (two_lines() && frame.detail >= 0) {
    // A value stands at the right, where no edge enters there.
    const float words = text_width(scene_.text(frame.title), title), value = text_width(scene_.text(frame.detail), detail);
    const Gap& last = gaps.back();
    const bool beside = best == &last ? words + value + 2 * look::kClusterPad <= room
                                      : words <= room && value + 6 <= last.high - last.low;
    if (beside && words <= kMostTitle) {
      frame.detail_x = last.high;
      return;
    }
  }
  if (frame.title_width > room || text_width(scene_.text(frame.title), title) > kMostTitle) {
    const float beside = frame.detail < 0 ? 0 : text_width(scene_.text(frame.detail), detail) + 10;
    const float whole = text_width(scene_.text(frame.title), title);
    // The count goes first, then the middle of the name.
    if (std::min(whole, kMostTitle) + beside > room) frame.detail = -1;
    frame.title = keep(elide(scene_.text(frame.title), title, std::max(24.0F, std::min(kMostTitle, room))));
    frame.title_width = text_width(scene_.text(frame.title), title) + (frame.detail < 0 ? 0 : beside);
  }
}

std::string SideWords::edge_label(const Visible& visible, const VisibleEdge& e) {
  if (two_lines() || e.tensors > 1) return {};
  const TensorInfo* tensor = info(e.first);
  if (tensor == nullptr) return {};
  const Item& from = visible.items[static_cast<std::size_t>(e.from)];
  const Item& to = visible.items[static_cast<std::size_t>(e.to)];
  const Node& source = (*source_.graph)[e.first.node];
  bool news = from.parent != to.parent || from.group >= 0 || source.op == "TRTEngineOp";
  if (from.node >= 0 && scene_.boxes[first_box_ + static_cast<std::size_t>(e.from)].form == Box::Form::io) return {};
  if (!news && source.data_inputs > 0) {
    const TensorInfo* before = info({source.inputs[0].node, source.inputs[0].port});
    news = before == nullptr || !(before->shape == tensor->shape) || before->dtype != tensor->dtype;
  }
  return news ? shape_words(*tensor, without_batch_) : std::string();
}

void SideWords::set_tensor(const VisibleEdge& edge, Line& line) {
  if (edge.control || edge.first.node < 0) return;
  const std::string name =
      clean_text((*source_.graph)[edge.first.node].name) + ":" + std::to_string(std::max(0, edge.first.port));
  const TensorInfo* tensor = info(edge.first);
  std::string words = tensor == nullptr ? std::string() : shape_words(*tensor, false);
  if (tensor != nullptr && tensor->dtype == DType::float32 && !words.empty()) words = "float32 " + words;
  line.tensor = keep(words.empty() ? name : name + "  " + words);
}

void SideWords::set_bytes(const VisibleEdge& edge, Line& line) const {
  double sum = 0;
  bool known = false;
  const auto add = [&](TensorRef tensor) {
    const TensorInfo* t = info(tensor);
    if (t == nullptr || !t->shape.has_rank()) return;
    double bytes = static_cast<double>(dtype_size(t->dtype));
    for (const std::int64_t d : t->shape.dims()) bytes *= static_cast<double>(std::max<std::int64_t>(d, 1));
    known |= bytes > 0;
    sum += bytes;
  };
  add(edge.first);
  for (const TensorRef& tensor : edge.others) add(tensor);
  if (!known) return;
  line.bytes = sum;
  if (options_.edge_bytes) line.width = static_cast<float>(std::clamp(1 + std::log2(sum / 1048576.0 + 1), 1.0, 6.0));
}

void SideWords::head(const Visible& visible, Side& side) {
  side.engines = 0;
  for (const Node& node : source_.graph->nodes()) side.engines += node.op == "TRTEngineOp" ? 1 : 0;
  std::string detail = plural(side.nodes, "node");
  if (visible.outside > 0) {
    detail = std::to_string(side.nodes - visible.outside) + " of " + detail;
    if (!options_.focus.empty())
      detail += " within " + plural(options_.hops, "hop") + " of " +
                elide(clean_text(options_.focus), {FontRole::sans, 400, 12}, 160);
    else
      detail += " on the way from " + elide(clean_text(options_.path_from), {FontRole::sans, 400, 12}, 120) + " to " +
                elide(clean_text(options_.path_to), {FontRole::sans, 400, 12}, 120);
  }
  if (source_.after || side.engines > 0) detail += ", " + plural(side.engines, "engine");
  if (side.folded > 0) {
    detail += "; " + std::to_string(side.folded);
    detail += side.folded == 1 ? " constant or weight read not drawn" : " constants and weight reads not drawn";
  }
  side.head = keep(source_.converted ? (source_.after ? "After" : "Before") : "Graph");
  side.head_detail = keep(detail);
  const float head = text_width(scene_.text(side.head), {FontRole::sans, 700, 14}) + 10 +
                     text_width(detail, {FontRole::sans, 400, 12});
  side.width = std::max(side.width, head);
}

}  // namespace isotherm::render
