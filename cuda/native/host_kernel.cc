#include "cuda/native/host_kernel.h"

#include "core/ops/op_def.h"
#include "cuda/cuda_stream.h"

namespace isotherm::cuda {
namespace {

/// The executor's context as a kernel of the host sees it: what it allocates is host memory.
class HostContext final : public KernelContext {
 public:
  HostContext(KernelContext& base, Device& host) : base_(base), host_(host) {}
  [[nodiscard]] int input_count() const override { return base_.input_count(); }
  [[nodiscard]] const Tensor& input(int i) const override { return base_.input(i); }
  Result<Tensor> allocate(DType dtype, Shape shape) override { return base_.allocate_on_host(dtype, std::move(shape)); }
  Result<Tensor> allocate_on_host(DType dtype, Shape shape) override {
    return base_.allocate_on_host(dtype, std::move(shape));
  }
  Result<Tensor> scratch(std::size_t bytes) override {
    return base_.allocate_on_host(DType::uint8, Shape{static_cast<std::int64_t>(bytes)});
  }
  // A host value may have a copy on the card, or one to it under way: nothing is written in place.
  Tensor take_input(int, DType, const Shape&) override { return {}; }
  void set_output(int port, Tensor value) override { base_.set_output(port, std::move(value)); }
  [[nodiscard]] Stream& stream() override { return base_.stream(); }
  [[nodiscard]] Device& device() override { return host_; }
  [[nodiscard]] RunObserver* observer() override { return base_.observer(); }
  [[nodiscard]] int threads() const override { return base_.threads(); }
  [[nodiscard]] bool cancelled() const override { return base_.cancelled(); }
  [[nodiscard]] SessionState& state() override { return base_.state(); }

 private:
  KernelContext& base_;
  Device& host_;
};

class HostKernel final : public Kernel {
 public:
  HostKernel(std::unique_ptr<Kernel> kernel, Device& host, bool stateful)
      : kernel_(std::move(kernel)), host_(host), stateful_(stateful) {}

  Status run(KernelContext& context) override {
    // A replay would repeat what the host computed once.
    if (const CudaStream* stream = as_cuda(&context.stream()); stateful_ && stream && stream->recording())
      return unsupported("it has an effect or a state and runs on the host, which cannot be recorded");
    HostContext host(context, host_);
    return kernel_->run(host);
  }
  [[nodiscard]] bool input_on_host(int) const override { return true; }
  [[nodiscard]] bool reads_input(int i) const override { return kernel_->reads_input(i); }
  [[nodiscard]] bool output_on_host(int) const override { return true; }

 private:
  std::unique_ptr<Kernel> kernel_;
  Device& host_;
  bool stateful_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_host_kernel(Device& host, const KernelRequest& request) {
  ISO_ASSIGN(std::unique_ptr<Kernel> kernel, host.make_kernel(request));
  const OpDef* def = find_op(request.node.op);
  return std::unique_ptr<Kernel>(std::make_unique<HostKernel>(std::move(kernel), host, def && def->is_stateful));
}

}  // namespace isotherm::cuda
