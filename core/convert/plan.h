// The first half of a conversion: the segments that become engines, without the graph that holds them.
#pragma once

#include <functional>

#include "core/convert/converter.h"
#include "core/convert/prepare.h"

namespace isotherm {

/// Whether a node is a candidate although an engine cannot take it; for asking what support for an op would change.
using LiftRefusal = std::function<bool(NodeId node, const Refusal& refusal)>;

/// Segments, engines and reasons; `after` and `map` stay empty. `shapes`: those of `prepared.graph`.
Result<Conversion> plan_prepared(const Prepared& prepared, GraphShapes shapes, const LiftRefusal& lift = {});

}  // namespace isotherm
