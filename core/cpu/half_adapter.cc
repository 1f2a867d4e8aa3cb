// Kernels in float32 for 16-bit floats: arithmetic on half and bfloat16 is defined as float32 arithmetic, rounded.
#include "core/cpu/half_conversion.h"
#include "core/cpu/registry.h"
#include "core/graph/half.h"

namespace isotherm::cpu {
namespace {

bool is_half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

class WideContext final : public KernelContext {
 public:
  WideContext(KernelContext& inner, const std::vector<DType>& outputs) : inner_(inner), outputs_(outputs) {
    inputs_.reserve(static_cast<std::size_t>(inner.input_count()));
  }
  Status widen_inputs() {
    for (int i = 0; i < inner_.input_count(); ++i) {
      const Tensor& input = inner_.input(i);
      if (!is_half(input.dtype())) {
        inputs_.push_back(input);
        continue;
      }
      ISO_ASSIGN(Tensor wide, inner_.allocate(DType::float32, input.shape()));
      half_to_float(input, wide.mutable_data<float>().data());
      inputs_.push_back(std::move(wide));
    }
    return {};
  }
  /// First failure of an output's conversion.
  [[nodiscard]] const Status& status() const { return status_; }

  [[nodiscard]] int input_count() const override { return inner_.input_count(); }
  [[nodiscard]] const Tensor& input(int i) const override { return inputs_[static_cast<std::size_t>(i)]; }
  Result<Tensor> allocate(DType dtype, Shape shape) override { return inner_.allocate(dtype, std::move(shape)); }
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override {
    return inner_.allocate_on_host(dtype, std::move(shape));
  }
  Result<Tensor> scratch(std::size_t bytes) override { return inner_.scratch(bytes); }
  Tensor take_input(int, DType, const Shape&) override { return {}; }
  void set_output(int port, Tensor value) override {
    const auto at = static_cast<std::size_t>(port);
    const DType declared = at < outputs_.size() ? outputs_[at] : DType::invalid;
    if (value.dtype() == DType::float32 && is_half(declared)) {
      auto narrow = inner_.allocate(declared, value.shape());
      if (!narrow.ok()) {
        if (status_.ok()) status_ = narrow.status();
        return;
      }
      float_to_half(value.data<float>().data(), *narrow);
      inner_.set_output(port, std::move(*narrow));
    } else {
      inner_.set_output(port, std::move(value));
    }
  }
  [[nodiscard]] Stream& stream() override { return inner_.stream(); }
  [[nodiscard]] Device& device() override { return inner_.device(); }
  [[nodiscard]] RunObserver* observer() override { return inner_.observer(); }
  [[nodiscard]] int threads() const override { return inner_.threads(); }
  [[nodiscard]] bool cancelled() const override { return inner_.cancelled(); }
  [[nodiscard]] SessionState& state() override { return inner_.state(); }

 private:
  KernelContext& inner_;
  const std::vector<DType>& outputs_;
  std::vector<Tensor> inputs_;
  Status status_;
};

class WideningKernel final : public Kernel {
 public:
  WideningKernel(std::unique_ptr<Kernel> kernel, std::vector<DType> outputs)
      : kernel_(std::move(kernel)), outputs_(std::move(outputs)) {}
  Status run(KernelContext& context) override {
    WideContext wide(context, outputs_);
    ISO_TRY(wide.widen_inputs());
    ISO_TRY(kernel_->run(wide));
    return wide.status();
  }

 private:
  std::unique_ptr<Kernel> kernel_;
  std::vector<DType> outputs_;  ///< declared, by port
};

}  // namespace

void half_to_float(const Tensor& half, float* out) {
  const std::int64_t n = half.elements();
  if (half.dtype() == DType::float16) {
    const Half* in = half.data<Half>().data();
    for (std::int64_t i = 0; i < n; ++i) out[i] = to_float(in[i]);
  } else {
    const BFloat16* in = half.data<BFloat16>().data();
    for (std::int64_t i = 0; i < n; ++i) out[i] = to_float(in[i]);
  }
}

void float_to_half(const float* in, Tensor& half) {
  const std::int64_t n = half.elements();
  if (half.dtype() == DType::float16) {
    Half* out = half.mutable_data<Half>().data();
    for (std::int64_t i = 0; i < n; ++i) out[i] = to_half(in[i]);
  } else {
    BFloat16* out = half.mutable_data<BFloat16>().data();
    for (std::int64_t i = 0; i < n; ++i) out[i] = to_bfloat16(in[i]);
  }
}

std::unique_ptr<Kernel> widen_half_floats(std::unique_ptr<Kernel> kernel, const KernelRequest& request) {
  bool any = false;
  std::vector<DType> outputs;
  for (const TypeValue& type : request.signature.inputs) any = any || is_half(type.dtype);
  for (const TypeValue& type : request.signature.outputs) {
    any = any || is_half(type.dtype);
    outputs.push_back(type.dtype);
  }
  if (!any) return kernel;
  return std::make_unique<WideningKernel>(std::move(kernel), std::move(outputs));
}

}  // namespace isotherm::cpu
