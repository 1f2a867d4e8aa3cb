// Devices by name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/runtime/device.h"
#include "core/runtime/device_module.h"
#include "core/runtime/session.h"

namespace isotherm {

/// N of "cuda:N" ("cuda" is the first); nothing for other names.
std::optional<int> gpu_index(std::string_view name);

/// The device that --device names: "cpu", "cuda:N" (set up as `gpu` says, but for its index). An error names what there
/// is, and for a GPU what is missing.
Result<std::shared_ptr<Device>> open_device(std::string_view name, int threads, const GpuOptions& gpu = {});

/// Session options for runs on it: engines go through the device's plans. `allow_native_segments`: see there.
SessionOptions session_options(int threads, bool use_engines, bool allow_native_segments = true);

/// Device memory of the plans that the session's engine nodes ran last: weights and activations. 0 before a run.
std::size_t engine_bytes(Session& session);

/// What a report says of the machine: processor, cores, memory, system.
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace isotherm
