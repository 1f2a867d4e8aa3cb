// Records a run on the CPU device: the host clock at the begin and end of each node and layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/runtime/observer.h"
#include "profiler/session_data.h"

namespace isotherm {

/// Nanoseconds of the host's monotonic clock.
std::int64_t host_now();

class CpuRecorder final : public RunObserver {
 public:
  /// Records of the runs that follow carry this id.
  void begin_run(int run) { run_ = run; }

  void scope_begin(const ScopeInfo& scope, Stream* stream) override;
  void scope_end(const ScopeInfo& scope, Stream* stream) override;
  void capture_begin(std::uint64_t, Stream*) override {}
  void capture_end(std::uint64_t, Stream*) override {}
  void replay(std::uint64_t, Stream*) override {}
  void fallback(std::int64_t node, std::string_view reason) override;

  /// Records so far; the recorder goes on empty.
  std::vector<OpRecord> take_ops() { return std::exchange(ops_, {}); }
  std::vector<LayerRecord> take_layers() { return std::exchange(layers_, {}); }
  /// Engine nodes that ran their native segment, and why; by node id.
  [[nodiscard]] const std::map<NodeId, std::string>& fallbacks() const { return fallbacks_; }

 private:
  int run_ = 0;
  int engine_depth_ = 0;                ///< inside an engine or its native segment: nodes there are not the graph's
  std::vector<std::int64_t> starts_;    ///< of the open scopes
  std::vector<OpRecord> ops_;
  std::vector<LayerRecord> layers_;
  std::map<NodeId, std::string> fallbacks_;
};

}  // namespace isotherm
