// What this machine offers for runs on a GPU: what works, what does not, and the remedy.
#pragma once

#include <string>
#include <vector>

#include "profiler/gpu_info.h"

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

/// A device that runs can be sent to, or the reason why not.
struct RunDevice {
  std::string name;   ///< "cpu", "cuda:0", as --device takes it
  std::string title;  ///< what it is: a card's name; empty where there is none
  Finding finding;    ///< `missing`: it cannot be used
  [[nodiscard]] bool usable() const { return finding.state != Finding::State::missing; }
};

/// "cpu", then the cards that the driver shows; "cuda:0" with the reason where it shows none. Asks the driver and opens
/// the CUDA device's module, without a context on a card; leaves CUPTI alone.
std::vector<RunDevice> run_devices(const std::string& toolkit);
/// The same from what the driver said: for each card the first thing that hinders it, else the card's own line.
std::vector<RunDevice> run_devices(const Result<DriverInfo>& driver, const std::string& toolkit, const Finding& module);

/// Whether this build's CUDA device can be opened.
Finding examine_cuda_module(const std::string& toolkit);

/// A card and whether the toolkit of the build serves it.
Finding examine_card(const GpuInfo& gpu);

/// Whether performance counters may be read here, as the driver's settings and the process's rights say.
Finding counters_by_settings(const std::string& driver_params, bool privileged);

/// Whether a driver that serves CUDA `driver` (13000 for 13.0) runs a program built with CUDA `toolkit` ("13.0").
Finding driver_serves_toolkit(int driver, const std::string& toolkit);

}  // namespace isotherm
