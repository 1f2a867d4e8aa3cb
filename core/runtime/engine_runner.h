// What a session asks of the engine side for one TRTEngineOp node. core/engine implements it; the runtime knows nothing
// of networks and plans.
//
// Per call of an engine node the session does, in TF-TRT's order (kernels/trt_engine_op.cc):
//   1. verify the input shapes against the node's `input_shapes` and, in implicit batch mode, the batch dimension;
//   2. EngineRunner::run, which finds or builds the plan for these shapes in its cache and issues it;
//   3. if either fails, run the native segment, with the reason in RunStatistics::fallbacks and
//      RunObserver::fallback. A cancelled run is not a failure of the engine and is passed on.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/graph/graph.h"
#include "core/graph/status.h"
#include "core/graph/tensor.h"

namespace isotherm {

class Device;
class KernelContext;
class SessionState;

/// References stay valid as long as the runner.
struct EngineRunnerRequest {
  const Graph& graph;  ///< where the node lives, with the function library of its native segment
  NodeId id = kNoNode;
  const Node& node;
  Device& device;
  SessionState& state;  ///< caches that engine nodes of one name share live here
  int threads = 1;
};

class EngineRunner {
 public:
  virtual ~EngineRunner() = default;
  /// Finds or builds the plan for the shapes of `inputs` (on the device; values of InT `resource` are objects on the
  /// host) and issues it on context.stream(). Fills every one of `outputs` with tensors from context.allocate(). An
  /// error's sentence is the reason why the native segment runs instead; outputs are ignored then.
  virtual Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs) = 0;
};

/// Called when an engine node runs for the first time. An error is kept as the reason of every fallback of that node.
using EngineRunnerFactory = std::function<Result<std::unique_ptr<EngineRunner>>(const EngineRunnerRequest&)>;

}  // namespace isotherm
