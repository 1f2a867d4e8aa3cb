// Constants of graph passes, computed on the CPU device.
#pragma once

#include <memory>

#include "core/passes/node_evaluator.h"

namespace isotherm {

/// Runs single nodes on a CPU device of its own, on one thread. Functions are not called.
std::shared_ptr<const NodeEvaluator> make_cpu_node_evaluator();

}  // namespace isotherm
