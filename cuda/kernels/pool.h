// 2-D pooling on float32 with TensorFlow's rules: padding takes no part in a maximum or a mean. C++17.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace isotherm::cuda {

struct PoolShape {
  int n = 1, h = 1, w = 1, c = 1;  ///< input
  int p = 1, q = 1;                ///< output
  int r = 1, s = 1;                ///< window
  int stride_h = 1, stride_w = 1;
  int pad_h = 0, pad_w = 0;  ///< before
  bool channels_first = false;
};

enum class PoolOp : int { maximum, average };

/// Issues the pooling of dense tensors in the layout that `shape` says.
cudaError_t launch_pool(PoolOp op, const PoolShape& shape, const float* x, float* y, cudaStream_t stream);

}  // namespace isotherm::cuda
