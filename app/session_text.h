// What several sub-commands say of a session.
#pragma once

#include <string>

#include "app/json.h"
#include "profiler/session_data.h"

namespace isotherm::app {

/// "recorder: CUPTI, .." or why there was no better one, a line each; empty on the CPU device.
std::string recorder_lines(const SessionData& session);

/// The memory of each mode's run and, where they were recorded, the numeric errors with the `worst` tensors: a line each.
/// Empty for a session without.
std::string value_lines(const SessionData& session, std::size_t worst = 5);
/// The same for scripts: {"memory": {mode: {..}}, "numeric_error": {..} or null}, every tensor, worst first.
Json values_json(const SessionData& session);

/// By mode: how complete the device's records are.
Json coverage_json(const SessionData& session);

}  // namespace isotherm::app
