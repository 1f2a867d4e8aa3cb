// Colocation constraints of nodes: the attribute `_class` with its "loc:@NODE" entries.
#pragma once

#include <functional>
#include <string_view>

#include "core/graph/attr.h"

namespace isotherm {

/// The node that an entry of `_class` names; empty for an entry of another kind.
std::string_view colocated_node(std::string_view entry);

/// Drops the constraints that name a node of which `exists` says no: TensorFlow refuses a graph that has them.
void drop_dangling_colocations(AttrMap& attrs, const std::function<bool(std::string_view)>& exists);

}  // namespace isotherm
