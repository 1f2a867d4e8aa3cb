// Kernels to be recorded: short ones of known number, size and name.
#pragma once

#include <cuda_runtime_api.h>

namespace isotherm::test {

/// "spin_first" and "spin_second": one block, `loops` rounds of arithmetic that end in `out`.
cudaError_t launch_first(float* out, int loops, cudaStream_t stream);
cudaError_t launch_second(float* out, int loops, cudaStream_t stream);

}  // namespace isotherm::test
