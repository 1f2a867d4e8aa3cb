// The stream of a CUDA device, as those see it who need CUDA's own handle: kernels of the device, the CUPTI recorder.
#pragma once

#include "core/runtime/device.h"

struct CUstream_st;  // cudaStream_t is a pointer to it, and so is the driver's CUstream

namespace isotherm {

class CudaStream : public Stream {
 public:
  [[nodiscard]] virtual CUstream_st* handle() const = 0;
  [[nodiscard]] void* native_handle() const final { return handle(); }
  /// Number of the card, N of "cuda:N".
  [[nodiscard]] virtual int device_index() const = 0;
  /// Whether the stream records a CUDA Graph instead of running: synchronise() is an error then.
  [[nodiscard]] virtual bool recording() const = 0;
};

/// The stream as a CUDA stream; null for the stream of another device.
inline CudaStream* as_cuda(Stream* stream) { return dynamic_cast<CudaStream*>(stream); }

}  // namespace isotherm
