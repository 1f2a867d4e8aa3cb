// Decides, layer by layer, tactics and memory of a CUDA plan.
#pragma once

#include <memory>
#include <string>

#include "core/engine/tuner.h"
#include "cuda/engine/cuda_plan.h"

namespace isotherm::cuda {

/// Builds one plan. Single use. `stream`: for timing tactics, of the builder's alone.
class PlanBuilder {
 public:
  PlanBuilder(CudaDevice& device, DeviceStream& stream, const Network& network, const BuildOptions& options);
  /// Errors name the engine, the layer, its sources and the reason.
  Result<std::unique_ptr<CudaPlan>> build();

 private:
  Status place_sources();
  Status build_layer(int index);
  Status choose_tactic(int index, TacticList tactics, Step& step);
  Status add_native(int index, Step& step);
  Status upload_constant(int tensor);
  void place_result(int index, const CudaTactic& tactic);
  Status place_outputs();
  Status place_in_memory();
  void describe_layer(int index, const Step& step, double tuned_seconds);
  Status time_tactic(int index, CudaTactic& tactic);

  [[nodiscard]] int base_of(int tensor) const;
  int& storage_index(int tensor) { return plan_->storage_index_[static_cast<std::size_t>(base_of(tensor))]; }
  Storage& storage(int tensor) { return plan_->storages_[static_cast<std::size_t>(storage_index(tensor))]; }
  int new_storage(Storage::Kind kind, int index, std::size_t bytes, int first, int last);
  /// Whether the layer may write its result over this input.
  [[nodiscard]] bool may_overwrite(int index, int input);
  [[nodiscard]] std::string timing_key(const LayerProblem& problem) const;

  CudaDevice& device_;
  DeviceStream& stream_;
  const BuildOptions& options_;
  double tuning_seconds_;
  double gpu_seconds_ = 0;  ///< of timed work so far: the tuner's clock
  std::unique_ptr<CudaPlan> plan_;
  Network& net_;
  std::vector<int> last_read_;  ///< by base tensor: last layer that reads it; engine outputs: the number of layers
  std::size_t workspace_ = 0, weights_ = 0;
  /// Memory for timing, as large as the largest layer so far asked for.
  std::vector<std::shared_ptr<Buffer>> trial_inputs_;
  std::shared_ptr<Buffer> trial_output_, trial_workspace_;
  const CudaTactic* warm_ = nullptr;  ///< ran once
};

}  // namespace isotherm::cuda
