// The part of a function library that a graph uses.
#pragma once

#include <memory>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// The functions that `nodes` lead to, by their op's name or in an attribute, and those that these lead to, in the
/// library's order.
std::shared_ptr<const FunctionLibrary> reachable_functions(const std::vector<NodeRecord>& nodes,
                                                           const FunctionLibrary& library);

}  // namespace isotherm
