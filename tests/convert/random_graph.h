// Random graphs of convertible and native ops.
#pragma once

#include <memory>
#include <random>

#include "core/graph/graph.h"

namespace isotherm::testing {

/// A graph of 8 to 70 nodes: float32 [?,8] throughout, with constants, casts, ops of several outputs, control edges,
/// devices, colocation constraints and old shapes. The same state of `random` gives the same graph.
std::shared_ptr<const Graph> random_graph(std::mt19937& random);

}  // namespace isotherm::testing
