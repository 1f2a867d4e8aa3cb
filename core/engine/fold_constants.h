// Pass: layers whose inputs are all constants become constants.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Runs constant sub-graphs once, on `options.evaluator`, Dequantize of weights included. Random and other stateful ops
/// stay. A layer whose kernel is missing or fails stays too: the plan will say why. The nodes that disappear are
/// `folded` into the constants they made. Results above 256 MiB that grew from smaller inputs (Fill, Tile) stay layers.
Result<Network> fold_constants(Network network, const NetworkOptions& options);

}  // namespace isotherm
