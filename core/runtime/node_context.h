// The KernelContext that both executors use: one object per executor frame, pointed at one node after the other.
#pragma once

#include <vector>

#include "core/runtime/run.h"

namespace isotherm {

class NodeContext final : public KernelContext {
 public:
  /// Room for a node of that many inputs; never shrinks.
  void reserve(int inputs) {
    if (inputs > static_cast<int>(inputs_.size())) inputs_.resize(static_cast<std::size_t>(inputs));
  }
  /// Points at a node: `inputs` of it are set next, one by one; the outputs go to `outputs`.
  void begin(Run& run, int inputs, Cell* outputs, int output_count) {
    run_ = &run;
    input_count_ = inputs;
    outputs_ = outputs;
    output_count_ = output_count;
    bad_port_ = -1;
  }
  /// `own`: the cell if this node is the last that reads it, else null; `value` may be the cell's or its mirror.
  void set_input(int i, const Tensor* value, Cell* own) { inputs_[static_cast<std::size_t>(i)] = {value, own}; }

  [[nodiscard]] Run& run() const { return *run_; }
  /// The input itself, moved out where this node is its last reader: for calls of functions.
  Tensor claim(int i);
  [[nodiscard]] int output_count() const { return output_count_; }
  /// The first port that was set and does not exist; -1 if none.
  [[nodiscard]] int bad_port() const { return bad_port_; }

  [[nodiscard]] int input_count() const override { return input_count_; }
  [[nodiscard]] const Tensor& input(int i) const override;
  Result<Tensor> allocate(DType dtype, Shape shape) override { return make(*run_->arena, dtype, std::move(shape)); }
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override {
    return make(*run_->host_arena, dtype, std::move(shape));
  }
  Result<Tensor> scratch(std::size_t bytes) override;
  Tensor take_input(int i, DType dtype, const Shape& shape) override;
  void set_output(int port, Tensor value) override;

  [[nodiscard]] Stream& stream() override { return run_->stream; }
  [[nodiscard]] Device& device() override { return run_->device; }
  [[nodiscard]] RunObserver* observer() override { return run_->observer; }
  [[nodiscard]] int threads() const override { return run_->threads; }
  [[nodiscard]] bool cancelled() const override { return run_->cancelled(); }
  [[nodiscard]] SessionState& state() override { return run_->state; }

 private:
  struct In {
    const Tensor* value = nullptr;
    Cell* own = nullptr;
  };
  static Result<Tensor> make(Arena& arena, DType dtype, Shape shape);

  Run* run_ = nullptr;
  std::vector<In> inputs_;
  Cell* outputs_ = nullptr;
  int input_count_ = 0, output_count_ = 0, bad_port_ = -1;
};

}  // namespace isotherm
