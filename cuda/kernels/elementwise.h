// Element by element on float32: one operand, two operands with broadcasting, a factor and a summand per channel.
// C++17. All functions issue on `stream` and return the launch's error. An output may be an input's memory where both
// have the same number of elements. Counts of 0 issue nothing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace isotherm::cuda {

enum class UnaryOp : int {
  relu,
  relu6,
  leaky_relu,
  elu,
  selu,
  sigmoid,
  tanh,
  softplus,
  softsign,
  neg,
  abs,
  sign,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  floor,
  ceil,
  round,
  erf
};

/// y[i] = op(x[i]). `alpha` is leaky_relu's slope.
cudaError_t launch_unary(UnaryOp op, float alpha, const float* x, float* y, std::int64_t n, cudaStream_t stream);

enum class BinaryOp : int { add, sub, mul, div, maximum, minimum, squared_difference, pow };

inline constexpr int kMaxDims = 8;

/// How two operands are walked: merged dimensions of the output, outermost first, and the steps of each operand in
/// elements, 0 where it is repeated. At least one dimension.
struct BroadcastWalk {
  int rank = 1;
  std::int64_t dims[kMaxDims] = {1};
  std::int64_t a[kMaxDims] = {}, b[kMaxDims] = {};
};

/// y = op(a, b), y dense.
cudaError_t launch_binary(BinaryOp op, const BroadcastWalk& walk, const float* a, const float* b, float* y,
                          cudaStream_t stream);

/// y = x * multiply[c] + add[c] over rows x channels x inner (inner is 1 where channels come last).
cudaError_t launch_scale_offset(const float* x, const float* multiply, const float* add, float* y, std::int64_t rows,
                                std::int64_t channels, std::int64_t inner, cudaStream_t stream);
/// The factor and summand of a normalisation: multiply = scale / sqrt(variance + epsilon), add = offset - mean *
/// multiply.
cudaError_t launch_fold_normalisation(const float* scale, const float* offset, const float* mean, const float* variance,
                                      float epsilon, float* multiply, float* add, std::int64_t channels,
                                      cudaStream_t stream);
/// y = x + bias[c], same layout.
cudaError_t launch_bias(const float* x, const float* bias, float* y, std::int64_t rows, std::int64_t channels,
                        std::int64_t inner, cudaStream_t stream);

}  // namespace isotherm::cuda
