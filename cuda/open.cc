#include "cuda/open.h"

#include "cuda/device/device.h"
#include "cuda/engine/backend.h"

namespace isotherm::cuda {

Result<std::shared_ptr<Device>> open_device(const GpuOptions& options) {
  ISO_ASSIGN(std::shared_ptr<CudaDevice> device, CudaDevice::open(options, make_cuda_engine_backend));
  return std::shared_ptr<Device>(std::move(device));
}

}  // namespace isotherm::cuda
