// Takes the effect out of nodes that are there for debugging.
#pragma once

#include "core/passes/work_graph.h"

namespace isotherm::passes {

/// Assert and PrintV2 become NoOp, CheckNumerics and Print become Identity; inputs that are then too many become
/// control inputs.
void strip_debug(WorkGraph& graph);

}  // namespace isotherm::passes
