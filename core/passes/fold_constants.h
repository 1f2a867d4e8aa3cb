// Constant folding, with the simplifications that TensorFlow's optimiser counts to it.
#pragma once

#include <string>
#include <vector>

#include "core/passes/node_evaluator.h"
#include "core/passes/pass_target.h"

namespace isotherm::passes {

/// A node whose inputs are constants and that stays nevertheless.
struct NotFolded {
  NameId node = -1;
  std::string reason;
};

/// Until nothing changes: shapes that are known become constants, nodes of constant inputs are computed, and nodes
/// that do nothing (a Mul by 1, a Reshape to the same shape, ..) or could do less are rewritten. Constants above
/// 100 KB are made only where they are no larger than what they are computed from. `evaluator` may be null: then
/// nothing is computed. Returns the nodes that could not be computed.
std::vector<NotFolded> fold_constants(WorkGraph& graph, const PassTarget& target, const NodeEvaluator* evaluator);

}  // namespace isotherm::passes
