// A plan of the CUDA device: layers in order, each a tactic or a native kernel, over one arena in device memory.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/engine/evaluate.h"
#include "core/engine/plan.h"
#include "cuda/engine/cuda_tactic.h"

namespace isotherm::cuda {

/// Memory that one or several tensors use in turn.
struct Storage {
  enum class Kind { arena, input, constant, output, values } kind = Kind::arena;
  int index = -1;  ///< input: engine port; output: index in outputs; constant, values: tensor
  std::size_t bytes = 0;
  std::size_t offset = 0;   ///< arena
  int first = 0, last = 0;  ///< steps of its life
};

struct Step {
  std::unique_ptr<CudaTactic> tactic;  ///< null: native
  std::unique_ptr<NodeKernel> native;
  std::vector<int> inputs, outputs;  ///< tensors; of a native step, the node's
};

/// What the plan works with that no two runs may change at once: issued work is ordered by the stream of the last run;
/// a run on another stream first waits for it.
class CudaPlan final : public Plan {
 public:
  CudaPlan(CudaDevice& device, Network network) : device_(device), network_(std::move(network)) {}

  [[nodiscard]] const std::vector<PlanLayer>& layers() const override { return layers_; }
  [[nodiscard]] int output_count() const override { return static_cast<int>(network_.outputs.size()); }
  /// Arena with workspace, weights, constants; less what native kernels hold for themselves.
  [[nodiscard]] std::size_t device_bytes() const override { return device_bytes_; }
  [[nodiscard]] std::size_t arena_bytes() const override { return arena_ ? arena_->size() : 0; }
  Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs,
             NodeId engine_node) override;

 private:
  friend class PlanBuilder;
  struct RunState;

  Status check_inputs(std::span<const Tensor> inputs) const;
  Status align_inputs(RunState& state) const;
  Status take_stream(DeviceStream& stream);
  Status run_steps(RunState& state, NodeId engine_node);
  Status run_step(const Step& step, RunState& state);
  Status run_native(const Step& step, RunState& state);
  /// What the step made, to an observer of values.
  Status show_step(const Step& step, const ScopeInfo& scope, RunState& state, ValueObserver& observer) const;
  Status give_outputs(RunState& state) const;

  // Replay of the plan as a CUDA Graph of its own, in sessions that record and whose whole run cannot be recorded.
  struct Replay {
    std::vector<const void*> addresses;    ///< the stream, inputs and outputs of the last run
    std::unique_ptr<Recording> recording;  ///< made for these addresses
    RunObserver* observer = nullptr;       ///< and under this observer
    bool refused = false;                  ///< the plan cannot be recorded
  };
  /// True: the steps are on the stream, as a replay. False: they are to be issued one by one.
  Result<bool> replay_steps(RunState& state, NodeId engine_node);
  Status record_steps(RunState& state, NodeId engine_node);
  [[nodiscard]] std::vector<const void*> addresses_of(const RunState& state) const;
  /// The tensor where it is: device memory but for what a native kernel left on the host.
  [[nodiscard]] Tensor value(int tensor, const RunState& state) const;
  /// Where a tactic finds it; what a native kernel left on the host is copied first.
  Result<std::byte*> address(int tensor, RunState& state) const;
  Result<Tensor> on_device(int tensor, RunState& state) const;
  Result<Tensor> on_host(int tensor, RunState& state) const;
  [[nodiscard]] const Storage& storage_of(int tensor) const {
    return storages_[static_cast<std::size_t>(
        storage_index_[static_cast<std::size_t>(base_[static_cast<std::size_t>(tensor)])])];
  }

  CudaDevice& device_;
  Network network_;                 ///< tactics look their layer up in it; weights are packed and gone from it
  std::vector<int> base_;           ///< by tensor: the tensor whose elements it is, itself or what it views
  std::vector<int> storage_index_;  ///< by base
  std::vector<Storage> storages_;
  std::vector<Tensor> constants_;  ///< by tensor: on the device, those that are read there
  std::vector<Step> steps_;
  std::vector<PlanLayer> layers_;
  std::shared_ptr<Buffer> arena_;
  std::size_t workspace_offset_ = 0;  ///< in the arena, behind the activations
  std::size_t device_bytes_ = 0;
  std::mutex running_;
  cudaStream_t last_stream_ = nullptr;
  Replay replay_;
};

}  // namespace isotherm::cuda
