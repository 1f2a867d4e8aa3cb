#include "core/convert/suggest.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// More kinds of refusals than these are not tried: those of the fewest nodes.
constexpr std::size_t kMostOps = 24;
/// Larger sets of changes are no advice.
constexpr std::size_t kMostChanges = 4;

/// Nodes of one op that fail the candidate test with one class of reason.
using Refused = std::pair<std::string, Reason>;

struct Change {
  std::string text;
  std::optional<Refused> lifted;                   ///< support for an op
  std::function<void(ConversionParams&)> setting;  ///< or another setting
};
using ChangeSet = std::set<std::size_t>;

/// Whether support for the op would help; other reasons are settings' business.
bool is_of_the_op(Reason reason) {
  return reason == Reason::unsupported_op || reason == Reason::dtype || reason == Reason::input ||
         reason == Reason::condition;
}

int nodes_inside(const Conversion& conversion) {
  return std::accumulate(conversion.engines.begin(), conversion.engines.end(), 0,
                         [](int sum, const EngineSummary& engine) { return sum + engine.node_count; });
}

class Finder {
 public:
  Finder(const WhatIf& what_if, const ConversionParams& params, const Progress& progress)
      : what_if_(what_if), params_(params), progress_(progress) {}

  Result<Suggestions> run() {
    ISO_ASSIGN(now_, what_if_.plan(params_, cancelled_));
    Suggestions out;
    out.engines = static_cast<int>(now_.engines.size());
    out.nodes_inside = nodes_inside(now_);
    out.nodes = now_.before->size();
    collect_ops();
    collect_settings();
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      progress_.tell(static_cast<double>(i) / static_cast<double>(changes_.size()), "trying " + changes_[i].text);
      ISO_TRY(try_set({i}));
    }
    for (const ChangeSet& set : sets_between_engines()) ISO_TRY(try_minimal(set));
    for (const ChangeSet& set : sets_of_the_best()) ISO_TRY(try_minimal(set));
    for (auto& [set, suggestion] : tried_)
      if (suggestion.nodes_gained > 0 && is_more_than_its_parts(set)) out.ranked.push_back(suggestion);
    std::sort(out.ranked.begin(), out.ranked.end(), [](const Suggestion& a, const Suggestion& b) {
      return std::forward_as_tuple(-a.nodes_gained, a.changes.size(), a.changes) <
             std::forward_as_tuple(-b.nodes_gained, b.changes.size(), b.changes);
    });
    return out;
  }

 private:
  void collect_ops() {
    std::map<Refused, int> counts;
    for (const NativeNode& native : now_.segmentation.native)
      if (is_of_the_op(native.refusal.reason)) ++counts[{(*now_.before)[native.node].op, native.refusal.reason}];
    std::vector<std::pair<Refused, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (sorted.size() > kMostOps) sorted.resize(kMostOps);
    for (const auto& [refused, count] : sorted) {
      std::string text = "support for " + refused.first;
      if (refused.second != Reason::unsupported_op)
        text += " where it is refused for '" + std::string(reason_name(refused.second)) + "'";
      changes_.push_back({text + " (" + std::to_string(count) + (count == 1 ? " node)" : " nodes)"), refused, {}});
    }
  }

  void add_setting(std::string text, std::function<void(ConversionParams&)> setting) {
    changes_.push_back({std::move(text), {}, std::move(setting)});
  }

  void collect_settings() {
    std::map<Reason, int> counts;
    bool quantizes = false;
    for (const NativeNode& native : now_.segmentation.native) {
      ++counts[native.refusal.reason];
      const std::string& op = (*now_.before)[native.node].op;
      quantizes |= native.refusal.reason == Reason::unsupported_op &&
                   (op.starts_with("QuantizeAndDequantize") || op.starts_with("FakeQuantWithMinMax"));
    }
    const ConversionParams& used = now_.params;
    if (used.minimum_segment_size == -1)
      add_setting("--minimum-segment-size 3", [](ConversionParams& p) { p.minimum_segment_size = 3; });
    for (int size = std::min(used.minimum_segment_size - 1, 8); size >= 1 && counts[Reason::too_small] > 0; --size)
      add_setting("--minimum-segment-size " + std::to_string(size),
                  [size](ConversionParams& p) { p.minimum_segment_size = size; });
    if (counts[Reason::engine_cap] > 0)
      add_setting("--max-engines 0 (no limit)", [](ConversionParams& p) { p.max_engines = 0; });
    for (const std::string& op : used.denied_ops)
      add_setting("without --deny " + op, [op](ConversionParams& p) { p.denied_ops.erase(op); });
    for (const std::string& name : used.excluded_nodes)
      add_setting("without --exclude-nodes " + name, [name](ConversionParams& p) { p.excluded_nodes.erase(name); });
    if (counts[Reason::batch_rank] + counts[Reason::dynamic_dims] > 0 || used.implicit_batch)
      add_setting("--batch-mode explicit", [](ConversionParams& p) {
        p.implicit_batch = false;
        p.max_batch_size.reset();
      });
    if (counts[Reason::dynamic_dims] > 0)
      add_setting("--dynamic-op", [](ConversionParams& p) { p.is_dynamic_op = true; });
    if (counts[Reason::device] > 0) add_setting("--clear-devices", [](ConversionParams& p) { p.clear_devices = true; });
    if (quantizes && used.precision_mode != Precision::int8)
      add_setting("--precision INT8 --no-calibration", [](ConversionParams& p) {
        p.precision_mode = Precision::int8;
        p.use_calibration = false;
      });
  }

  /// Tries a set once; its suggestion is in tried_ then.
  Status try_set(const ChangeSet& set) {
    if (tried_.contains(set)) return {};
    if (progress_.cancelled()) return cancelled();
    ConversionParams params = params_;
    std::set<Refused> lifted;
    Suggestion suggestion;
    for (const std::size_t i : set) {
      suggestion.changes.push_back(changes_[i].text);
      if (changes_[i].setting) changes_[i].setting(params);
      if (changes_[i].lifted) lifted.insert(*changes_[i].lifted);
    }
    const Graph& graph = *now_.before;
    LiftRefusal lift;
    if (!lifted.empty())
      lift = [&](NodeId id, const Refusal& refusal) { return lifted.contains({graph[id].op, refusal.reason}); };
    const auto then = what_if_.plan(params, cancelled_, lift);
    if (!then.ok() && then.error().code == ErrorCode::cancelled) return then.error();
    if (then.ok()) {
      suggestion.nodes_gained = nodes_inside(*then) - nodes_inside(now_);
      suggestion.engines = static_cast<int>(then->engines.size());
      if (then->before->size() == graph.size()) suggestion.joined = joined(then->segmentation);
    }  // a setting that does not go with the others is no suggestion
    tried_.emplace(set, std::move(suggestion));
    return {};
  }

  std::vector<std::string> joined(const Segmentation& then) const {
    std::map<int, std::vector<std::string>> engines;  // by segment then
    for (std::size_t i = 0; i < now_.engines.size(); ++i) {
      const int segment = then.segment_of[at(now_.segmentation.segments[i].nodes[0])];
      if (segment >= 0) engines[segment].push_back(now_.engines[i].name);
    }
    std::vector<std::string> out;
    for (const auto& [segment, names] : engines)
      if (names.size() > 1) out.insert(out.end(), names.begin(), names.end());
    return out;
  }

  /// Tries a set, and leaves out what brings nothing.
  Status try_minimal(ChangeSet set) {
    ISO_TRY(try_set(set));
    for (bool smaller = true; smaller && set.size() > 1;) {
      smaller = false;
      for (const std::size_t i : ChangeSet(set)) {
        ChangeSet rest = set;
        rest.erase(i);
        ISO_TRY(try_set(rest));
        if (tried_[rest].nodes_gained < tried_[set].nodes_gained) continue;
        set = std::move(rest);
        smaller = true;
        break;
      }
    }
    return {};
  }

  /// The refused ops of each connected region of native nodes that borders on two engines or more.
  [[nodiscard]] std::set<ChangeSet> sets_between_engines() const {
    const Graph& graph = *now_.before;
    std::map<Refused, std::size_t> change_of;
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (changes_[i].lifted) change_of[*changes_[i].lifted] = i;
    std::vector<int> change(at(graph.size()), -1);
    for (const NativeNode& native : now_.segmentation.native) {
      const auto it = change_of.find({graph[native.node].op, native.refusal.reason});
      if (it != change_of.end()) change[at(native.node)] = static_cast<int>(it->second);
    }
    std::vector<bool> seen(at(graph.size()), false);
    std::set<ChangeSet> out;
    for (NodeId start = 0; start < graph.size(); ++start) {
      if (change[at(start)] < 0 || seen[at(start)]) continue;
      ChangeSet set;
      std::set<int> engines;
      std::vector<NodeId> stack{start};
      seen[at(start)] = true;
      const auto visit = [&](NodeId next) {
        if (const int engine = now_.segmentation.segment_of[at(next)]; engine >= 0) engines.insert(engine);
        if (change[at(next)] < 0 || seen[at(next)]) return;
        seen[at(next)] = true;
        stack.push_back(next);
      };
      while (!stack.empty()) {
        const NodeId id = stack.back();
        stack.pop_back();
        set.insert(at(change[at(id)]));
        for (const Input& in : graph[id].data()) visit(in.node);
        for (const OutEdge& edge : graph.out_edges(id))
          if (edge.port != kControlPort) visit(edge.node);
      }
      if (engines.size() > 1 && set.size() > 1 && set.size() <= kMostChanges) out.insert(set);
    }
    return out;
  }

  /// The two, three, .. single changes that bring most.
  [[nodiscard]] std::vector<ChangeSet> sets_of_the_best() const {
    std::vector<std::pair<int, std::size_t>> gains;
    for (const auto& [set, suggestion] : tried_)
      if (set.size() == 1 && changes_[*set.begin()].lifted) gains.emplace_back(-suggestion.nodes_gained, *set.begin());
    std::sort(gains.begin(), gains.end());
    std::vector<ChangeSet> out;
    ChangeSet set;
    for (const auto& [gain, change] : gains) {
      set.insert(change);
      if (set.size() > kMostChanges) break;
      if (set.size() > 1) out.push_back(set);
    }
    return out;
  }

  /// A set is worth naming if it brings more nodes, or joins more engines, than its members one by one.
  [[nodiscard]] bool is_more_than_its_parts(const ChangeSet& set) const {
    if (set.size() == 1) return true;
    const Suggestion& whole = tried_.at(set);
    int gained = 0;
    std::size_t joined_engines = 0;
    for (const std::size_t i : set) {
      const Suggestion& part = tried_.at({i});
      gained += std::max(0, part.nodes_gained);
      joined_engines += part.joined.size();
      ChangeSet rest = set;
      rest.erase(i);
      const auto it = tried_.find(rest);
      if (it != tried_.end() && it->second.nodes_gained >= whole.nodes_gained) return false;
    }
    return whole.nodes_gained > gained || whole.joined.size() > joined_engines;
  }

  const WhatIf& what_if_;
  const ConversionParams& params_;
  const Progress& progress_;
  std::function<bool()> cancelled_ = [this] { return progress_.cancelled(); };
  Conversion now_;
  std::vector<Change> changes_;
  std::map<ChangeSet, Suggestion> tried_;
};

