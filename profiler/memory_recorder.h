// Records what the nodes of a run hold in memory and what they compute in.
#pragma once

#include <map>

#include "profiler/session_data.h"
#include "profiler/value_recorder.h"

namespace isotherm {

class Session;
struct RunStatistics;

/// "FP32", "FP16", "INT8", "other": as the session file has it.
std::string_view executed_precision_name(ExecutedPrecision precision);
std::optional<ExecutedPrecision> executed_precision_from_name(std::string_view name);
/// What a kernel with results of that type computes in.
ExecutedPrecision executed_precision(DType dtype);
/// The same of an engine's layer.
ExecutedPrecision executed_precision(const PlanLayer& layer);

/// Of one run of a session; nodes of functions count for the node that called them.
class MemoryRecorder final : public ValueRecorder {
 public:
  Status node_ran(const ScopeInfo& node, const NodeValues& values, Device&, Stream&) override;
  Status layer_ran(const ScopeInfo&, std::span<const LayerValue>, Device&, Stream&) override { return {}; }

  /// Adds what was seen to `data`: memory and precision of each node by id, and the run's. `session` ran it and still
  /// has the plans of its engines.
  void take(RunMode mode, const RunStatistics& statistics, Session& session, SessionData& data);

 private:
  struct Seen {
    NodeMemory memory;
    NodePrecision precision;
  };
  std::map<NodeId, Seen> nodes_;
};

}  // namespace isotherm
