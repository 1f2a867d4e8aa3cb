// BiasAdd: one value per channel.
#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

template <class T>
void add_bias(const T* x, const T* bias, T* y, std::int64_t begin, std::int64_t end, std::int64_t channels,
              std::int64_t inner) {
  using Sum = std::conditional_t<std::is_integral_v<T>, std::uint64_t, T>;
  for (std::int64_t row = begin; row < end; ++row)
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t at = (row * channels + c) * inner;
      for (std::int64_t i = 0; i < inner; ++i)
        y[at + i] = static_cast<T>(static_cast<Sum>(x[at + i]) + static_cast<Sum>(bias[c]));
    }
}

Status run_bias_add(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& bias = context.input(1);
  if (x.rank() < 2) return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 2 or more");
  const std::string format = node.attrs.get_string("data_format", "NHWC");
  const bool channels_first = node.op == "BiasAdd" && format.size() > 1 && format[1] == 'C';
  const int dim = channels_first ? 1 : x.rank() - 1;
  const std::int64_t channels = x.dim(dim), inner = product(x.shape(), dim + 1, x.rank()),
                     rows = product(x.shape(), 0, dim);
  if (bias.rank() != 1 || bias.dim(0) != channels || bias.dtype() != x.dtype())
    return invalid_input("the bias has shape " + bias.shape().to_string() + "; expected " + std::to_string(channels) +
                         " values of the input's dtype");
  const std::byte* x_raw = x.raw();
  const DType dtype = x.dtype();
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, dtype, Shape(x.shape())));
  if (y.elements() > 0) {
    if (dtype == DType::float32 && inner == 1) {
      const float* from = reinterpret_cast<const float*>(x_raw);
      const float* add = in<float>(bias);
      float* to = out<float>(y);
      parallel_for(context.threads(), rows, channels, [&](std::int64_t b, std::int64_t e) {
        hot_add_rows(from + b * channels, add, to + b * channels, e - b, channels);
      });
    } else {
      ISO_TRY(for_arithmetic(dtype, [&](auto tag) -> Status {
        using T = typename decltype(tag)::type;
        const T* from = reinterpret_cast<const T*>(x_raw);
        const T* add = in<T>(bias);
        T* to = out<T>(y);
        parallel_for(context.threads(), rows, channels * inner,
                     [&](std::int64_t b, std::int64_t e) { add_bias(from, add, to, b, e, channels, inner); });
        return {};
      }));
    }
  }
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_bias(KernelRegistry& r) { r.add({"BiasAdd", "BiasAddV1"}, run_bias_add, HalfFloats::as_float); }

}  // namespace isotherm::cpu
