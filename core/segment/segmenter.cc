#include "core/segment/segmenter.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_set>

#include "core/segment/border.h"
#include "core/segment/candidates.h"
#include "core/segment/contraction.h"
#include "core/segment/visit_order.h"

namespace isotherm {
namespace {

// The steps of the original (SegmentGraph), in its numbering:
//   1  candidates, then contraction from outputs towards inputs; segments are ordered by the names of their roots
//   2  border nodes that may not be there leave
//   3  segments below the minimum size are dropped; nodes that do nothing do not count
//   4  of more segments than allowed the largest stay, in their order

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

Status check(const SegmentOptions& options) {
  if (!options.implicit_batch && !options.allow_dynamic_non_batch_dim)
    return invalid_input(
        "explicit batch mode does not go without dynamic dimensions; allow them, or use implicit batch mode");
  if (options.implicit_batch && !options.maximum_batch_size)
    return invalid_input("implicit batch mode requires a maximum batch size, and none is set");
  return {};
}

struct Draft {
  NodeId root = kNoNode;
  std::vector<NodeId> members;
  int effective = 0;
};

class Segmenter {
 public:
  Segmenter(const Graph& graph, const GraphShapes& shapes, const SegmentOptions& options,
            const SegmentCallbacks& callbacks)
      : graph_(graph), shapes_(shapes), options_(options), callbacks_(callbacks), refusals_(at(graph.size())) {}

  Result<Segmentation> run() {
    ISO_TRY(check(options_));
    ISO_ASSIGN(const VisitOrder order, visit_order(graph_));
    out_.segment_of.assign(at(graph_.size()), -1);
    find_candidates();
    if (stopped()) return cancelled();
    Clusters clusters =
        contract_candidates(graph_, order, is_candidate_, std::move(property_), out_.steps, callbacks_.cancelled);
    if (stopped()) return cancelled();
    std::vector<Draft> drafts = collect(clusters);
    for (std::size_t i = 0; i < drafts.size(); ++i) trim(drafts[i], static_cast<int>(i));
    drop_small(drafts);
    drop_beyond_cap(drafts);
    out_.topological = order.topological;
    finish(drafts, clusters);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool stopped() const { return callbacks_.cancelled && callbacks_.cancelled(); }
  void find_candidates();
  std::vector<Draft> collect(const Clusters& clusters);
  void trim(Draft& draft, int index);
  void drop_small(std::vector<Draft>& drafts);
  void drop_beyond_cap(std::vector<Draft>& drafts);
  void finish(const std::vector<Draft>& drafts, const Clusters& clusters);
  void find_borders();
  void refuse(const std::vector<NodeId>& nodes, Reason reason, const std::string& detail) {
    for (const NodeId id : nodes) refusals_[at(id)] = Refusal{reason, detail};
  }

  const Graph& graph_;
  const GraphShapes& shapes_;
  const SegmentOptions& options_;
  const SegmentCallbacks& callbacks_;
  std::vector<std::optional<Refusal>> refusals_;
  std::vector<char> is_candidate_;
  std::vector<ClusterProperty> property_;
  Segmentation out_;
};

void Segmenter::find_candidates() {
  is_candidate_.assign(at(graph_.size()), 0);
  property_.resize(at(graph_.size()));
  out_.steps.reserve(at(graph_.size()) * 2);
  constexpr NodeId kBetweenAsking = 256;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (id % kBetweenAsking == 0 && stopped()) return;
    refusals_[at(id)] = candidate_refusal(graph_, shapes_, id, options_, callbacks_);
    if (refusals_[at(id)]) {
      out_.steps.push_back({SegmentStep::Kind::not_candidate, id, kNoNode, {}, refusals_[at(id)]->detail});
      continue;
    }
    out_.steps.push_back({SegmentStep::Kind::candidate, id, kNoNode, {}, {}});
    is_candidate_[at(id)] = 1;
    ClusterProperty& property = property_[at(id)];
    property.batch =
        callbacks_.batch ? callbacks_.batch(id) : batch_of_node(graph_, shapes_, id, options_.implicit_batch);
    if (!graph_[id].device.empty()) property.device = parse_device_name(graph_[id].device).value_or(DeviceName{});
  }
}

std::vector<Draft> Segmenter::collect(const Clusters& clusters) {
  std::vector<Draft> drafts;
  std::vector<int> draft_of(at(graph_.size()), -1);
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (is_candidate_[at(id)] && clusters.leader[at(id)] == id) drafts.push_back({id, {}, 0});
  std::sort(drafts.begin(), drafts.end(),
            [&](const Draft& a, const Draft& b) { return graph_[a.root].name < graph_[b.root].name; });
  for (std::size_t i = 0; i < drafts.size(); ++i) draft_of[at(drafts[i].root)] = static_cast<int>(i);
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (!is_candidate_[at(id)]) continue;
    const int draft = draft_of[at(clusters.leader[at(id)])];
    drafts[at(draft)].members.push_back(id);
    out_.segment_of[at(id)] = draft;
  }
  return drafts;
}

void Segmenter::trim(Draft& draft, int index) {
  const std::size_t first_step = out_.steps.size();
  trim_border(graph_, callbacks_, index, draft.members, out_.segment_of, out_.steps);
  for (std::size_t i = first_step; i < out_.steps.size(); ++i) {
    const SegmentStep& step = out_.steps[i];
    refusals_[at(step.node)] = Refusal{Reason::const_output, step.sentence};
  }
  for (const NodeId id : draft.members) draft.effective += counts_for_size(graph_[id]) ? 1 : 0;
}

void Segmenter::drop_small(std::vector<Draft>& drafts) {
  std::erase_if(drafts, [&](const Draft& draft) {
    if (draft.effective != 0 && draft.effective >= options_.minimum_segment_size) return false;
    if (draft.members.empty()) return true;
    const std::string detail = "its segment (root '" + graph_[draft.root].name + "') has " +
                               std::to_string(draft.effective) + " nodes that compute; at least " +
                               std::to_string(std::max(1, options_.minimum_segment_size)) + " are required";
    refuse(draft.members, Reason::too_small, detail);
    out_.steps.push_back({SegmentStep::Kind::drop_small, draft.root, kNoNode, {}, detail});
    return true;
  });
}

void Segmenter::drop_beyond_cap(std::vector<Draft>& drafts) {
  if (options_.maximum_engines <= 0 || drafts.size() <= at(options_.maximum_engines)) return;
  std::vector<std::size_t> by_size(drafts.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](std::size_t a, std::size_t b) { return drafts[a].effective > drafts[b].effective; });
  std::vector<bool> keep(drafts.size(), false);
  for (std::size_t i = 0; i < at(options_.maximum_engines); ++i) keep[by_size[i]] = true;
  std::vector<Draft> kept;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (keep[i]) {
      kept.push_back(std::move(drafts[i]));
      continue;
    }
    const std::string detail = "its segment (root '" + graph_[drafts[i].root].name + "', " +
                               std::to_string(drafts[i].effective) + " nodes that compute) is not among the " +
                               std::to_string(options_.maximum_engines) + " largest, which is the engine cap";
    refuse(drafts[i].members, Reason::engine_cap, detail);
    out_.steps.push_back({SegmentStep::Kind::drop_cap, drafts[i].root, kNoNode, {}, detail});
  }
  drafts = std::move(kept);
}

