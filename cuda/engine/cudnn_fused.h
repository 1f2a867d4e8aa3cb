// cuDNN's convolution with bias, residual and ReLU in one call: the functions that only engines use, beside the table
// of cuda/device/cudnn.h.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

#include "cuda/device/cudnn.h"

namespace isotherm::cuda {

using CudnnActivation = struct CudnnActivationStruct*;

inline constexpr int kCudnnActivationRelu = 1, kCudnnActivationIdentity = 5;
inline constexpr int kCudnnPropagateNan = 1;
/// The one algorithm that also takes the identity as its activation.
inline constexpr int kCudnnImplicitPrecomputedGemm = 1;

struct CudnnFusedApi {
  int (*create_activation)(CudnnActivation* activation) = nullptr;
  int (*destroy_activation)(CudnnActivation activation) = nullptr;
  int (*set_activation)(CudnnActivation activation, int mode, int nan_propagation, double coefficient) = nullptr;
  /// y = activation(alpha1 * convolution(x, w) + alpha2 * z + bias)
  int (*convolve)(CudnnHandle handle, const void* alpha1, CudnnTensor x_desc, const void* x, CudnnFilter w_desc,
                  const void* w, CudnnConvolution convolution, int algorithm, void* workspace,
                  std::size_t workspace_bytes, const void* alpha2, CudnnTensor z_desc, const void* z,
                  CudnnTensor bias_desc, const void* bias, CudnnActivation activation, CudnnTensor y_desc,
                  void* y) = nullptr;
};

/// Requires that the device uses cuDNN: the library is open already.
Result<const CudnnFusedApi*> open_cudnn_fused();

}  // namespace isotherm::cuda
