#include "core/convert/remedy.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/ops/reason.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

const NativeNode* native_of(const Conversion& c, NodeId node) {
  const auto& native = c.segmentation.native;
  const auto found =
      std::lower_bound(native.begin(), native.end(), node, [](const NativeNode& n, NodeId id) { return n.node < id; });
  return found != native.end() && found->node == node ? &*found : nullptr;
}

bool names_node(const std::string& tensor, const std::string& node) {
  const auto name = parse_tensor_name(tensor);
  return name.ok() && name->node == node;
}

/// Members of the dropped segment that count for its size: all of one segment have one sentence, with its root in it.
int size_of_dropped(const Conversion& c, const Refusal& refusal) {
  int size = 0;
  for (const NativeNode& n : c.segmentation.native)
    if (n.refusal.reason == refusal.reason && n.refusal.detail == refusal.detail)
      size += counts_for_size((*c.before)[n.node]) ? 1 : 0;
  return size;
}

/// Shapes for the Placeholders that a node depends on, 1 for each dimension they leave open; nothing if none is open,
/// or if not even the rank of one is known.
std::map<std::string, Shape> guessed_shapes(const Conversion& c, NodeId node) {
  const Graph& graph = *c.before;
  std::vector<char> seen(at(graph.size()), 0);
  std::vector<NodeId> open = {node};
  std::map<std::string, Shape> out;
  seen[at(node)] = 1;
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (graph[id].op == "Placeholder") {
      const Shape& shape = c.shapes_before.info({id, 0}).shape;
      if (!shape.has_rank()) return {};
      std::vector<std::int64_t> dims(shape.dims().begin(), shape.dims().end());
      if (std::all_of(dims.begin(), dims.end(), [](std::int64_t d) { return d >= 0; })) continue;
      for (std::int64_t& d : dims) d = d < 0 ? 1 : d;
      out.emplace(graph[id].name, Shape(std::move(dims)));
    }
    for (const Input& in : graph[id].data())
      if (std::exchange(seen[at(in.node)], char{1}) == 0) open.push_back(in.node);
  }
  return out;
}

class Finder {
 public:
  Finder(const Conversion& conversion, const ConversionParams& asked) : conversion_(conversion), asked_(asked) {}

  std::vector<Remedy> run(NodeId node, const Refusal& refusal) {
    const Node& n = (*conversion_.before)[node];
    switch (refusal.reason) {
      case Reason::excluded:
        exclusion(n);
        break;
      case Reason::denied: {
        ConversionParams& p = add(Remedy::Kind::allow_op, "Take off the list", "Taken off the list");
        p.denied_ops.erase(n.op);
        break;
      }
      case Reason::too_small:
        if (const int size = size_of_dropped(conversion_, refusal); size > 0) smaller_segments(size);
        break;
      case Reason::engine_cap:
        more_engines();
        break;
      case Reason::batch_rank:
        explicit_batch();
        break;
      case Reason::dynamic_dims:
      case Reason::conversion_failed:
        explicit_batch();
        dynamic_engines();
        known_shapes(node);
        break;
      case Reason::dtype:
      case Reason::input:
      case Reason::condition:
        explicit_batch();
        known_shapes(node);
        break;
      case Reason::device:
        add(Remedy::Kind::no_devices, "Clear devices", "With devices cleared").clear_devices = true;
        break;
      case Reason::unsupported_op:
      case Reason::const_output:
        break;
    }
    return std::move(out_);
  }

 private:
  ConversionParams& add(Remedy::Kind kind, std::string action, std::string done) {
    out_.push_back({kind, asked_, std::move(action), std::move(done)});
    return out_.back().params;
  }

  void exclusion(const Node& node) {
    if (asked_.minimum_segment_size == -1) return smaller_segments(ConversionParams().minimum_segment_size);
    const auto named = [&](const std::string& name) { return names_node(name, node.name); };
    if (std::none_of(asked_.excluded_nodes.begin(), asked_.excluded_nodes.end(), named)) return;
    ConversionParams& p = add(Remedy::Kind::include_node, "Include it", "Included");
    std::erase_if(p.excluded_nodes, named);
  }

  void smaller_segments(int size) {
    const std::string number = std::to_string(size);
    add(Remedy::Kind::smaller_segments, "Smallest segment " + number, "With a smallest segment of " + number)
        .minimum_segment_size = size;
  }

  void more_engines() {
    const auto& steps = conversion_.segmentation.steps;
    const auto dropped = std::count_if(steps.begin(), steps.end(),
                                       [](const SegmentStep& s) { return s.kind == SegmentStep::Kind::drop_cap; });
    const int wanted = asked_.max_engines + static_cast<int>(dropped);
    const std::string number = std::to_string(wanted);
    add(Remedy::Kind::more_engines, "Allow " + number + " engines", "With up to " + number + " engines").max_engines =
        wanted;
  }

  void explicit_batch() {
    if (!asked_.implicit_batch) return;
    add(Remedy::Kind::explicit_batch, "Use explicit batch", "With explicit batch").implicit_batch = false;
  }

  void dynamic_engines() {
    if (!asked_.implicit_batch || asked_.is_dynamic_op) return;
    add(Remedy::Kind::dynamic_engines, "Build at run time", "With engines built at run time").is_dynamic_op = true;
  }

  void known_shapes(NodeId node) {
    const std::map<std::string, Shape> shapes = guessed_shapes(conversion_, node);
    if (shapes.empty()) return;
    std::string text;
    for (const auto& [name, shape] : shapes) text += (text.empty() ? "" : ", ") + name + "=" + shape.to_string();
    ConversionParams& p =
        add(Remedy::Kind::known_shapes, shapes.size() == 1 ? "Give a shape" : "Give shapes", "With " + text);
    for (const auto& [name, shape] : shapes) p.shapes[name] = shape;
  }

  const Conversion& conversion_;
  const ConversionParams& asked_;
  std::vector<Remedy> out_;
};

}  // namespace

std::vector<Remedy> remedies(const Conversion& conversion, const ConversionParams& asked, NodeId node) {
  const NativeNode* native = native_of(conversion, node);
  return native == nullptr ? std::vector<Remedy>() : Finder(conversion, asked).run(node, native->refusal);
}

Result<RemedyOutcome> outcome_of(const WhatIf& what_if, const Conversion& conversion, NodeId node, Remedy remedy,
                                 const std::function<bool()>& cancelled) {
  ISO_ASSIGN(const Conversion now, what_if.plan(remedy.params, cancelled));
  RemedyOutcome out;
  out.remedy = std::move(remedy);
  out.change = compare_segmentations(conversion, now);
  const NodeId there = now.before->find((*conversion.before)[node].name);
  const NativeNode* native = there == kNoNode ? nullptr : native_of(now, there);
  out.helps = there != kNoNode && native == nullptr;
  const NativeNode* before = native_of(conversion, node);
  const bool other_reason = native != nullptr && before != nullptr && native->refusal.reason != before->refusal.reason;
  out.changes = out.change.any() || other_reason;
  out.sentence = out.remedy.done + ": " + change_sentence(out.change);
  if (native != nullptr)
    out.sentence += "; this node stays native: " + std::string(reason_name(native->refusal.reason));
  out.sentence += ".";
  return out;
}

}  // namespace isotherm
