// Last pass: every node of the source graph gets its layer, and what is not used any more goes.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Nodes still folded into tensors go to the first layer that reads the tensor, else to the one that makes it, else to
/// the first layer; the sources of each layer are put in topological order; unused tensors are removed.
Result<Network> finish_network(Network network);

}  // namespace isotherm
