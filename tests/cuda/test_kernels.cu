#include "tests/cuda/test_kernels.h"

namespace isotherm::test {
namespace {

__device__ void spin(float* out, int loops) {
  float value = static_cast<float>(threadIdx.x);
  for (int i = 0; i < loops; ++i) value = value * 0.999F + 0.5F;
  out[threadIdx.x] = value;
}

__global__ void spin_first(float* out, int loops) { spin(out, loops); }
__global__ void spin_second(float* out, int loops) { spin(out, loops); }

constexpr int kThreads = 64;

}  // namespace

cudaError_t launch_first(float* out, int loops, cudaStream_t stream) {
  spin_first<<<1, kThreads, 0, stream>>>(out, loops);
  return cudaGetLastError();
}

cudaError_t launch_second(float* out, int loops, cudaStream_t stream) {
  spin_second<<<1, kThreads, 0, stream>>>(out, loops);
  return cudaGetLastError();
}

}  // namespace isotherm::test
