#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "core/render/side_words.h"
#include "core/render/steps.h"

namespace isotherm::render {
namespace {

using Kind = ReplayStep::Kind;
using Fate = ReplayState::Fate;

std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

/// Plays the record forward.
class Player {
 public:
  explicit Player(const Conversion& conversion) : conversion_(conversion), graph_(*conversion.before) {
    const std::size_t n = at(graph_.size());
    state.fate.assign(n, Fate::candidate);
    state.leader.resize(n);
    std::iota(state.leader.begin(), state.leader.end(), 0);
    state.next = state.leader;
    state.stands.assign(n, 0);
    size_.assign(n, 1);
    for (const NativeNode& native : conversion.segmentation.native)
      if (native.refusal.reason == Reason::conversion_failed) failed_.push_back(native.node);
    std::sort(failed_.begin(), failed_.end());
  }

  /// The edge of the graph that a contraction of `record` stands for; asked before it is played.
  [[nodiscard]] NodeId source_of(const SegmentStep& record) const {
    if (record.other == kNoNode) return record.node;
    NodeId found = kNoNode;
    for (const Input& in : graph_[record.other].data()) {
      if (in.node == record.node) return in.node;
      if (found == kNoNode && state.same_segment(in.node, record.node)) found = in.node;
    }
    return found == kNoNode ? record.node : found;
  }

  void play(const SegmentStep& record) {
    switch (record.kind) {
      case SegmentStep::Kind::candidate:
      case SegmentStep::Kind::merge_refused:
        break;
      case SegmentStep::Kind::not_candidate:
        state.fate[at(record.node)] = Fate::not_candidate;
        break;
      case SegmentStep::Kind::merge:
        merge(record.node, record.other);
        break;
      case SegmentStep::Kind::trim:
        state.fate[at(record.node)] = Fate::trimmed;
        --size_[at(state.leader[at(record.node)])];
        break;
      case SegmentStep::Kind::drop_small:
        drop(record.node, Fate::too_small);
        break;
      case SegmentStep::Kind::drop_cap:
        drop(record.node, Fate::engine_cap);
        break;
      case SegmentStep::Kind::segment:
        if (fails(record.node))
          drop(record.node, Fate::failed);
        else
          state.stands[at(state.leader[at(record.node)])] = 1;
        break;
    }
  }

  [[nodiscard]] bool fails(NodeId root) const { return std::binary_search(failed_.begin(), failed_.end(), root); }
  [[nodiscard]] int members(NodeId node) const { return size_[at(state.leader[at(node)])]; }

  ReplayState state;

 private:
  void merge(NodeId root, NodeId other) {
    const NodeId into = state.leader[at(root)], from = state.leader[at(other)];
    if (into == from) return;
    // The smaller ring is told its new leader; over all merges each node is told O(log n) times.
    NodeId told = size_[at(from)] <= size_[at(into)] ? from : into;
    NodeId node = told;
    do {
      state.leader[at(node)] = into == told ? from : into;
      node = state.next[at(node)];
    } while (node != told);
    std::swap(state.next[at(into)], state.next[at(from)]);
    size_[at(into == told ? from : into)] = size_[at(into)] + size_[at(from)];
  }

  void drop(NodeId root, Fate fate) {
    NodeId node = root;
    do {
      if (state.fate[at(node)] == Fate::candidate) state.fate[at(node)] = fate;
      node = state.next[at(node)];
    } while (node != root);
  }

