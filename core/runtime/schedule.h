// The fast path: nodes without control flow, run in an order that is fixed once, with everything known beforehand that
// can be: where inputs and outputs lie, who reads a value last, which values are constants or another node's under a
// new name. Running a node looks nothing up and allocates nothing of its own.
#pragma once

#include <memory>
#include <vector>

#include "core/runtime/graph_program.h"

namespace isotherm {

/// None of the nodes is control flow. Errors: a placeholder that is needed and not fed; a constant whose value is
/// malformed.
Result<std::unique_ptr<Executable>> make_schedule(GraphProgram& program, const Excerpt& excerpt);

}  // namespace isotherm
