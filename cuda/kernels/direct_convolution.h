// Convolutions where a matrix product does not pay: depthwise, grouped, in any layout. float32, exact FP32. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cuda/kernels/epilogue.h"
#include "cuda/kernels/implicit_gemm.h"

namespace isotherm::cuda {

/// A depthwise convolution, one filter per channel: `shape.k` equals `shape.c`, `weights` is [r, s, c], x and y NHWC.
/// Four channels a thread where c is a multiple of 4 and the memory is aligned to 16 bytes.
cudaError_t launch_depthwise(const ConvolutionShape& shape, const float* x, const float* weights, float* y,
                             const Epilogue& epilogue, cudaStream_t stream);

/// Any grouped 2-D convolution by its definition, one output a thread. Strides in elements of batch, channel, row and
/// column; `weights` is [r, s, c / groups, k].
struct DirectConvolution {
  ConvolutionShape shape;
  int groups = 1;
  std::int64_t x_strides[4] = {};
  std::int64_t y_strides[4] = {};
};
cudaError_t launch_direct_convolution(const DirectConvolution& convolution, const float* x, const float* weights,
                                      float* y, cudaStream_t stream);

}  // namespace isotherm::cuda
