// FusedBatchNorm, V2, V3 in inference: one multiply-add per element. Training mode is the host's.
#include <cmath>
#include <mutex>
#include <vector>

#include "cuda/kernels/elementwise.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

class BatchNormKernel final : public Kernel {
 public:
  BatchNormKernel(const KernelRequest& request, std::shared_ptr<Buffer> folded)
      : epsilon_(request.node.attrs.get_float("epsilon", 1e-4f)),
        ports_(request.node.op == "FusedBatchNormV3" ? 6 : 5),
        folded_(std::move(folded)) {
    const std::string format = request.node.attrs.get_string("data_format", "NHWC");
    channels_first_ = format == "NCHW" || format == "NCDHW";
  }

  [[nodiscard]] bool reads_input(int i) const override { return i == 0 || !folded_; }

  Status run(KernelContext& context) override {
    ISO_TRY(expect_inputs(context, 5));
    const Tensor& x = context.input(0);
    if (x.rank() != 4 && x.rank() != 5)
      return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 4 or 5");
    const std::int64_t channels = channels_first_ ? x.dim(1) : x.dim(x.rank() - 1);
    const std::int64_t inner = channels_first_ ? product(x.shape(), 2, x.rank()) : 1;
    const std::int64_t rows = channels_first_ ? x.dim(0) : product(x.shape(), 0, x.rank() - 1);
    for (int i = 1; i < 5; ++i) {
      const Tensor& t = context.input(i);
      if (t.rank() != 1 || t.dim(0) != channels)
        return invalid_input("input " + std::to_string(i) + " has shape " + t.shape().to_string() + "; expected " +
                             std::to_string(channels) + " values");
    }
    ISO_ASSIGN(const Launch launch, launch_of(context));
    const float* multiply = nullptr;
    Tensor scratch;
    const auto offset = static_cast<std::size_t>(padded(channels));
    if (folded_) {
      multiply = reinterpret_cast<const float*>(folded_->data());
    } else {
      ISO_ASSIGN(scratch, context.scratch(2 * offset * sizeof(float)));
      float* const made = floats_out(scratch);
      ISO_CUDA(launch_fold_normalisation(floats(context.input(1)), floats(context.input(2)), floats(context.input(3)),
                                         floats(context.input(4)), epsilon_, made, made + offset, channels,
                                         launch.handle()));
      multiply = made;
    }
    const float* from = floats(x);
    const Shape shape = x.shape();
    ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, DType::float32, shape));
    ISO_CUDA(
        launch_scale_offset(from, multiply, multiply + offset, floats_out(y), rows, channels, inner, launch.handle()));
    context.set_output(0, std::move(y));
    for (int port = 1; port < 5; ++port) context.set_output(port, context.input(port == 1 || port == 3 ? 3 : 4));
    if (ports_ == 6) {
      ISO_ASSIGN(Tensor reserve, context.allocate(DType::float32, Shape{0}));
      context.set_output(5, std::move(reserve));
    }
    return {};
  }

  /// Factors first, summands from here on: aligned for float4.
  static std::int64_t padded(std::int64_t channels) { return (channels + 3) / 4 * 4; }

 private:
  float epsilon_;
  int ports_;
  bool channels_first_ = false;
  std::shared_ptr<Buffer> folded_;  ///< factors and summands on the card, where all four inputs are constants
};

Result<std::unique_ptr<Kernel>> make_batch_norm(CudaDevice& device, const KernelRequest& request) {
  for (std::size_t i = 0; i < 5; ++i)
    if (!is_float_input(request, i)) return std::unique_ptr<Kernel>();
  if (request.node.attrs.get_bool("is_training", true)) return std::unique_ptr<Kernel>();
  std::shared_ptr<Buffer> folded;
  const auto constant = [&](std::size_t i) -> const Tensor& { return request.constants[i]; };
  bool all = request.constants.size() >= 5;
  for (std::size_t i = 1; i < 5 && all; ++i)
    all = constant(i).valid() && constant(i).rank() == 1 && constant(i).dim(0) == constant(1).dim(0);
  if (all && constant(1).elements() > 0) {
    const std::int64_t channels = constant(1).dim(0);
    const auto n = static_cast<std::size_t>(channels),
               offset = static_cast<std::size_t>(BatchNormKernel::padded(channels));
    const double epsilon = request.node.attrs.get_float("epsilon", 1e-4f);
    std::vector<float> values(2 * offset);
    const auto scale = constant(1).data<float>(), add = constant(2).data<float>(), mean = constant(3).data<float>(),
               variance = constant(4).data<float>();
    for (std::size_t c = 0; c < n; ++c) {
      const double factor = static_cast<double>(scale[c]) / std::sqrt(static_cast<double>(variance[c]) + epsilon);
      values[c] = static_cast<float>(factor);
      values[offset + c] = static_cast<float>(static_cast<double>(add[c]) - static_cast<double>(mean[c]) * factor);
    }
    ISO_ASSIGN(folded, device.upload(values.data(), values.size() * sizeof(float)));
  }
  return std::unique_ptr<Kernel>(std::make_unique<BatchNormKernel>(request, std::move(folded)));
}

}  // namespace

void register_normalisation(KernelRegistry& r) {
  for (const char* op : {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"}) r.add_factory(op, make_batch_norm);
}

}  // namespace isotherm::cuda
