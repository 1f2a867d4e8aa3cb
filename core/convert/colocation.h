// Colocation constraints of nodes: the attribute `_class` with its "loc:@NODE" entries.
#pragma once

#include <functional>
#include <string_view>

#include "core/graph/attr.h"

namespace isotherm {

/// Drops the constraints that name a node of which `exists` says no: TensorFlow refuses a graph that has them.
void drop_dangling_colocations(AttrMap& attrs, const std::function<bool(std::string_view)>& exists);

}  // namespace isotherm
