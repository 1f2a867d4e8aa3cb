#include "cuda/device/error.h"

#include <string>

namespace isotherm::cuda {
namespace {

std::string name_of(std::string_view call) {
  const std::size_t end = call.find('(');
  return std::string(call.substr(0, end));
}

bool poisons(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorECCUncorrectable:
    case cudaErrorDevicesUnavailable:
      return true;
    default:
      return false;
  }
}

}  // namespace

Error cuda_error(cudaError_t status, std::string_view call) {
  // What was an error of this call must not be found again by a later cudaGetLastError().
  (void)cudaGetLastError();
  std::string message =
      name_of(call) + " failed: " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")";
  if (poisons(status)) message += "; the card cannot be used any more by this process";
  switch (status) {
    case cudaErrorMemoryAllocation:
      return exhausted(std::move(message));
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorInvalidDevice:
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return unsupported(std::move(message));
    default:
      return internal_error(std::move(message));
  }
}

Error blas_error(cublasStatus_t status, std::string_view call) {
  std::string message =
      name_of(call) + " failed: " + cublasLtGetStatusString(status) + " (" + cublasLtGetStatusName(status) + ")";
  if (status == CUBLAS_STATUS_ALLOC_FAILED) return exhausted(std::move(message));
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return unsupported(std::move(message));
  return internal_error(std::move(message));
}

}  // namespace isotherm::cuda
