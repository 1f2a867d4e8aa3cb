#include "profiler/attribution.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

namespace isotherm {
namespace {

bool launches_kernel(std::string_view name) {
  for (const char* begin : {"cudaLaunchKernel", "cuLaunchKernel", "cudaLaunchCooperativeKernel",
                            "cuLaunchCooperativeKernel", "cudaLaunch_", "cuLaunchGrid"})
    if (name.starts_with(begin)) return true;
  return false;
}

class Attribution {
 public:
  explicit Attribution(const ActivityBatch& batch) : batch_(batch) {}

  AttributedBatch run() {
    index();
    calls();
    records(batch_.kernels, out_.kernels, out_.coverage.kernels);
    records(batch_.copies, out_.copies, out_.coverage.copies);
    records(batch_.sets, out_.sets, out_.coverage.sets);
    out_.coverage.kernels.expected = expected_kernels();
    out_.coverage.dropped = batch_.dropped;
    return std::move(out_);
  }

 private:
  void index() {
    for (const CorrelationLink& link : batch_.links) tag_of_.insert_or_assign(link.correlation, Tag::decode(link.tag));
    for (const RawCall& call : batch_.calls) {
      // A driver call inside a runtime call may share its correlation id: the earlier start is the launch.
      const auto [it, added] = call_start_.try_emplace(call.correlation, call.start);
      if (!added) it->second = std::min(it->second, call.start);
    }
    // A node that is made when a graph is instantiated may be announced twice: as made, and as a clone.
    for (const GraphNodeRecord& node : batch_.graph_nodes)
      if (node.original != 0) graph_node_.insert_or_assign(node.id, &node);
    for (const GraphNodeRecord& node : batch_.graph_nodes) {
      if (node.original != 0 || !graph_node_.try_emplace(node.id, &node).second) continue;
      if (node.graph != 0 && node.kind == GraphNodeKind::kernel) ++kernels_of_graph_[node.graph];
      if (node.graph != 0) known_graphs_.insert(node.graph);
    }
    std::int64_t until = 0;
    std::vector<RawOverhead> sorted = batch_.overheads;
    std::sort(sorted.begin(), sorted.end(),
              [](const RawOverhead& a, const RawOverhead& b) { return a.start < b.start; });
    for (const RawOverhead& o : sorted) {
      out_.coverage.overhead_ns += std::max<std::int64_t>(0, o.end - std::max(o.start, until));
      if (!busy_.empty() && o.start <= until)
        busy_.back().second = std::max(until, o.end);
      else
        busy_.emplace_back(o.start, o.end);
      until = std::max(until, o.end);
    }
  }

  [[nodiscard]] const Tag* tag_of(std::uint32_t correlation) const {
    const auto it = tag_of_.find(correlation);
    return it == tag_of_.end() ? nullptr : &it->second;
  }

  /// Calls in order, with runs; and how many of them launch a kernel that must have run.
  void calls() {
    std::vector<const RawCall*> sorted;
    for (const RawCall& call : batch_.calls) sorted.push_back(&call);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const RawCall* a, const RawCall* b) { return a->start < b->start; });
    std::unordered_map<std::uint32_t, std::int64_t>
        launch_until;  // by thread: a launch inside a launch is the same one
    for (const RawCall* call : sorted) {
      const Tag* tag = tag_of(call->correlation);
      if (tag && tag->run < 0) continue;
      Attributed<RawCall> record;
      static_cast<RawCall&>(record) = *call;
      if (tag) {
        record.run = tag->run;
        record.place = batch_.places.at(tag->place);
      }
      ++out_.coverage.calls;
      const std::size_t name = static_cast<std::size_t>(call->name);
      if (name < batch_.strings.size() && launches_kernel(batch_.strings[name]) && call->result == 0 &&
          !(tag && tag->captured)) {
        std::int64_t& until = launch_until[call->thread];
        if (call->start >= until) ++launches_;
        until = std::max(until, call->end);
      }
      out_.calls.push_back(record);
    }
  }

  [[nodiscard]] std::int64_t expected_kernels() {
    std::int64_t expected = launches_;
    for (const ReplayRecord& replay : batch_.replays) {
      if (replay.run < 0) continue;
      if (!known_graphs_.contains(replay.graph)) ++out_.coverage.unknown_replays;
      const auto it = kernels_of_graph_.find(replay.graph);
      if (it != kernels_of_graph_.end()) expected += it->second;
    }
    return expected;
  }

