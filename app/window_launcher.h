// Starts the window program, which stands beside this one: the command line itself links no Qt.
#pragma once

#include <string>
#include <vector>

#include "core/graph/status.h"

namespace isotherm::app {

/// The absolute path of the running program.
std::string program_path(const char* argv0);

/// Replaces this process by isotherm-window with the files. An error says what is missing, Qt or a display, and what
/// works without it.
Status open_window(const std::string& program, const std::vector<std::string>& files);

}  // namespace isotherm::app
