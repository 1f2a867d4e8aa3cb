// What would have to change for more of a graph to become engines.
#pragma once

#include <string>
#include <vector>

#include "core/convert/what_if.h"
#include "core/graph/progress.h"

namespace isotherm {

/// A set of changes, none of which could be left out, and what it brings against the present settings.
struct Suggestion {
  std::vector<std::string> changes;  ///< "support for Log1p (3 nodes)", "--minimum-segment-size 2"
  int nodes_gained = 0;              ///< more nodes inside engines
  int engines = 0;                   ///< engines then
  std::vector<std::string> joined;   ///< engines of the present plan that become part of one
};

struct Suggestions {
  int engines = 0, nodes_inside = 0, nodes = 0;  ///< at present
  std::vector<Suggestion> ranked;                ///< most nodes gained first; fewer changes first among equals
};

/// Tries the support of each op that engines do not take (with each class of reason), each setting that keeps nodes
/// native, and what lies between two engines together; each trial is a segmentation of the graph. Errors as
/// plan_conversion(); cancelled.
Result<Suggestions> suggest(const WhatIf& what_if, const ConversionParams& params, const Progress& progress = {});

/// The `count` best as lines.
std::string suggestions_text(const Suggestions& suggestions, std::size_t count = 12);

}  // namespace isotherm
