// Graphs for tests, written as lines: "name = Op(input, other:1, ^control) @device".
#pragma once

#include <memory>
#include <string>

#include "core/graph/graph.h"

namespace isotherm::testing {

/// One node a line; device and parentheses may be missing. Fails the test and returns null on a malformed sketch.
std::shared_ptr<const Graph> sketch(const std::string& text);

}  // namespace isotherm::testing
