#include "cuda/kernels/pool.h"

#include <cfloat>

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

template <bool kMax>
__device__ __forceinline__ float step(float sum, float x) {
  if (kMax) return x > sum || x != x ? x : sum;
  return sum + x;
}

/// Channels last, N of them a thread.
template <bool kMax, int N, class I>
__global__ void __launch_bounds__(kThreads)
    isotherm_pool(const __grid_constant__ PoolShape g, const float* x, float* y, I items) {
  const I groups = static_cast<I>(g.c / N), width = static_cast<I>(g.q), height = static_cast<I>(g.p);
  for (I i = first_index<I>(); i < items; i += index_step<I>()) {
    const int c = static_cast<int>(i % groups) * N;
    const I pixel = i / groups, row = pixel / width;
    const int q = static_cast<int>(pixel % width), p = static_cast<int>(row % height);
    const std::int64_t n = static_cast<std::int64_t>(row / height);
    const int h0 = p * g.stride_h - g.pad_h, w0 = q * g.stride_w - g.pad_w;
    const int h1 = min(h0 + g.r, g.h), w1 = min(w0 + g.s, g.w);
    float sums[N];
#pragma unroll
    for (int j = 0; j < N; ++j) sums[j] = kMax ? -FLT_MAX : 0.0f;
    for (int h = max(h0, 0); h < h1; ++h)
      for (int w = max(w0, 0); w < w1; ++w) {
        const float* from = x + ((n * g.h + h) * g.w + w) * g.c + c;
        if (N == 4) {
          const float4 v = *reinterpret_cast<const float4*>(from);
          sums[0] = step<kMax>(sums[0], v.x);
          sums[N > 1 ? 1 : 0] = step<kMax>(sums[N > 1 ? 1 : 0], v.y);
          sums[N > 2 ? 2 : 0] = step<kMax>(sums[N > 2 ? 2 : 0], v.z);
          sums[N > 3 ? 3 : 0] = step<kMax>(sums[N > 3 ? 3 : 0], v.w);
        } else {
          sums[0] = step<kMax>(sums[0], from[0]);
        }
      }
    if (!kMax) {
      const float count = static_cast<float>(max(1, (h1 - max(h0, 0)) * (w1 - max(w0, 0))));
#pragma unroll
      for (int j = 0; j < N; ++j) sums[j] /= count;
    }
    float* to = y + static_cast<std::int64_t>(pixel) * g.c + c;
    if (N == 4)
      *reinterpret_cast<float4*>(to) =
          make_float4(sums[0], sums[N > 1 ? 1 : 0], sums[N > 2 ? 2 : 0], sums[N > 3 ? 3 : 0]);
    else
      to[0] = sums[0];
  }
}

template <bool kMax>
__global__ void isotherm_pool_planes(const __grid_constant__ PoolShape g, const float* x, float* y,
                                     std::int64_t items) {
  for (std::int64_t i = first_item(); i < items; i += item_step()) {
    const int q = static_cast<int>(i % g.q), p = static_cast<int>(i / g.q % g.p);
    const float* plane = x + i / g.q / g.p * g.h * g.w;
    const int h0 = p * g.stride_h - g.pad_h, w0 = q * g.stride_w - g.pad_w;
    const int h1 = min(h0 + g.r, g.h), w1 = min(w0 + g.s, g.w);
    float sum = kMax ? -FLT_MAX : 0.0f;
    for (int h = max(h0, 0); h < h1; ++h)
      for (int w = max(w0, 0); w < w1; ++w) sum = step<kMax>(sum, plane[static_cast<std::int64_t>(h) * g.w + w]);
    y[i] = kMax ? sum : sum / static_cast<float>(max(1, (h1 - max(h0, 0)) * (w1 - max(w0, 0))));
  }
}

template <bool kMax>
void issue(const PoolShape& g, const float* x, float* y, std::int64_t elements, cudaStream_t stream) {
  if (g.channels_first)
    isotherm_pool_planes<kMax><<<blocks_for(elements), kThreads, 0, stream>>>(g, x, y, elements);
  else
    with_index(elements, [&](auto zero) {
      using I = decltype(zero);
      if (g.c % 4 == 0 && aligned16(x, y))
        isotherm_pool<kMax, 4, I>
            <<<blocks_for(elements / 4), kThreads, 0, stream>>>(g, x, y, static_cast<I>(elements / 4));
      else
        isotherm_pool<kMax, 1, I><<<blocks_for(elements), kThreads, 0, stream>>>(g, x, y, static_cast<I>(elements));
    });
}

}  // namespace

cudaError_t launch_pool(PoolOp op, const PoolShape& g, const float* x, float* y, cudaStream_t stream) {
  const std::int64_t elements = static_cast<std::int64_t>(g.n) * g.p * g.q * g.c;
  if (elements == 0) return cudaSuccess;
  if (op == PoolOp::maximum)
    issue<true>(g, x, y, elements, stream);
  else
    issue<false>(g, x, y, elements, stream);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
