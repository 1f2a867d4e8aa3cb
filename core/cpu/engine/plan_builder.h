// Decides, layer by layer, tactics, layouts and memory of a CPU plan.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/cpu/engine/cpu_plan.h"
#include "core/engine/tuner.h"

namespace isotherm::cpu {

/// Builds one plan under one layout policy. Single use. `tuning_seconds`: TuneOptions::budget, shared by builders.
class PlanBuilder {
 public:
  PlanBuilder(Device& device, const Network& network, const BuildOptions& options, LayoutPolicy policy,
              double& tuning_seconds);
  /// Errors name the layer, its sources and the reason.
  Result<std::unique_ptr<CpuPlan>> build();

 private:
  Status place_sources();
  Status build_layer(int index);
  Status choose_tactic(int index, TacticList tactics, Step& step);
  Status add_native(int index, Step& step);
  void place_result(int index, const CpuTactic& tactic, bool shared);
  Status add_exports();
  Status place_in_memory();
  void describe_layer(int index, const Step& step, double tuned_seconds);

  [[nodiscard]] int base_of(int tensor) const;
  TensorPlace& place(int tensor) { return plan_->places_[static_cast<std::size_t>(base_of(tensor))]; }
  Storage& storage(int tensor) { return plan_->storages_[static_cast<std::size_t>(place(tensor).storage)]; }
  int new_storage(Storage::Kind kind, int index, std::size_t bytes, int first, int last);
  /// Whether the layer may write its result over this input.
  [[nodiscard]] bool may_overwrite(int index, int input);
  [[nodiscard]] std::string timing_key(const LayerProblem& problem) const;

  Device& device_;
  const BuildOptions& options_;
  LayoutPolicy policy_;
  double& tuning_seconds_;
  int threads_;
  std::unique_ptr<CpuPlan> plan_;
  Network& net_;
  std::vector<int> last_read_;  ///< by base tensor: last layer that reads it; engine outputs: the number of layers
  std::size_t workspace_ = 0, weights_ = 0;
};

}  // namespace isotherm::cpu
