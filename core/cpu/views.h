// Kernels of the ops that give their input another shape. No element moves, so they serve tensors of any device, whose
// sizes and axes are on the host.
#pragma once

#include "core/runtime/kernel.h"

namespace isotherm::cpu {

/// Input 0 in the shape that input 1 says, one dimension of which may be -1.
Status run_reshape(KernelContext& context, const Node& node);
/// Input 0 with a dimension of 1 at the axis that input 1 says.
Status run_expand_dims(KernelContext& context, const Node& node);
/// Input 0 without its dimensions of 1, all or those of the attribute squeeze_dims.
Status run_squeeze(KernelContext& context, const Node& node);

}  // namespace isotherm::cpu
