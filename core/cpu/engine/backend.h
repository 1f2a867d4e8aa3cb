// Engine plans of the CPU device, through oneDNN.
#pragma once

#include <memory>

#include "core/engine/plan.h"

namespace isotherm {

/// FP32 only. The backend keeps a timing cache, so that a second plan for the same shapes is tuned at once. `device`
/// runs the layers that have no tactic; it must outlive the backend and its plans.
std::unique_ptr<EngineBackend> make_cpu_engine_backend(Device& device);

}  // namespace isotherm
