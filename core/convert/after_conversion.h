// What TF-TRT's converter has TensorFlow's optimiser do once the engines stand in the graph.
#pragma once

#include "core/convert/converter.h"

namespace isotherm {

/// With GraphPasses::tftrt: the last constant folding of the converted graph, which drops constants that only engines
/// read, and all passes on the bodies of its functions. `after`, its shapes and `map` follow. Nothing otherwise.
Status run_passes_after_conversion(Conversion& conversion);

}  // namespace isotherm
