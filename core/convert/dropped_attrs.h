// Attributes that a conversion leaves out.
#pragma once

#include <array>
#include <string_view>

#include "core/graph/attr.h"

namespace isotherm {

/// Grappler, which runs TF-TRT's pass, takes these off every node of the graph: colocation constraints, some of which
/// would name nodes that are gone, so that TensorFlow refuses the graph; and shapes inferred long ago.
inline constexpr std::array<std::string_view, 2> kDroppedAttrs = {"_class", "_output_shapes"};

inline void drop_attrs(AttrMap& attrs) {
  for (const std::string_view name : kDroppedAttrs) attrs.erase(name);
}

}  // namespace isotherm
