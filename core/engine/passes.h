// The passes from one layer per node to the layers of an engine. Each is a pure function of the network in its own
// file; run_passes names their order and leaves a note per pass.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Runs all passes (those that fuse only with options.fuse).
Result<Network> run_passes(Network network, const NetworkOptions& options);

}  // namespace isotherm
