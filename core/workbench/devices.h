// Devices by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/runtime/device.h"
#include "core/runtime/session.h"

namespace isotherm {

/// The device that --device names. An error names what there is.
Result<std::shared_ptr<Device>> open_device(std::string_view name, int threads);

/// Session options for runs on it: engines go through the device's plans. `allow_native_segments`: see there.
SessionOptions session_options(int threads, bool use_engines, bool allow_native_segments = true);

/// Device memory of the plans that the session's engine nodes ran last: weights and activations. 0 before a run.
std::size_t engine_bytes(Session& session);

/// What a report says of the machine: processor, cores, memory, system.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace isotherm
