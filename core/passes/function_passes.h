// Graph passes on the body of a function.
#pragma once

#include "core/graph/graph.h"
#include "core/passes/node_evaluator.h"

namespace isotherm {

/// The function after the passes of both run_passes_before_trt() and run_passes_after_trt(); TF-TRT makes no engines
/// inside functions. Arguments, results, control results and stateful nodes stay. A function whose types or
/// attributes the caller decides, or whose graph has fewer than kFewestNodesForPasses nodes, or on which passes fail,
/// comes back as it is. An error is a body that cannot be made a graph.
Result<Function> run_passes_on_function(const FunctionLibrary& library, const Function& function,
                                        const NodeEvaluator* evaluator);

}  // namespace isotherm
