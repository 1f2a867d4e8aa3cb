// The CPU device: kernels on oneDNN and Eigen. The reference for every other device.
#pragma once

#include <functional>
#include <memory>

#include "core/runtime/device.h"

namespace isotherm {

/// Makes the backend that builds engine plans for the device it is given; called once, when a plan is first wanted.
using EngineBackendFactory = std::function<std::unique_ptr<EngineBackend>(Device& device)>;

/// `threads`: 0 means all cores. Without a factory, engine_backend() is null. Device name "cpu".
std::shared_ptr<Device> make_cpu_device(int threads = 0, EngineBackendFactory backend = {});

}  // namespace isotherm
