// Engine nodes of a session run through plans: networks, builds and the plan cache behind core/runtime's interface.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/engine/plan.h"
#include "core/engine/plan_cache.h"
#include "core/runtime/engine_runner.h"

namespace isotherm {

struct EngineRunnerOptions {
  /// A host device that evaluates constant sub-graphs. Null: the session's device, where it is a host device.
  std::shared_ptr<Device> evaluator;
  bool deterministic = false;  ///< BuildOptions::deterministic
};

/// The runner of one TRTEngineOp. An observer sees an `engine` scope round each run of a plan, the layers within.
class PlanEngineRunner final : public EngineRunner {
 public:
  PlanEngineRunner(const EngineRunnerRequest& request, EngineRunnerOptions options, std::shared_ptr<PlanCache> cache);

  Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs) override;

  /// The plan of the last run; null before the first, or if that one had none.
  [[nodiscard]] std::shared_ptr<const Plan> last_plan() const { return last_plan_; }
  /// Seconds that builds of this node took so far.
  [[nodiscard]] double build_seconds() const { return build_seconds_; }
  [[nodiscard]] PlanCache& cache() { return *cache_; }

 private:
  Result<std::shared_ptr<Plan>> find_plan(KernelContext& context, const std::vector<Shape>& shapes,
                                          const std::vector<Tensor>& weights);
  Result<std::shared_ptr<Plan>> build(const std::vector<Shape>& shapes, const std::vector<Tensor>& weights);

  const Graph& graph_;
  NodeId id_;
  const Node& node_;
  Device& device_;
  SessionState& state_;
  int threads_;
  EngineRunnerOptions options_;
  std::shared_ptr<PlanCache> cache_;
  std::shared_ptr<Plan> last_plan_;
  double build_seconds_ = 0;
};

/// For SessionOptions::engine_runner.
EngineRunnerFactory engine_runner_factory(EngineRunnerOptions options = {});

}  // namespace isotherm
