// Pointwise layers with their tail in one pass over memory, float32. C++17. All functions issue on `stream` and return
// the launch's error; memory is aligned to 16 bytes; an output may be an input's memory where both have the same shape.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cuda/kernels/elementwise.h"
#include "cuda/kernels/epilogue.h"

namespace isotherm::cuda {

/// y = epilogue(x). The epilogue's bias, if any, is one value per column: element i lies in column i % columns.
cudaError_t launch_epilogue(const float* x, float* y, std::int64_t elements, std::int64_t columns,
                            const Epilogue& epilogue, cudaStream_t stream);

/// y = epilogue(x * multiply[c] + add[c]) over rows x channels x inner; the epilogue has no bias.
cudaError_t launch_fused_scale(const float* x, const float* multiply, const float* add, float* y, std::int64_t rows,
                               std::int64_t channels, std::int64_t inner, const Epilogue& epilogue,
                               cudaStream_t stream);

/// y = epilogue(op(a, b)) along a walk; the epilogue has no bias. Ops: add, sub, mul, div, maximum, minimum.
cudaError_t launch_fused_binary(BinaryOp op, const BroadcastWalk& walk, const float* a, const float* b, float* y,
                                const Epilogue& epilogue, cudaStream_t stream);

}  // namespace isotherm::cuda
