// Engines built ahead of their first use, for the shapes of given inputs.
#pragma once

#include <memory>

#include "core/convert/trt_convert.h"
#include "core/runtime/device.h"

namespace isotherm {

/// For Converter::build(): runs the converted graph on the device, once for each set of inputs, in one session.
/// `threads`: 0 for all cores.
EngineBuilder engine_builder(std::shared_ptr<Device> device, int threads);

}  // namespace isotherm
