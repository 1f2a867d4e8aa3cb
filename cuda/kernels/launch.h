// Sizes of grids for loops over elements. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>

namespace isotherm::cuda {

inline constexpr int kThreads = 256;

/// Blocks for `work` independent items, one a thread; more items than the largest grid are walked by grid-wide steps.
inline unsigned blocks_for(std::int64_t work, int threads = kThreads) {
  return static_cast<unsigned>(std::min<std::int64_t>((work + threads - 1) / threads, 1 << 20));
}

/// Whether float4 loads from these addresses are allowed.
inline bool aligned16(const void* a, const void* b = nullptr, const void* c = nullptr, const void* d = nullptr) {
  return ((reinterpret_cast<std::uintptr_t>(a) | reinterpret_cast<std::uintptr_t>(b) |
           reinterpret_cast<std::uintptr_t>(c) | reinterpret_cast<std::uintptr_t>(d)) &
          15) == 0;
}

/// Whether all indices below n, and one more step of the largest grid, fit 32 bits: divisions cost a fraction then.
inline bool fits32(std::int64_t n) { return n < (std::int64_t{1} << 31); }

#ifdef __CUDACC__
/// Calls f with a value of the index type for n items.
template <class F>
void with_index(std::int64_t n, F&& f) {
  if (fits32(n))
    f(std::uint32_t{0});
  else
    f(std::int64_t{0});
}

template <class I>
__device__ __forceinline__ I first_index() {
  return static_cast<I>(blockIdx.x) * static_cast<I>(blockDim.x) + static_cast<I>(threadIdx.x);
}
template <class I>
__device__ __forceinline__ I index_step() {
  return static_cast<I>(gridDim.x) * static_cast<I>(blockDim.x);
}
__device__ __forceinline__ std::int64_t first_item() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ __forceinline__ std::int64_t item_step() { return static_cast<std::int64_t>(gridDim.x) * blockDim.x; }
#endif

}  // namespace isotherm::cuda
