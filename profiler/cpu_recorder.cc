#include "profiler/cpu_recorder.h"

#include <chrono>

namespace isotherm {

std::int64_t host_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void CpuRecorder::scope_begin(const ScopeInfo& scope, Stream*) {
  if (scope.kind == ScopeKind::engine) ++engine_depth_;
  starts_.push_back(host_now());
}

void CpuRecorder::scope_end(const ScopeInfo& scope, Stream*) {
  if (starts_.empty()) return;
  const std::int64_t end = host_now();
  const std::int64_t start = starts_.back();
  starts_.pop_back();
  switch (scope.kind) {
    case ScopeKind::engine: --engine_depth_; break;
    case ScopeKind::node:
      // Ids of nodes in a function's body are no ids of the graph; their time is within the calling node's.
      if (engine_depth_ == 0 && scope.function.empty())
        ops_.push_back({run_, static_cast<NodeId>(scope.id), start, end, scope.frame, scope.iteration});
      break;
    case ScopeKind::layer:
      layers_.push_back({run_, static_cast<NodeId>(scope.engine), static_cast<int>(scope.id), start, end});
      break;
    case ScopeKind::run:
    case ScopeKind::copy: break;
  }
}

void CpuRecorder::fallback(std::int64_t node, std::string_view reason) {
  fallbacks_.emplace(static_cast<NodeId>(node), std::string(reason));
}

}  // namespace isotherm
