// Reductions and softmax on float32. Sums are kept in double and in a fixed order: the same bits on every run. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace isotherm::cuda {

enum class ReduceOp : int { sum, mean, prod, maximum, minimum, norm };

/// x is outer x reduced x inner, y outer x inner. `reduced` may be 0: the op's value of nothing.
cudaError_t launch_reduce(ReduceOp op, const float* x, float* y, std::int64_t outer, std::int64_t reduced,
                          std::int64_t inner, cudaStream_t stream);

/// Softmax (or its logarithm) of each of `rows` rows of n elements; y may be x.
cudaError_t launch_softmax(bool logarithm, const float* x, float* y, std::int64_t rows, std::int64_t n,
                           cudaStream_t stream);

}  // namespace isotherm::cuda
