// The CUDA device with everything it can do: native kernels and engine plans.
#pragma once

#include <memory>

#include "core/runtime/device_module.h"

namespace isotherm::cuda {

/// The card `options.index`. An error is one sentence: no driver, no such card.
Result<std::shared_ptr<Device>> open_device(const GpuOptions& options);

}  // namespace isotherm::cuda
