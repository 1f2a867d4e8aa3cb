#include "core/convert/segmentation_change.h"

#include <algorithm>
#include <map>
#include <optional>

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

int engine_of(const Conversion& c, NodeId id) {
  if (id == kNoNode || at(id) >= c.segmentation.segment_of.size()) return -1;
  return c.segmentation.segment_of[at(id)];
}

std::vector<std::optional<Reason>> reasons_of(const Conversion& c) {
  std::vector<std::optional<Reason>> out(at(c.before->size()));
  for (const NativeNode& n : c.segmentation.native) out[at(n.node)] = n.refusal.reason;
  return out;
}

/// By node of `now`: the node of that name before.
std::vector<NodeId> nodes_before(const Graph& before, const Graph& now) {
  std::vector<NodeId> out(at(now.size()), kNoNode);
  for (NodeId id = 0; id < now.size(); ++id)
    out[at(id)] = id < before.size() && before[id].name == now[id].name ? id : before.find(now[id].name);
  return out;
}

/// Pairs engines that share most nodes, largest shares first.
std::vector<EngineChange> match_engines(const Conversion& before, const Conversion& now,
                                        const std::vector<NodeId>& before_of) {
  std::map<std::pair<int, int>, int> shares;
  for (NodeId id = 0; id < now.before->size(); ++id) {
    const int to = engine_of(now, id), from = engine_of(before, before_of[at(id)]);
    if (to >= 0 && from >= 0) ++shares[{to, from}];
  }
  std::vector<std::pair<int, std::pair<int, int>>> pairs;
  for (const auto& [pair, shared] : shares) pairs.emplace_back(shared, pair);
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<EngineChange> out(now.engines.size());
  std::vector<bool> taken(before.engines.size(), false);
  for (std::size_t e = 0; e < out.size(); ++e) {
    out[e].now = static_cast<int>(e);
    out[e].nodes_now = now.engines[e].node_count;
  }
  for (const auto& [shared, pair] : pairs) {
    EngineChange& change = out[at(pair.first)];
    if (change.before >= 0 || taken[at(pair.second)]) continue;
    taken[at(pair.second)] = true;
    change.before = pair.second;
    change.nodes_before = before.engines[at(pair.second)].node_count;
    change.shared = shared;
  }
  for (std::size_t e = 0; e < before.engines.size(); ++e)
    if (!taken[e]) out.push_back({.before = static_cast<int>(e), .nodes_before = before.engines[e].node_count});
  return out;
}

/// "2 engines of 852 and 20 nodes", "1 engine of 3 nodes", "40 engines of 1204 nodes together"; "no engine".
std::string engines_phrase(std::vector<int> sizes) {
  if (sizes.empty()) return "no engine";
  constexpr std::size_t kNamed = 4;
  std::string out = std::to_string(sizes.size()) + (sizes.size() == 1 ? " engine of " : " engines of ");
  int sum = 0;
  for (const int size : sizes) sum += size;
  if (sizes.size() > kNamed) return out + std::to_string(sum) + " nodes together";
  for (std::size_t i = 0; i < sizes.size(); ++i)
    out += (i == 0 ? "" : i + 1 == sizes.size() ? " and " : ", ") + std::to_string(sizes[i]);
  return out + (sizes.size() == 1 && sizes[0] == 1 ? " node" : " nodes");
}

}  // namespace

bool SegmentationChange::any() const {
  return !gained.empty() || !lost.empty() || !regrouped.empty() || engines_before != engines_now;
}

SegmentationChange compare_segmentations(const Conversion& before, const Conversion& now) {
  SegmentationChange out;
  out.engines_before = static_cast<int>(before.engines.size());
  out.engines_now = static_cast<int>(now.engines.size());
  for (const EngineSummary& engine : before.engines) out.inside_before += engine.node_count;
  for (const EngineSummary& engine : now.engines) out.inside_now += engine.node_count;
  const std::vector<NodeId> before_of = nodes_before(*before.before, *now.before);
  out.engines = match_engines(before, now, before_of);
  std::vector<int> same(before.engines.size(), -1);  // by engine before: the one that it is now
  for (const EngineChange& change : out.engines)
    if (change.before >= 0) same[at(change.before)] = change.now;
  const auto reasons_before = reasons_of(before), reasons_now = reasons_of(now);
  for (NodeId id = 0; id < now.before->size(); ++id) {
    const NodeId old = before_of[at(id)];
    const int from = engine_of(before, old), to = engine_of(now, id);
    if (from < 0 && to >= 0) out.gained.push_back(id);
    if (from >= 0 && to < 0) out.lost.push_back(id);
    if (from >= 0 && to >= 0 && same[at(from)] != to) out.regrouped.push_back(id);
    if (from < 0 && to < 0 && old != kNoNode && reasons_before[at(old)] != reasons_now[at(id)])
      out.other_reason.push_back(id);
  }
  return out;
}

std::string change_sentence(const SegmentationChange& change) {
  std::vector<int> before(at(change.engines_before)), now(at(change.engines_now));
  for (const EngineChange& engine : change.engines) {
    if (engine.before >= 0) before[at(engine.before)] = engine.nodes_before;
    if (engine.now >= 0) now[at(engine.now)] = engine.nodes_now;
  }
  if (!change.any()) return "unchanged: " + engines_phrase(now);
  return engines_phrase(now) + " instead of " + engines_phrase(before);
}

}  // namespace isotherm