  /// The node noted at capture that an executed node comes from; null if it was never seen.
  [[nodiscard]] const GraphNodeRecord* captured_node(std::uint64_t id) const {
    constexpr int kMostClones = 16;
    for (int step = 0; step < kMostClones; ++step) {
      const auto it = graph_node_.find(id);
      if (it == graph_node_.end()) return nullptr;
      if (it->second->original == 0) return it->second;
      id = it->second->original;
    }
    return nullptr;
  }

  [[nodiscard]] bool in_overhead(const DeviceRecord& r) const {
    const auto after = std::upper_bound(busy_.begin(), busy_.end(), r.end,
                                        [](std::int64_t t, const auto& span) { return t <= span.first; });
    return after != busy_.begin() && std::prev(after)->second > r.start;
  }

  [[nodiscard]] std::optional<Fault> fault_of(const DeviceRecord& r) const {
    if (r.start == 0) return Fault::start_missing;
    if (r.end == 0) return Fault::end_missing;
    if (r.end < r.start) return Fault::end_before_start;
    const auto call = call_start_.find(r.correlation);
    if (call == call_start_.end()) return Fault::no_call;
    if (r.start < call->second) return Fault::before_launch;
    return std::nullopt;
  }

  template <class Raw>
  void records(const std::vector<Raw>& raw, std::vector<Attributed<Raw>>& out, RecordCount& count) {
    std::set<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t, std::int64_t>> known;
    for (const Raw& r : raw) {
      const Tag* tag = tag_of(r.correlation);
      if (tag && tag->run < 0) continue;
      ++count.seen;
      std::optional<Fault> fault = fault_of(r);
      if (!fault && !known.emplace(r.correlation, r.graph_node, r.stream, r.start).second) fault = Fault::duplicate;
      if (fault) {
        ++count.invalid[static_cast<std::size_t>(*fault)];
        continue;
      }
      Attributed<Raw> record;
      static_cast<Raw&>(record) = r;
      if (tag) {
        record.run = tag->run;
        record.place = batch_.places.at(tag->place);
      }
      if (r.graph_node != 0)
        if (const GraphNodeRecord* node = captured_node(r.graph_node))
          record.place = batch_.places.at(Tag::decode(node->tag).place);
      const bool placed = record.run >= 0 && (record.place.node != kNoNode || record.place.kind == PlaceKind::copy);
      ++(placed ? count.attributed : count.unattributed);
      if (placed && record.place.engine != kNoNode && record.place.layer < 0) ++count.without_layer;
      if (in_overhead(r)) ++count.in_overhead;
      out.push_back(record);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const DeviceRecord& a, const DeviceRecord& b) { return a.start < b.start; });
  }

  const ActivityBatch& batch_;
  AttributedBatch out_;
  std::unordered_map<std::uint32_t, Tag> tag_of_;
  std::unordered_map<std::uint32_t, std::int64_t> call_start_;
  std::unordered_map<std::uint64_t, const GraphNodeRecord*> graph_node_;
  std::unordered_map<std::uint64_t, std::int64_t> kernels_of_graph_;
  std::set<std::uint64_t> known_graphs_;
  std::vector<std::pair<std::int64_t, std::int64_t>> busy_;  ///< merged, in order
  std::int64_t launches_ = 0;
};

void add(RecordCount& to, const RecordCount& from) {
  if (from.expected >= 0) to.expected = std::max<std::int64_t>(to.expected, 0) + from.expected;
  to.seen += from.seen;
  for (std::size_t i = 0; i < kFaults; ++i) to.invalid[i] += from.invalid[i];
  to.attributed += from.attributed;
  to.unattributed += from.unattributed;
  to.without_layer += from.without_layer;
  to.in_overhead += from.in_overhead;
}

}  // namespace

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::start_missing:
      return "start missing";
    case Fault::end_missing:
      return "end missing";
    case Fault::end_before_start:
      return "end before start";
    case Fault::before_launch:
      return "starts before its launch";
    case Fault::no_call:
      return "no API call";
    case Fault::duplicate:
      return "duplicate";
  }
  return "";
}

void Coverage::add(const Coverage& other) {
  isotherm::add(kernels, other.kernels);
  isotherm::add(copies, other.copies);
  isotherm::add(sets, other.sets);
  calls += other.calls;
  dropped += other.dropped;
  unknown_replays += other.unknown_replays;
  overhead_ns += other.overhead_ns;
}

AttributedBatch attribute(const ActivityBatch& batch) { return Attribution(batch).run(); }

}  // namespace isotherm
