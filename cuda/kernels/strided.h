// Moves 4-byte elements: along strides, into a padded frame, rows against columns. C++17. All functions issue on
// `stream` and return the launch's error; counts of 0 issue nothing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "cuda/kernels/elementwise.h"

namespace isotherm::cuda {

/// dst[dst_offset + index . dst_strides] = src[src_offset + index . src_strides] for every index in dims.
struct StridedMove {
  int rank = 1;
  std::int64_t dims[kMaxDims] = {1};
  std::int64_t src[kMaxDims] = {}, dst[kMaxDims] = {};
  std::int64_t src_offset = 0, dst_offset = 0;
};
cudaError_t launch_strided_move(const StridedMove& move, const void* src, void* dst, cudaStream_t stream);

/// A tensor in the middle of a larger one: outside of it `fill`. dims are the output's.
struct PaddedFrame {
  int rank = 1;
  std::int64_t dims[kMaxDims] = {1};
  std::int64_t before[kMaxDims] = {};
  std::int64_t inner[kMaxDims] = {1};  ///< the input's
};
/// `fill`: one value on the device, or null for zero.
cudaError_t launch_pad(const PaddedFrame& frame, const float* x, const float* fill, float* y, cudaStream_t stream);

/// y[b][c][r] = x[b][r][c]: NHWC to NCHW with rows = H * W, and back with columns = H * W.
cudaError_t launch_swap_last(const float* x, float* y, std::int64_t batch, std::int64_t rows, std::int64_t columns,
                             cudaStream_t stream);

}  // namespace isotherm::cuda
