// What a kernel does to its results before it writes them: bias, residual, activations. One structure for all kernels
// that fuse their tail; device code and host code both include it (C++17).
#pragma once

#include <cstdint>

namespace isotherm::cuda {

enum class EpilogueOp : int {
  relu,
  relu6,
  sigmoid,
  tanh,
  elu,         ///< alpha * (exp(x) - 1) below zero
  leaky_relu,  ///< alpha * x below zero
  add,         ///< adds Epilogue::added
  abs,
  exp,
  square,
  softplus,
};

struct EpilogueStep {
  EpilogueOp op = EpilogueOp::relu;
  float alpha = 0;
};

inline constexpr int kMaxEpilogueSteps = 8;

/// Bias first, then the steps in order.
struct Epilogue {
  const float* bias = nullptr;   ///< one value per output channel, or null; of the kernels that know channels
  const float* added = nullptr;  ///< row-major tensor of the result's shape; may be the result's own memory
  int count = 0;
  EpilogueStep steps[kMaxEpilogueSteps] = {};
};

#ifdef __CUDACC__

/// One step on N neighbouring elements; `added` points at the first one's partner.
template <int N>
__device__ __forceinline__ void apply_step(const EpilogueStep& step, const float* added, float (&v)[N]) {
  switch (step.op) {
    case EpilogueOp::relu:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = v[i] < 0.0f ? 0.0f : v[i];  // NaN stays
      break;
    case EpilogueOp::relu6:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = v[i] < 0.0f ? 0.0f : v[i] > 6.0f ? 6.0f : v[i];
      break;
    case EpilogueOp::sigmoid:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = 1.0f / (1.0f + expf(-v[i]));
      break;
    case EpilogueOp::tanh:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = tanhf(v[i]);
      break;
    case EpilogueOp::elu:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = v[i] < 0.0f ? step.alpha * expm1f(v[i]) : v[i];
      break;
    case EpilogueOp::leaky_relu:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = v[i] < 0.0f ? step.alpha * v[i] : v[i];
      break;
    case EpilogueOp::add:
      if (N == 4 && (reinterpret_cast<std::uintptr_t>(added) & 15) == 0) {
        const float4 a = *reinterpret_cast<const float4*>(added);
        v[0] += a.x;
        v[N > 1 ? 1 : 0] += N > 1 ? a.y : 0.0f;
        v[N > 2 ? 2 : 0] += N > 2 ? a.z : 0.0f;
        v[N > 3 ? 3 : 0] += N > 3 ? a.w : 0.0f;
      } else {
#pragma unroll
        for (int i = 0; i < N; ++i) v[i] += added[i];
      }
      break;
    case EpilogueOp::abs:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = fabsf(v[i]);
      break;
    case EpilogueOp::exp:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = expf(v[i]);
      break;
    case EpilogueOp::square:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] *= v[i];
      break;
    case EpilogueOp::softplus:
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] = fmaxf(v[i], 0.0f) + log1pf(expf(-fabsf(v[i])));
      break;
  }
}

/// All steps (not the bias) on N neighbouring elements, the first of which is element `index` of the result.
template <int N>
__device__ __forceinline__ void apply_steps(const Epilogue& e, std::int64_t index, float (&v)[N]) {
  for (int i = 0; i < e.count; ++i) apply_step<N>(e.steps[i], e.added + index, v);
}

#endif  // __CUDACC__

}  // namespace isotherm::cuda
