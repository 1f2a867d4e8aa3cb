// Runs single nodes outside a session: constant sub-graphs when a network is built, native layers inside a plan.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/engine/network.h"
#include "core/runtime/kernel.h"

namespace isotherm {

/// A device's kernel for one node of a network's segment, with the signature it was made for.
struct NodeKernel {
  std::unique_ptr<Kernel> kernel;
  Signature signature;
  std::vector<TensorInfo> inputs, outputs;  ///< what the kernel was told; it may keep references
  std::vector<Tensor> constants;
};

/// Makes the kernel of a layer that is a single node. Errors name node, op and reason.
Result<std::unique_ptr<NodeKernel>> make_node_kernel(Device& device, const Network& network, const Layer& layer,
                                                     SessionState* state, int threads);

/// A context for one call of a kernel. Memory, observer, stream and state are those of `outer`; without one
/// (evaluation at build time) they come from `device`.
class LayerContext final : public KernelContext {
 public:
  LayerContext(KernelContext& outer, std::span<const Tensor> inputs, std::size_t outputs);
  LayerContext(Device& device, Stream& stream, SessionState& state, int threads, std::span<const Tensor> inputs,
               std::size_t outputs, RunObserver* observer = nullptr);

  [[nodiscard]] int input_count() const override { return static_cast<int>(inputs_.size()); }
  [[nodiscard]] const Tensor& input(int i) const override { return inputs_[static_cast<std::size_t>(i)]; }
  Result<Tensor> allocate(DType dtype, Shape shape) override;
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override;
  Result<Tensor> scratch(std::size_t bytes) override;
  Tensor take_input(int, DType, const Shape&) override { return {}; }
  void set_output(int port, Tensor value) override;
  [[nodiscard]] Stream& stream() override { return *stream_; }
  [[nodiscard]] Device& device() override { return *device_; }
  [[nodiscard]] RunObserver* observer() override { return observer_; }
  [[nodiscard]] int threads() const override { return threads_; }
  [[nodiscard]] bool cancelled() const override { return outer_ && outer_->cancelled(); }
  [[nodiscard]] SessionState& state() override { return *state_; }

  /// Values that the kernel set; an invalid tensor where it set none.
  [[nodiscard]] std::vector<Tensor>& outputs() { return outputs_; }

 private:
  KernelContext* outer_ = nullptr;
  Device* device_;
  Stream* stream_;
  SessionState* state_;
  int threads_;
  RunObserver* observer_ = nullptr;
  std::span<const Tensor> inputs_;
  std::vector<Tensor> outputs_;
};

/// Computes a layer that is a single node of constant inputs, on a host device.
Result<std::vector<Tensor>> evaluate_layer(Device& device, const Network& network, const Layer& layer);

}  // namespace isotherm
