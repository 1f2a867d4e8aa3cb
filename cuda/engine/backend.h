// Engine plans of the CUDA device: cuBLASLt and cuDNN where they are best, own kernels with a fused tail elsewhere.
#pragma once

#include <memory>

#include "core/engine/plan.h"

namespace isotherm::cuda {

class CudaDevice;

/// FP32 only. The backend keeps a timing cache, so that a second plan for the same shapes is tuned at once. `device`
/// runs the layers that have no tactic; it must outlive the backend and its plans. For CudaDevice::open.
std::unique_ptr<EngineBackend> make_cuda_engine_backend(CudaDevice& device);

}  // namespace isotherm::cuda
