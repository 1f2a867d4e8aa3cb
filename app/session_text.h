// What several sub-commands say of a session.
#pragma once

#include <string>

#include "app/json.h"
#include "profiler/session_data.h"

namespace isotherm::app {

/// "recorder: CUPTI, .." or why there was no better one, a line each; empty on the CPU device.
std::string recorder_lines(const SessionData& session);

/// By mode: how complete the device's records are.
Json coverage_json(const SessionData& session);

}  // namespace isotherm::app
