// cuDNN, opened at run time: the handful of its functions that are used, as a table. Declared here by the project
// itself, so that it builds where cuDNN's headers are not; the functions and numbers are those of its C interface, the
// same since version 7.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/graph/status.h"

namespace isotherm::cuda {

using CudnnHandle = struct CudnnContext*;
using CudnnTensor = struct CudnnTensorStruct*;
using CudnnFilter = struct CudnnFilterStruct*;
using CudnnConvolution = struct CudnnConvolutionStruct*;

// Values of its enumerations.
inline constexpr int kCudnnSuccess = 0;
inline constexpr int kCudnnFloat = 0;
inline constexpr int kCudnnNchw = 0, kCudnnNhwc = 1;
inline constexpr int kCudnnCrossCorrelation = 1;
inline constexpr int kCudnnDefaultMath = 0;  ///< may round to TF32
inline constexpr int kCudnnFmaMath = 3;      ///< FP32 throughout
inline constexpr int kCudnnAlgorithms = 8;
std::string_view cudnn_algorithm_name(int algorithm);

struct CudnnApi {
  std::size_t (*version)() = nullptr;
  const char* (*error_string)(int status) = nullptr;
  int (*create)(CudnnHandle* handle) = nullptr;
  int (*destroy)(CudnnHandle handle) = nullptr;
  int (*set_stream)(CudnnHandle handle, cudaStream_t stream) = nullptr;
  int (*create_tensor)(CudnnTensor* tensor) = nullptr;
  int (*destroy_tensor)(CudnnTensor tensor) = nullptr;
  int (*set_tensor)(CudnnTensor tensor, int format, int type, int n, int c, int h, int w) = nullptr;
  int (*create_filter)(CudnnFilter* filter) = nullptr;
  int (*destroy_filter)(CudnnFilter filter) = nullptr;
  int (*set_filter)(CudnnFilter filter, int type, int format, int k, int c, int h, int w) = nullptr;
  int (*create_convolution)(CudnnConvolution* convolution) = nullptr;
  int (*destroy_convolution)(CudnnConvolution convolution) = nullptr;
  int (*set_convolution)(CudnnConvolution convolution, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h,
                         int dilation_w, int mode, int compute_type) = nullptr;
  int (*set_groups)(CudnnConvolution convolution, int groups) = nullptr;
  int (*set_math)(CudnnConvolution convolution, int math) = nullptr;
  int (*workspace_size)(CudnnHandle handle, CudnnTensor x, CudnnFilter w, CudnnConvolution convolution, CudnnTensor y,
                        int algorithm, std::size_t* bytes) = nullptr;
  int (*convolve)(CudnnHandle handle, const void* alpha, CudnnTensor x_desc, const void* x, CudnnFilter w_desc,
                  const void* w, CudnnConvolution convolution, int algorithm, void* workspace,
                  std::size_t workspace_bytes, const void* beta, CudnnTensor y_desc, void* y) = nullptr;

  /// "9.1.0".
  [[nodiscard]] std::string version_text() const;
};

/// Opens libcudnn.so.9 or .8, once per process. An error says which names were tried.
Result<std::shared_ptr<const CudnnApi>> open_cudnn();

Error cudnn_error(const CudnnApi& api, int status, std::string_view call);

}  // namespace isotherm::cuda

/// Calls a function of the table; returns from the enclosing function with its error.
#define ISO_CUDNN(api, call)                                                              \
  do {                                                                                    \
    if (const int iso_cudnn_ = (api).call; iso_cudnn_ != ::isotherm::cuda::kCudnnSuccess) \
      return ::isotherm::cuda::cudnn_error(api, iso_cudnn_, #call);                       \
  } while (false)