void Segmenter::finish(const std::vector<Draft>& drafts, const Clusters& clusters) {
  out_.segment_of.assign(at(graph_.size()), -1);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const ClusterProperty& property = clusters.property[at(drafts[i].root)];
    Segment segment;
    segment.root = drafts[i].root;
    segment.nodes = drafts[i].members;
    segment.device = to_string(property.device);
    segment.has_device_type = property.device.type.has_value();
    segment.batch_size = property.batch.size;
    segment.max_batch_size = property.batch.maximum;
    segment.index = static_cast<int>(i);
    for (const NodeId id : segment.nodes) out_.segment_of[at(id)] = static_cast<int>(i);
    out_.steps.push_back({SegmentStep::Kind::segment, segment.root, kNoNode, {}, {}});
    out_.segments.push_back(std::move(segment));
  }
  find_borders();
  for (NodeId id = 0; id < graph_.size(); ++id)
    if (out_.segment_of[at(id)] < 0) out_.native.push_back({id, refusals_[at(id)].value_or(Refusal{})});
}

void Segmenter::find_borders() {
  struct TensorHash {
    std::size_t operator()(const TensorRef& t) const { return at(t.node) * 31 + at(t.port); }
  };
  std::vector<std::unordered_set<TensorRef, TensorHash>> seen(out_.segments.size());
  std::vector<int> ports;
  for (const NodeId id : out_.topological) {
    const int index = out_.segment_of[at(id)];
    if (index < 0) continue;
    Segment& segment = out_.segments[at(index)];
    for (const Input& in : graph_[id].data()) {
      if (out_.segment_of[at(in.node)] == index || !seen[at(index)].insert({in.node, in.port}).second) continue;
      if (graph_[in.node].op == "Const")
        segment.constants.push_back(in.node);
      else
        segment.inputs.push_back({in.node, in.port});
    }
    ports.clear();
    for (const OutEdge& edge : graph_.out_edges(id))
      if (edge.port != kControlPort && out_.segment_of[at(edge.node)] != index) ports.push_back(edge.port);
    std::sort(ports.begin(), ports.end());
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    for (const int port : ports) segment.outputs.push_back({id, port});
  }
}

}  // namespace

bool counts_for_size(const Node& node) {
  return node.op != "Identity" && node.op != "Snapshot" && node.op != "StopGradient";
}

Result<Segmentation> segment_graph(const Graph& graph, const GraphShapes& shapes, const SegmentOptions& options,
                                   const SegmentCallbacks& callbacks) {
  return Segmenter(graph, shapes, options, callbacks).run();
}

}  // namespace isotherm
