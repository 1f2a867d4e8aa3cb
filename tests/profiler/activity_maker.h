// Recorded activity made by hand.
#pragma once

#include "profiler/activity.h"

namespace isotherm {

/// Builds a batch the way a recorder does: scopes give tags, calls carry them, kernels follow their calls.
class ActivityMaker {
 public:
  ActivityBatch batch;

  /// Calls are numbered from `first`.
  explicit ActivityMaker(std::uint32_t first = 100) : next_(first) {
    batch.strings = {
        "", "kernel", "cudaLaunchKernel_v7000", "cudaGraphLaunch_v10000", "cudaMemcpyAsync_v3020", "cuLaunchKernel"};
  }

  std::uint64_t tag(int run, const Place& place, bool captured = false) {
    return Tag{run, batch.places.intern(place), captured}.encode();
  }
  /// An API call of 100 ns at `start`; its correlation id.
  std::uint32_t call(int name, std::int64_t start, std::uint64_t with_tag, bool linked = true) {
    RawCall c;
    c.name = name;
    c.start = start;
    c.end = start + 100;
    c.thread = 7;
    c.correlation = next_++;
    batch.calls.push_back(c);
    if (linked) batch.links.push_back({c.correlation, with_tag});
    return c.correlation;
  }
  RawKernel& kernel(std::uint32_t correlation, std::int64_t start, std::int64_t duration,
                    std::uint64_t graph_node = 0) {
    RawKernel k;
    k.name = 1;
    k.start = start;
    k.end = start + duration;
    k.correlation = correlation;
    k.graph_node = graph_node;
    batch.kernels.push_back(k);
    return batch.kernels.back();
  }

 private:
  std::uint32_t next_;
};

}  // namespace isotherm
