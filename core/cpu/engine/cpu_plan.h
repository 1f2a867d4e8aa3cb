// A plan of the CPU device: layers in order, each a tactic or a native kernel, over one arena.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/cpu/engine/cpu_tactic.h"
#include "core/engine/evaluate.h"
#include "core/engine/plan.h"

namespace isotherm::cpu {

/// Memory that one or several tensors use in turn.
struct Storage {
  enum class Kind { arena, input, constant, output, values } kind = Kind::arena;
  int index = -1;  ///< input: engine port; output: index in outputs; constant, values: tensor
  std::size_t bytes = 0;
  std::size_t offset = 0;   ///< arena
  int first = 0, last = 0;  ///< steps of its life
};

/// What is known of a network tensor once its layer is decided. Views have none of their own: see `base`.
struct TensorPlace {
  int base = -1;  ///< the tensor whose elements it is: itself, or what it views
  int storage = -1;
  TensorLayout layout;  ///< of a base; meaningless for `values` of other types than float32
};

/// The result of a layer put into the engine's output after the layer ran.
struct Export {
  int output = -1;
  int tensor = -1;  ///< base
  InputPort port;   ///< from its layout to row-major
  std::size_t workspace = 0;
};

struct Step {
  std::unique_ptr<CpuTactic> tactic;  ///< null: native
  std::unique_ptr<NodeKernel> native;
  std::vector<InputPort> native_ports;  ///< by native input: float32 activations to row-major
  std::vector<std::size_t> native_offsets;
  std::vector<int> inputs, outputs;  ///< tensors; of a native step, the node's
  std::vector<Export> exports;
};

class CpuPlan final : public Plan {
 public:
  CpuPlan(Network network, int threads) : network_(std::move(network)), threads_(threads) {}

  [[nodiscard]] const std::vector<PlanLayer>& layers() const override { return layers_; }
  [[nodiscard]] int output_count() const override { return static_cast<int>(network_.outputs.size()); }
  [[nodiscard]] std::size_t device_bytes() const override { return device_bytes_; }
  [[nodiscard]] std::size_t arena_bytes() const override { return arena_ ? arena_->size() : 0; }
  Status run(KernelContext& context, std::span<const Tensor> inputs, std::span<Tensor> outputs,
             NodeId engine_node) override;

 private:
  friend class PlanBuilder;
  struct RunState;

  Status check_inputs(std::span<const Tensor> inputs) const;
  Status run_step(std::size_t i, RunState& state);
  Status run_native(const Step& step, RunState& state);
  /// What the step made, to an observer of values.
  Status show_step(std::size_t i, const ScopeInfo& scope, RunState& state, ValueObserver& observer) const;
  /// A step's result in row-major order: where it lies, or a copy.
  Result<Tensor> plain_result(int tensor, const RunState& state) const;
  [[nodiscard]] std::byte* address(int tensor, const RunState& state) const;
  Result<Tensor> native_input(const Step& step, std::size_t i, RunState& state);

  Network network_;  ///< tactics look their layer up in it; weights are packed and gone from it
  int threads_;
  std::vector<TensorPlace> places_;  ///< by tensor
  std::vector<Storage> storages_;
  std::vector<Step> steps_;
  std::vector<PlanLayer> layers_;
  std::shared_ptr<Buffer> arena_;
  std::size_t workspace_offset_ = 0;  ///< in the arena, behind the activations
  std::size_t device_bytes_ = 0;
  std::mutex running_;
};

}  // namespace isotherm::cpu
