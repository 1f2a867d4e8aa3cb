// What this machine offers for runs on a GPU: what works, what does not, and the remedy.
#pragma once

#include <string>
#include <vector>

namespace isotherm {

struct Finding {
  enum class State {
    works,
    limited,  ///< something is missing, and something else does its work
    missing,  ///< what depends on it cannot be done here
  } state = State::works;
  std::string subject;  ///< "driver", "cuDNN"
  std::string text;     ///< one line
  std::string remedy;   ///< what to do; empty where it works
};
/// "works", "limited", "missing".
std::string finding_state_name(Finding::State state);

/// Looks at everything, from the driver up; a few seconds with a card, at once without one. Never fails: what cannot be
/// found out is a finding. `toolkit`: the CUDA version of the build, empty if it has no CUDA device.
std::vector<Finding> examine_machine(const std::string& toolkit);

/// Whether performance counters may be read here, as the driver's settings and the process's rights say.
Finding counters_by_settings(const std::string& driver_params, bool privileged);

/// Whether a driver that serves CUDA `driver` (13000 for 13.0) runs a program built with CUDA `toolkit` ("13.0").
Finding driver_serves_toolkit(int driver, const std::string& toolkit);

}  // namespace isotherm
