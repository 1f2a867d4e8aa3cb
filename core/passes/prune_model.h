// Removes what the targets do not need, and nodes that only pass a tensor on.
#pragma once

#include "core/passes/pass_target.h"

namespace isotherm::passes {

/// Keeps the transitive fan-in of the preserved nodes, splits what no target needs off IdentityN nodes, then bypasses
/// trivial Identity, StopGradient, PreventGradient, NoOp and AddN nodes and drops constants that nothing reads. A node
/// stays where its removal would make more edges, where its input is of another device, a function's or a reference.
/// An error is a preserved node, or an input, that does not exist.
Status prune_model(WorkGraph& graph, const PassTarget& target);

}  // namespace isotherm::passes
