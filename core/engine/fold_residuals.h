// Pass: the addition that ends a residual block becomes a post-op of the convolution before it.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Add of two tensors of one shape, one of them made by a convolution, deconvolution or matrix product for this
/// addition alone: the layer moves to the addition's place and adds the other tensor to its result. Of two such
/// layers the later one is taken, so that the earlier one's result is there when it runs.
Network fold_residuals(Network network);

}  // namespace isotherm
