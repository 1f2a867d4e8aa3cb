// What a recorder of device work hands over: raw records of kernels, copies and API calls, and what it needs to say
// which node each belongs to. Plain data: made by CUPTI, by a test, or read from a recording.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// What the innermost open scope was when work was issued.
enum class PlaceKind : std::uint8_t {
  none,   ///< no scope was open
  run,    ///< inside a run, in no node
  copy,   ///< a transfer that no node asked for: feeds, fetches, a value that changes sides
  node,   ///< a native node, or an engine's node outside its layers
  layer,  ///< a layer of an engine
};

/// Where work comes from. Nodes are those of the session's graph; work inside a function's body belongs to the node
/// that called it.
struct Place {
  PlaceKind kind = PlaceKind::none;
  NodeId node = kNoNode;    ///< for a layer: the engine's node
  NodeId engine = kNoNode;  ///< the engine's node, inside its plan
  int layer = -1;           ///< index in the plan
  auto operator<=>(const Place&) const = default;
};

/// Places by number; number 0 is "none".
class PlaceTable {
 public:
  PlaceTable() { intern({}); }
  int intern(const Place& place) {
    const auto [it, added] = index_.try_emplace(place, static_cast<int>(places_.size()));
    if (added) places_.push_back(place);
    return it->second;
  }
  [[nodiscard]] const Place& at(int index) const {
    return places_[index >= 0 && static_cast<std::size_t>(index) < places_.size() ? static_cast<std::size_t>(index)
                                                                                  : 0];
  }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  std::vector<Place> places_;
  std::map<Place, int> index_;
};

/// What a recorder attaches to the API calls of a scope: one number, so that one external correlation id carries it.
struct Tag {
  int run = -1;           ///< id of the RunRecord; -1: a run that is not recorded
  int place = 0;          ///< in the PlaceTable
  bool captured = false;  ///< the call became a node of a graph and ran nothing

  [[nodiscard]] std::uint64_t encode() const {
    return (captured ? std::uint64_t{1} << 63 : 0) | static_cast<std::uint64_t>(run + 1) << 32 |
           static_cast<std::uint32_t>(place);
  }
  static Tag decode(std::uint64_t bits) {
    return {static_cast<int>(bits >> 32 & 0x7fffffffU) - 1, static_cast<int>(bits & 0x7fffffffU), bits >> 63 != 0};
  }
};

/// What all device records have. Times are ns of the host's monotonic clock; 0 where the recorder got none.
struct DeviceRecord {
  std::int64_t start = 0, end = 0;
  std::uint32_t device = 0, context = 0, stream = 0;
  std::uint32_t correlation = 0;  ///< of the API call that launched it
  std::uint64_t graph_node = 0;   ///< id of the executed graph's node; 0: launched by itself
};

struct RawKernel : DeviceRecord {
  int name = 0;  ///< in ActivityBatch::strings, mangled as the recorder gave it
  std::int32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  int registers = 0;                                                        ///< per thread
  std::int64_t static_shared = 0, dynamic_shared = 0, shared_executed = 0;  ///< bytes per block
  std::int64_t local_per_thread = 0, local_total = 0;
  std::int64_t grid_id = 0;
  int launch_type = 0, cache_config = 0, shared_limit = 0;
};

struct RawCopy : DeviceRecord {
  std::int64_t bytes = 0;
  int copy_kind = 0;               ///< 1 host to device, 2 device to host, 8 within the device, 10 between devices
  int src_kind = 0, dst_kind = 0;  ///< 0 pageable, 1 pinned, 2 device, 3 array, 4 managed
};

struct RawSet : DeviceRecord {
  std::int64_t bytes = 0;
  std::uint32_t value = 0;
  int memory_kind = 2;
};

struct RawCall {
  std::int64_t start = 0, end = 0;
  std::uint32_t process = 0, thread = 0, correlation = 0;
  int name = 0;         ///< in strings: "cudaLaunchKernel_v7000"
  bool driver = false;  ///< of the driver API
  std::uint32_t result = 0;
};

struct RawOverhead {
  std::int64_t start = 0, end = 0;
  int name = 0;
  std::uint32_t thread = 0;
};

/// An API call and the tag that was in force.
struct CorrelationLink {
  std::uint32_t correlation = 0;
  std::uint64_t tag = 0;
};

enum class GraphNodeKind : std::uint8_t { kernel, copy, set, other };

/// A node of a CUDA graph, as seen when it was made.
struct GraphNodeRecord {
  std::uint64_t id = 0;
  std::uint64_t original = 0;  ///< the node it was cloned from; 0: made at capture
  GraphNodeKind kind = GraphNodeKind::other;
  std::uint64_t graph = 0;  ///< the observer's number of the captured graph; 0: cloned, or nobody's
  std::uint64_t tag = 0;    ///< in force at capture
};

/// One replay of a captured graph in a run.
struct ReplayRecord {
  std::uint64_t graph = 0;
  int run = -1;
};

/// Everything since the last time it was asked for. Graph nodes and places are those of the recorder's whole life.
struct ActivityBatch {
  std::vector<std::string> strings;
  std::vector<RawKernel> kernels;
  std::vector<RawCopy> copies;
  std::vector<RawSet> sets;
  std::vector<RawCall> calls;
  std::vector<RawOverhead> overheads;
  std::vector<CorrelationLink> links;
  std::vector<GraphNodeRecord> graph_nodes;
  std::vector<ReplayRecord> replays;
  PlaceTable places;
  std::int64_t dropped = 0;  ///< records that the recorder's buffers lost
};

}  // namespace isotherm
