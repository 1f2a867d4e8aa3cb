// What this build is.
#pragma once

#include <string>

namespace isotherm::app {

/// "isotherm 0.1.0", then what it was built with and without, a line each.
std::string version_text();

}  // namespace isotherm::app
