// Whether two graphs are the same, in words.
#pragma once

#include <string>

#include "core/graph/graph.h"

namespace isotherm::testing {

/// The first difference: nodes in their order, ops, devices, data inputs in order, control inputs as a set, attributes.
/// Constants of floats may err by 1e-5 of their largest value. Empty if there is none.
std::string first_difference(const Graph& expected, const Graph& found);

}  // namespace isotherm::testing
