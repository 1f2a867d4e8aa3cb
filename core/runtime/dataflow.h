// The general executor: tokens that carry frame, iteration and deadness, as in TensorFlow's executor.
//
// A node runs in an iteration of a frame when all its inputs have arrived there; a Merge when the first live one has. A
// node with a dead input does not run: its outputs are dead. Switch sends its value one way and a dead token the other.
// Enter opens a frame (one instance per outer iteration), Exit leaves it, NextIteration goes to the frame's next
// iteration. A loop whose Enters are dead runs one dead iteration, and its Exits are dead outside.
//
// One thread issues all work, so a frame runs one iteration at a time: values for the next one wait until nothing of
// the current one is left. TensorFlow's parallel_iterations = 1 is the same; results do not depend on it.
#pragma once

#include <memory>
#include <vector>

#include "core/runtime/graph_program.h"

namespace isotherm {

/// Errors: nodes whose frames contradict each other; a feed or fetch inside a loop; a constant whose value is malformed.
Result<std::unique_ptr<Executable>> make_dataflow(GraphProgram& program, const Excerpt& excerpt);

}  // namespace isotherm
