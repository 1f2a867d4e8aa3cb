// IdentityN ties tensors together that need not be: what leads to no target is split off.
#pragma once

#include "core/passes/work_graph.h"

namespace isotherm::passes {

/// Gives each output of an IdentityN that leads to none of `terminals` an Identity of its own,
/// `<name>-<port>-grappler-ModelPruner`. True if anything changed.
bool split_identity_n(WorkGraph& graph, const std::vector<NameId>& terminals);

}  // namespace isotherm::passes
