// LRN, Dilation2D, ExtractImagePatches: ops on neighbourhoods that are no convolutions.
#include <cmath>
#include <limits>

#include "core/cpu/convolution_geometry.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

Status run_lrn(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_TRY(expect_rank(x, 4, "the input"));
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const std::int64_t radius = node.attrs.get_int("depth_radius", 5), channels = x.dim(3);
  const float bias = node.attrs.get_float("bias", 1), alpha = node.attrs.get_float("alpha", 1),
              beta = node.attrs.get_float("beta", 0.5f);
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, x.shape()));
  const float* from = in<float>(x);
  float* to = out<float>(y);
  const std::int64_t pixels = channels == 0 ? 0 : x.elements() / channels;
  parallel_for(context.threads(), pixels, channels * (2 * radius + 16), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p)
      for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::int64_t k = std::max<std::int64_t>(0, c - radius); k <= std::min(channels - 1, c + radius); ++k)
          sum += static_cast<double>(from[p * channels + k]) * static_cast<double>(from[p * channels + k]);
        to[p * channels + c] = from[p * channels + c] * std::pow(bias + alpha * static_cast<float>(sum), -beta);
      }
  });
  context.set_output(0, std::move(y));
  return {};
}

/// Attributes under other names: `rates` are dilations, `ksizes` the window.
Result<WindowAttributes> rate_attributes(const Node& node) {
  AttrMap attrs;
  const auto take = [&](const char* from, const char* to) {
    if (const AttrValue* value = node.attrs.find(from)) attrs.set(to, *value);
  };
  take("strides", "strides");
  take("rates", "dilations");
  take("ksizes", "ksize");
  take("padding", "padding");
  return window_attributes(attrs, 2);
}

Status run_dilation(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& filter = context.input(1);
  ISO_TRY(expect_rank(x, 4, "the input"));
  ISO_TRY(expect_rank(filter, 3, "the filter"));
  if (filter.dim(2) != x.dim(3))
    return invalid_input("the filter has " + std::to_string(filter.dim(2)) + " channels; expected " +
                         std::to_string(x.dim(3)));
  ISO_ASSIGN(const WindowAttributes a, rate_attributes(node));
  ISO_ASSIGN(const Window wy, make_window(a, 0, x.dim(1), filter.dim(0)));
  ISO_ASSIGN(const Window wx, make_window(a, 1, x.dim(2), filter.dim(1)));
  const std::int64_t channels = x.dim(3);
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), Shape{x.dim(0), wy.out, wx.out, channels}));
  ISO_TRY(for_numbers(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    T* to = out<T>(y);
    for (std::int64_t n = 0; n < x.dim(0); ++n)
      for (std::int64_t i = 0; i < wy.out; ++i)
        for (std::int64_t j = 0; j < wx.out; ++j)
          for (std::int64_t c = 0; c < channels; ++c) {
            T best = std::numeric_limits<T>::lowest();
            for (std::int64_t ky = 0; ky < wy.kernel; ++ky)
              for (std::int64_t kx = 0; kx < wx.kernel; ++kx) {
                const std::int64_t iy = i * wy.stride - wy.pad_begin + ky * wy.dilation,
                                   ix = j * wx.stride - wx.pad_begin + kx * wx.dilation;
                if (iy < 0 || iy >= wy.in || ix < 0 || ix >= wx.in) continue;
                best = std::max(best, static_cast<T>(in<T>(x)[((n * wy.in + iy) * wx.in + ix) * channels + c] +
                                                     in<T>(filter)[(ky * wx.kernel + kx) * channels + c]));
              }
            *to++ = best;
          }
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

Status run_patches(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_TRY(expect_rank(x, 4, "the images"));
  ISO_ASSIGN(const WindowAttributes a, rate_attributes(node));
  if (a.kernel.size() != 2) return invalid_input("attribute ksizes is missing; expected a window");
  ISO_ASSIGN(const Window wy, make_window(a, 0, x.dim(1), a.kernel[0]));
  ISO_ASSIGN(const Window wx, make_window(a, 1, x.dim(2), a.kernel[1]));
  const std::int64_t channels = x.dim(3);
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), Shape{x.dim(0), wy.out, wx.out, wy.kernel * wx.kernel * channels}));
  fill_with(y, nullptr);
  std::int64_t at = 0;
  for (std::int64_t n = 0; n < x.dim(0); ++n)
    for (std::int64_t i = 0; i < wy.out; ++i)
      for (std::int64_t j = 0; j < wx.out; ++j)
        for (std::int64_t ky = 0; ky < wy.kernel; ++ky)
          for (std::int64_t kx = 0; kx < wx.kernel; ++kx, at += channels) {
            const std::int64_t iy = i * wy.stride - wy.pad_begin + ky * wy.dilation,
                               ix = j * wx.stride - wx.pad_begin + kx * wx.dilation;
            if (iy >= 0 && iy < wy.in && ix >= 0 && ix < wx.in)
              copy_elements(x, ((n * wy.in + iy) * wx.in + ix) * channels, y, at, channels);
          }
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_neighbourhood(KernelRegistry& r) {
  r.add("LRN", run_lrn, HalfFloats::as_float);
  r.add("Dilation2D", run_dilation, HalfFloats::as_float);
  r.add("ExtractImagePatches", run_patches);
}

}  // namespace isotherm::cpu
