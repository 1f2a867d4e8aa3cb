// The part of a graph that a picture is limited to: the neighbourhood of something, or the ways between two things.
#pragma once

#include <string>
#include <vector>

#include "core/render/build_side.h"

namespace isotherm::render {

/// By node id of the side's graph; empty: all is shown. A name means a node, all nodes of a scope, or, from the other
/// side of a conversion, what became of it: the engine of a node before, the segment of an engine after. Constants and
/// weight reads count no hop and are shown with their readers.
/// Errors: a name that the side does not have; no way between the two ends of a path.
Result<std::vector<bool>> shown_part(const SideSource& source, const SceneOptions& options);

}  // namespace isotherm::render
