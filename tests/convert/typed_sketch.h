// Sketches whose nodes have the attributes that conversion looks at.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/graph/graph.h"

namespace isotherm::testing {

/// As sketch(), and: Placeholders are float32 [?,8] (or of `shapes`), Const nodes float32 [8], Cast goes from int32 to
/// float32, everything else is of float32.
std::shared_ptr<const Graph> typed_sketch(const std::string& text, const std::map<std::string, Shape>& shapes = {});

}  // namespace isotherm::testing
