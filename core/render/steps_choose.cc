#include <algorithm>
#include <unordered_set>

#include "core/render/side_words.h"
#include "core/render/steps_parts.h"

namespace isotherm::render {
namespace {

constexpr std::size_t kMostMembers = 10;  // of a segment that a step is about; its neighbours show the rest
constexpr std::size_t kMostPath = 8;      // pieces of a path at each of its ends
constexpr int kFan = 4;                   // neighbours of one node on one side

std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

class Chooser {
 public:
  Chooser(const Replay& replay, const ReplayState& state, int budget, const std::vector<Fold>& fold)
      : graph_(replay.graph()),
        replay_(replay),
        state_(state),
        budget_(static_cast<std::size_t>(budget)),
        fold_(fold) {}

  StepChoice run(int step) {
    const std::size_t wanted = seeds(step);
    const std::size_t seeded = chosen_.size();
    for (std::size_t i = 0; i < chosen_.size() && chosen_.size() < budget_; ++i) ring(chosen_[i]);
    StepChoice out;
    out.nodes = chosen_;
    std::sort(out.nodes.begin(), out.nodes.end());
    out.drawn = std::to_string(out.nodes.size()) + " of " + plural(graph_.size(), "node") + " drawn: ";
    if (seeded < wanted)
      out.drawn += std::to_string(seeded) + " of the " + std::to_string(wanted) + " that the step is about";
    else
      out.drawn += "what the step is about";
    out.drawn += ", and what is nearest; other weights are left out";
    return out;
  }

 private:
  void add(NodeId id) {
    if (id != kNoNode && chosen_.size() < budget_ && known_.insert(id).second) chosen_.push_back(id);
  }

  /// How many nodes the step is about; all of them are added, or the first few.
  std::size_t seeds(int step) {
    const ReplayStep& s = replay_[step];
    const SegmentStep& record = replay_.record(step);
    switch (s.kind) {
      case ReplayStep::Kind::candidates:
        return refused_candidates();
      case ReplayStep::Kind::merge:
        add(s.from), add(s.to);
        return chosen_.size();
      case ReplayStep::Kind::merge_refused: {
        add(s.from), add(s.to);
        const auto path = refused_path(replay_, state_, step);
        std::unordered_set<NodeId> all = {s.from, s.to};
        for (std::size_t i = 0; i < path.size(); ++i) {
          all.insert({path[i].first, path[i].second});
          // The beginning and the end in turn, so that a budget that is spent leaves both.
          if (i >= kMostPath) continue;
          const auto& back = path[path.size() - 1 - i];
          add(path[i].first), add(path[i].second), add(back.first), add(back.second);
        }
        return all.size();
      }
      case ReplayStep::Kind::trim:
        add(record.node);
        return 1;
      case ReplayStep::Kind::too_small:
      case ReplayStep::Kind::engine_cap:
      case ReplayStep::Kind::segment:
      case ReplayStep::Kind::failed:
        return segment(record.node);
    }
    return 0;
  }

  std::size_t refused_candidates() {
    std::size_t count = 0;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (state_.fate[at(id)] != ReplayState::Fate::not_candidate) continue;
      ++count;
      if (chosen_.size() < kMostMembers) add(id);
    }
    if (count > 0) return count;
    for (NodeId id = 0; id < graph_.size() && chosen_.empty(); ++id)
      if (fold_[at(id)] == Fold::none) add(id);
    return chosen_.size();
  }

  /// Root first, then members at the border, then others; weights last.
  std::size_t segment(NodeId root) {
    const std::vector<NodeId> members = state_.members(root);
    add(root);
    const auto is_border = [&](NodeId id) {
      const auto outs = graph_.out_edges(id);
      const auto ins = graph_[id].data();
      const auto outside = [&](NodeId other) {
        return fold_[at(other)] == Fold::none && !state_.same_segment(other, id);
      };
      return std::any_of(ins.begin(), ins.end(), [&](const Input& in) { return outside(in.node); }) ||
             std::any_of(outs.begin(), outs.end(), [&](const OutEdge& out) { return outside(out.node); });
    };
    for (const int pass : {0, 1, 2}) {
      for (const NodeId id : members) {
        if (chosen_.size() >= kMostMembers) break;
        const bool folded = fold_[at(id)] != Fold::none;
        if (pass == 2 || (!folded && (pass == 1 || is_border(id)))) add(id);
      }
    }
    return members.size();
  }

  void ring(NodeId id) {
    int followed = 0;
    for (const Input& in : graph_[id].data()) {
      if (followed == kFan || fold_[at(in.node)] != Fold::none) continue;
      add(in.node), ++followed;
    }
    followed = 0;
    for (const OutEdge& out : graph_.out_edges(id)) {
      if (followed == kFan) break;
      if (out.port == kControlPort || fold_[at(out.node)] != Fold::none) continue;
      add(out.node), ++followed;
    }
  }

  const Graph& graph_;
  const Replay& replay_;
  const ReplayState& state_;
  std::size_t budget_;
  const std::vector<Fold>& fold_;
  std::vector<NodeId> chosen_;
  std::unordered_set<NodeId> known_;
};

}  // namespace

StepChoice choose_nodes(const Replay& replay, const ReplayState& state, int step, int budget,
                        const std::vector<Fold>& fold) {
  return Chooser(replay, state, std::max(budget, 2), fold).run(step);
}

std::vector<std::pair<NodeId, NodeId>> refused_path(const Replay& replay, const ReplayState& state, int step) {
  const std::vector<NodeId>& path = replay.record(step).path;
  const Graph& graph = replay.graph();
  std::vector<std::pair<NodeId, NodeId>> out;
  if (replay[step].kind != ReplayStep::Kind::merge_refused || path.size() < 3) return out;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (state.same_segment(path[i], path[i + 1])) continue;
    NodeId source = kNoNode;
    for (const Input& in : graph[path[i + 1]].inputs) {
      if (in.node == path[i]) source = in.node;
      if (source == kNoNode && state.same_segment(in.node, path[i])) source = in.node;
    }
    if (source != kNoNode) out.emplace_back(source, path[i + 1]);
  }
  return out;
}

}  // namespace isotherm::render
