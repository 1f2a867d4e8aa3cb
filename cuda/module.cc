// What isotherm-cuda.so exports.
#include "core/runtime/device_module.h"
#include "cuda/open.h"

#define ISO_EXPORT extern "C" __attribute__((visibility("default")))

ISO_EXPORT int isotherm_module_abi() { return isotherm::kModuleAbi; }

ISO_EXPORT void isotherm_open_gpu(const isotherm::GpuOptions& options,
                                  isotherm::Result<std::shared_ptr<isotherm::Device>>& device) {
  device = isotherm::cuda::open_device(options);
}