std::string plural(int count, const char* noun) { return std::to_string(count) + " " + noun + (count == 1 ? "" : "s"); }

}  // namespace

Result<Suggestions> suggest(const WhatIf& what_if, const ConversionParams& params, const Progress& progress) {
  return Finder(what_if, params, progress).run();
}

std::string suggestions_text(const Suggestions& suggestions, std::size_t count) {
  std::string out = "suggestions, by nodes gained (now " + plural(suggestions.engines, "engine") + " with " +
                    std::to_string(suggestions.nodes_inside) + " of " + plural(suggestions.nodes, "node") + "):\n";
  if (suggestions.ranked.empty()) return out + "  none: no single change brings more nodes into engines\n";
  for (std::size_t i = 0; i < std::min(count, suggestions.ranked.size()); ++i) {
    const Suggestion& s = suggestions.ranked[i];
    std::string changes, joined;
    for (const std::string& change : s.changes) changes += (changes.empty() ? "" : " and ") + change;
    for (const std::string& engine : s.joined) joined += (joined.empty() ? "; joins " : ", ") + engine;
    out +=
        "  +" + std::to_string(s.nodes_gained) + ": " + changes + " -> " + plural(s.engines, "engine") + joined + "\n";
  }
  if (suggestions.ranked.size() > count)
    out += "  … and " + std::to_string(suggestions.ranked.size() - count) + " more (--json lists all)\n";
  return out;
}

}  // namespace isotherm
