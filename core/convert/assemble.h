// The converted graph: native nodes as they were, engines in place of their segments.
#pragma once

#include <memory>
#include <vector>

#include "core/convert/converter.h"
#include "core/convert/native_segment.h"

namespace isotherm {

/// Builds `conversion.after`, its shapes and `conversion.map` from `conversion.before`, the segmentation that is left
/// and the engines (in segment order), whose `node` is filled in. An engine stands where its first member stood.
/// Readers of a member's tensor read the engine's port; control edges into and out of a segment become the engine's,
/// those from Const nodes outside are left out, as are functions that no node leads to any more.
Status assemble(Conversion& conversion, const Prepared& prepared);

}  // namespace isotherm
