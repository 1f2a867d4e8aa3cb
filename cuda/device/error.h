// Errors of CUDA and its libraries as the project's: one sentence with the call and CUDA's own text. The executor puts
// node and op before it.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <string_view>

#include "core/graph/status.h"

namespace isotherm::cuda {

/// "cudaMalloc failed: out of memory (cudaErrorMemoryAllocation)". `call` may be the whole expression; its name is
/// taken. Code `exhausted` for lack of memory, `unsupported` where there is no usable card or driver, else `internal`.
/// Errors that leave the process without a usable card say so.
Error cuda_error(cudaError_t status, std::string_view call);
Error blas_error(cublasStatus_t status, std::string_view call);

}  // namespace isotherm::cuda

/// Returns from the enclosing function with the error of a call that gives a cudaError_t.
#define ISO_CUDA(expression)                                                  \
  do {                                                                        \
    if (const cudaError_t iso_cuda_ = (expression); iso_cuda_ != cudaSuccess) \
      return ::isotherm::cuda::cuda_error(iso_cuda_, #expression);            \
  } while (false)

/// The same for cuBLASLt.
#define ISO_BLAS(expression)                                                               \
  do {                                                                                     \
    if (const cublasStatus_t iso_blas_ = (expression); iso_blas_ != CUBLAS_STATUS_SUCCESS) \
      return ::isotherm::cuda::blas_error(iso_blas_, #expression);                         \
  } while (false)
