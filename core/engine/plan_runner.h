// Runs a plan by itself, without a session: for the tuner, tests and benchmarks.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/engine/plan.h"
#include "core/runtime/session_state.h"

namespace isotherm {

class PlanRunner {
 public:
  /// `threads`: 0 means what the plan was built for. The device outlives the runner.
  explicit PlanRunner(Device& device, int threads = 0) : device_(device), threads_(threads) {}
  /// Inputs and outputs are on the device; waits until the run is done.
  Result<std::vector<Tensor>> run(Plan& plan, std::span<const Tensor> inputs, RunObserver* observer = nullptr);

 private:
  Device& device_;
  int threads_;
  SessionState state_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace isotherm