  const Conversion& conversion_;
  const Graph& graph_;
  std::vector<int> size_;       // by leader
  std::vector<NodeId> failed_;  // ascending
};

Kind kind_of(SegmentStep::Kind kind) {
  switch (kind) {
    case SegmentStep::Kind::candidate:
    case SegmentStep::Kind::not_candidate:
      return Kind::candidates;
    case SegmentStep::Kind::merge:
      return Kind::merge;
    case SegmentStep::Kind::merge_refused:
      return Kind::merge_refused;
    case SegmentStep::Kind::trim:
      return Kind::trim;
    case SegmentStep::Kind::drop_small:
      return Kind::too_small;
    case SegmentStep::Kind::drop_cap:
      return Kind::engine_cap;
    case SegmentStep::Kind::segment:
      return Kind::segment;
  }
  return Kind::candidates;
}

/// What the path of a refusal runs through.
void pass(const Graph& graph, const ReplayState& state, const SegmentStep& record, ReplayStep& step) {
  constexpr std::size_t kKept = 3;
  step.through_native = true;
  for (std::size_t i = 1; i + 1 < record.path.size(); ++i) {
    const NodeId id = record.path[i];
    if (state.same_segment(id, record.node) || state.same_segment(id, record.other)) continue;
    if (step.through.size() < kKept) step.through.push_back(id);
    ++step.through_count;
    step.through_native = step.through_native && state.fate[at(id)] == Fate::not_candidate;
  }
  for (std::size_t i = 0; step.through_count == 0 && i + 1 < record.path.size() && record.path.size() > 2; ++i) {
    const NodeId from = record.path[i], to = record.path[i + 1];
    if (state.same_segment(from, to)) continue;
    for (const Input& in : graph[to].inputs)
      if (in.node == from || (step.by_from == kNoNode && state.same_segment(in.node, from)))
        step.by_from = in.node, step.by_to = to;
    break;
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

}  // namespace

StepTone tone_of(Kind kind) {
  switch (kind) {
    case Kind::candidates:
      return StepTone::neutral;
    case Kind::merge:
    case Kind::segment:
      return StepTone::accepted;
    case Kind::merge_refused:
    case Kind::failed:
      return StepTone::refused;
    case Kind::trim:
    case Kind::too_small:
    case Kind::engine_cap:
      return StepTone::leaves;
  }
  return StepTone::neutral;
}

std::vector<NodeId> ReplayState::members(NodeId node) const {
  std::vector<NodeId> out;
  NodeId member = node;
  do {
    if (fate[at(member)] != Fate::trimmed || member == node) out.push_back(member);
    member = next[at(member)];
  } while (member != node);
  std::sort(out.begin(), out.end());
  return out;
}

Result<Replay> Replay::create(std::shared_ptr<const Conversion> conversion) {
  if (conversion == nullptr || conversion->before == nullptr)
    return internal_error("the steps of a segmentation were asked for without a graph");
  if (conversion->segmentation.steps.empty())
    return invalid_input(
        "there is no record of a segmentation: a session keeps none, and a graph that cannot be converted has none; "
        "its model, segmented anew, has it");
  Replay replay(std::move(conversion));
  replay.number();
  return replay;
}

void Replay::number() {
  const Segmentation& cut = conversion_->segmentation;
  Player player(*conversion_);
  steps_.push_back({});
  for (std::size_t i = 0; i < cut.steps.size(); ++i) {
    const SegmentStep& record = cut.steps[i];
    ReplayStep step;
    step.kind = kind_of(record.kind);
    step.record = i;
    if (step.kind == Kind::segment && player.fails(record.node)) step.kind = Kind::failed;
    step.from = player.source_of(record);
    step.to = record.other;
    pass(graph(), player.state, record, step);
    player.play(record);
    if (step.kind == Kind::candidates) {
      steps_.front().record = i;
      continue;
    }
    step.members = player.members(record.node);
    steps_.push_back(step);
  }
  // Segments that became engines keep those colours; others come after them.
  color_.assign(at(graph().size()), -1);
  int further = 0;
  for (const Segment& segment : cut.segments) further = std::max(further, segment.index + 1);
  for (NodeId id = 0; id < graph().size(); ++id) {
    const int segment = id < static_cast<NodeId>(cut.segment_of.size()) ? cut.segment_of[at(id)] : -1;
    if (segment >= 0) color_[at(player.state.leader[at(id)])] = cut.segments[at(segment)].index;
  }
  std::vector<int> color(color_.size());
  for (NodeId id = 0; id < graph().size(); ++id) {
    int& of_leader = color_[at(player.state.leader[at(id)])];
    if (of_leader < 0 && player.members(id) > 1) of_leader = further++;
    color[at(id)] = of_leader;
  }
  color_ = std::move(color);
  candidates_ = candidates_sentence();
}

const SegmentStep& Replay::record(int step) const { return conversion_->segmentation.steps[(*this)[step].record]; }

int Replay::color_index(NodeId node) const { return std::max(0, color_[at(node)]); }

ReplayState Replay::state_after(int step) const {
  Player player(*conversion_);
  const auto& records = conversion_->segmentation.steps;
  const std::size_t last = (*this)[step].record;
  std::vector<std::int64_t> merged;
  for (std::size_t i = 0; i <= last && i < records.size(); ++i) {
    if (records[i].kind == SegmentStep::Kind::merge)
      merged.push_back(ReplayState::edge_key(player.source_of(records[i]), records[i].other));
    player.play(records[i]);
  }
  std::sort(merged.begin(), merged.end());
  player.state.merged = std::move(merged);
  return std::move(player.state);
}

std::string Replay::verdict(int step) const {
  switch ((*this)[step].kind) {
    case Kind::candidates:
      return "candidates";
    case Kind::merge:
      return "accepted";
    case Kind::merge_refused:
      return "refused";
    case Kind::trim:
      return "trimmed";
    case Kind::too_small:
      return "too small";
    case Kind::engine_cap:
      return "engine cap";
    case Kind::segment:
      return "segment";
    case Kind::failed:
      return "failed";
  }
  return {};
}

std::string Replay::candidates_sentence() const {
  const auto& records = conversion_->segmentation.steps;
  std::map<Reason, int> reasons;
  int refused = 0;
  std::map<NodeId, Reason> reason_of;
  for (const NativeNode& native : conversion_->segmentation.native)
    reason_of.emplace(native.node, native.refusal.reason);
  for (const SegmentStep& record : records) {
    if (record.kind != SegmentStep::Kind::not_candidate) continue;
    ++refused;
    if (const auto found = reason_of.find(record.node); found != reason_of.end()) ++reasons[found->second];
  }
  const int all = graph().size();
  if (refused == 0) return "all " + plural(all, "node") + " may go into engines";
  std::vector<std::string> words;
  for (const auto& [reason, count] : reasons)
    words.push_back(std::to_string(count) + " " + std::string(reason_name(reason)));
  return std::to_string(all - refused) + " of " + plural(all, "node") + " may go into engines; " +
         std::to_string(refused) + (refused == 1 ? " stays" : " stay") + " native: " + joined(words);
}

std::string Replay::cycle_sentence(const ReplayStep& step) const {
  std::string out = "merging would close a cycle";
  if (step.through.empty() && step.by_from != kNoNode)
    return out + ", as " + graph()[step.by_from].name + " → " + graph()[step.by_to].name +
           ", refused before, leads there too";
  if (step.through.empty()) return out;
  if (step.through_count > static_cast<int>(step.through.size()))
    return out + " through " + graph()[step.through.front()].name + " and " + std::to_string(step.through_count - 1) +
           " more";
  std::vector<std::string> names;
  for (const NodeId id : step.through) names.push_back(graph()[id].name);
  out += " through " + joined(names);
  if (step.through_native) out += names.size() == 1 ? ", which stays native" : ", which stay native";
  return out;
}

std::string Replay::sentence(int step) const {
  const ReplayStep& s = (*this)[step];
  if (s.kind == Kind::candidates) return candidates_;
  const SegmentStep& r = record(step);
  const std::string edge = s.to == kNoNode ? "" : graph()[s.from].name + " → " + graph()[s.to].name;
  switch (s.kind) {
    case Kind::merge:
      return edge + ": one segment of " + plural(s.members, "node");
    case Kind::merge_refused:
      return edge + ": " + (r.path.empty() ? r.sentence : cycle_sentence(s));
    case Kind::trim:
      return graph()[r.node].name + " leaves its segment: " + r.sentence;
    case Kind::too_small:
    case Kind::engine_cap: {
      // The reason is worded for one node.
      std::string why = r.sentence;
      if (s.members != 1 && why.starts_with("its ")) why.replace(0, 3, "their");
      return plural(s.members, "node") + (s.members == 1 ? " stays" : " stay") + " native: " + why;
    }
    case Kind::segment:
    case Kind::failed: {
      const auto& segments = conversion_->segmentation.segments;
      const auto found =
          std::find_if(segments.begin(), segments.end(), [&](const Segment& g) { return g.root == r.node; });
      if (found != segments.end())
        return "segment " + std::to_string(found->index) + " stands: " + plural(s.members, "node") + ", root " +
               graph()[r.node].name;
      std::string why;
      for (const NativeNode& native : conversion_->segmentation.native)
        if (native.node == r.node) why = ": " + native.refusal.detail;
      return "no engine can be made of the " + plural(s.members, "node") + " of " + graph()[r.node].name + why;
    }
    case Kind::candidates:
      break;
  }
  return {};
}

std::string Replay::sentence(int first, int last) const {
  if (first >= last) return sentence(last);
  std::array<int, 8> counts{};
  for (int i = first; i <= last; ++i) ++counts[static_cast<std::size_t>((*this)[i].kind)];
  const auto count = [&](Kind kind) { return counts[static_cast<std::size_t>(kind)]; };
  std::vector<std::string> words;
  const auto say = [&](Kind kind, const char* one, const char* many) {
    if (count(kind) > 0) words.push_back(std::to_string(count(kind)) + " " + (count(kind) == 1 ? one : many));
  };
  say(Kind::candidates, "candidate test", "candidate tests");
  say(Kind::merge, "merge accepted", "merges accepted");
  say(Kind::merge_refused, "refused", "refused");
  say(Kind::trim, "node trimmed", "nodes trimmed");
  say(Kind::too_small, "segment too small", "segments too small");
  say(Kind::engine_cap, "segment beyond the engine cap", "segments beyond the engine cap");
  say(Kind::segment, "segment stands", "segments stand");
  say(Kind::failed, "segment failed", "segments failed");
  return joined(words) + "; the last: " + sentence(last);
}

}  // namespace isotherm::render
