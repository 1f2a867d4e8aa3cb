#include "cuda/kernels/direct_convolution.h"

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

/// N neighbouring channels of one output pixel a thread.
template <int N, class I>
__global__ void __launch_bounds__(kThreads)
    isotherm_depthwise(const __grid_constant__ ConvolutionShape g, const float* x, const float* weights, float* y,
                       I items, const __grid_constant__ Epilogue epilogue) {
  const I groups = static_cast<I>(g.c / N), width = static_cast<I>(g.q), height = static_cast<I>(g.p);
  for (I i = first_index<I>(); i < items; i += index_step<I>()) {
    const int c = static_cast<int>(i % groups) * N;
    const I pixel = i / groups, row = pixel / width;
    const int q = static_cast<int>(pixel % width), p = static_cast<int>(row % height);
    const std::int64_t n = static_cast<std::int64_t>(row / height);
    const float* image = x + n * g.h * g.w * g.c + c;
    const int h0 = p * g.stride_h - g.pad_h, w0 = q * g.stride_w - g.pad_w;
    float sums[N] = {};
    for (int r = 0; r < g.r; ++r) {
      const int h = h0 + r * g.dilation_h;
      if (h < 0 || h >= g.h) continue;
      for (int s = 0; s < g.s; ++s) {
        const int w = w0 + s * g.dilation_w;
        if (w < 0 || w >= g.w) continue;
        const float* from = image + (static_cast<std::int64_t>(h) * g.w + w) * g.c;
        const float* by = weights + (r * g.s + s) * g.c + c;
        if (N == 4) {
          const float4 v = *reinterpret_cast<const float4*>(from), f = *reinterpret_cast<const float4*>(by);
          sums[0] = fmaf(v.x, f.x, sums[0]);
          sums[N > 1 ? 1 : 0] = fmaf(v.y, f.y, sums[N > 1 ? 1 : 0]);
          sums[N > 2 ? 2 : 0] = fmaf(v.z, f.z, sums[N > 2 ? 2 : 0]);
          sums[N > 3 ? 3 : 0] = fmaf(v.w, f.w, sums[N > 3 ? 3 : 0]);
        } else {
#pragma unroll
          for (int j = 0; j < N; ++j) sums[j] = fmaf(from[j], by[j], sums[j]);
        }
      }
    }
    const std::int64_t at = static_cast<std::int64_t>(pixel) * g.c + c;
    if (epilogue.bias) {
#pragma unroll
      for (int j = 0; j < N; ++j) sums[j] += epilogue.bias[c + j];
    }
    apply_steps<N>(epilogue, at, sums);
    if (N == 4) {
      *reinterpret_cast<float4*>(y + at) =
          make_float4(sums[0], sums[N > 1 ? 1 : 0], sums[N > 2 ? 2 : 0], sums[N > 3 ? 3 : 0]);
    } else {
#pragma unroll
      for (int j = 0; j < N; ++j) y[at + j] = sums[j];
    }
  }
}

__global__ void isotherm_direct_convolution(const __grid_constant__ DirectConvolution d, const float* x,
                                            const float* weights, float* y, std::int64_t items, bool channels_first) {
  const ConvolutionShape& g = d.shape;
  const int in_group = g.c / d.groups, out_group = g.k / d.groups;
  for (std::int64_t i = first_item(); i < items; i += item_step()) {
    // Neighbouring threads write neighbouring elements.
    int k, p, q;
    std::int64_t n;
    if (channels_first) {
      q = static_cast<int>(i % g.q);
      p = static_cast<int>(i / g.q % g.p);
      k = static_cast<int>(i / g.q / g.p % g.k);
      n = i / g.q / g.p / g.k;
    } else {
      k = static_cast<int>(i % g.k);
      q = static_cast<int>(i / g.k % g.q);
      p = static_cast<int>(i / g.k / g.q % g.p);
      n = i / g.k / g.q / g.p;
    }
    const float* image = x + n * d.x_strides[0] + static_cast<std::int64_t>(k / out_group) * in_group * d.x_strides[1];
    float sum = 0;
    for (int r = 0; r < g.r; ++r) {
      const int h = p * g.stride_h - g.pad_h + r * g.dilation_h;
      if (h < 0 || h >= g.h) continue;
      for (int s = 0; s < g.s; ++s) {
        const int w = q * g.stride_w - g.pad_w + s * g.dilation_w;
        if (w < 0 || w >= g.w) continue;
        const float* from = image + h * d.x_strides[2] + w * d.x_strides[3];
        const float* by = weights + (static_cast<std::int64_t>(r) * g.s + s) * in_group * g.k + k;
        for (int c = 0; c < in_group; ++c)
          sum = fmaf(from[c * d.x_strides[1]], by[static_cast<std::int64_t>(c) * g.k], sum);
      }
    }
    y[n * d.y_strides[0] + k * d.y_strides[1] + p * d.y_strides[2] + q * d.y_strides[3]] = sum;
  }
}

}  // namespace

cudaError_t launch_depthwise(const ConvolutionShape& g, const float* x, const float* weights, float* y,
                             const Epilogue& epilogue, cudaStream_t stream) {
  const std::int64_t elements = static_cast<std::int64_t>(g.n) * g.p * g.q * g.c;
  if (elements == 0) return cudaSuccess;
  with_index(elements, [&](auto zero) {
    using I = decltype(zero);
    if (g.c % 4 == 0 && aligned16(x, weights, y, epilogue.bias))
      isotherm_depthwise<4, I>
          <<<blocks_for(elements / 4), kThreads, 0, stream>>>(g, x, weights, y, static_cast<I>(elements / 4), epilogue);
    else
      isotherm_depthwise<1, I>
          <<<blocks_for(elements), kThreads, 0, stream>>>(g, x, weights, y, static_cast<I>(elements), epilogue);
  });
  return cudaGetLastError();
}

cudaError_t launch_direct_convolution(const DirectConvolution& d, const float* x, const float* weights, float* y,
                                      cudaStream_t stream) {
  const ConvolutionShape& g = d.shape;
  const std::int64_t items = static_cast<std::int64_t>(g.n) * g.p * g.q * g.k;
  if (items == 0) return cudaSuccess;
  isotherm_direct_convolution<<<blocks_for(items), kThreads, 0, stream>>>(d, x, weights, y, items, d.y_strides[3] == 1);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
