// Pass: channelwise scale and shift (batch norm, bias, arithmetic with constants) become part of weights and bias.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// ScaleShift layers behind a convolution, deconvolution or matrix product whose result they alone read are folded into
/// its weights and bias, in double precision and rounded once for the whole chain. Chains of ScaleShift layers without
/// such a producer become one.
Network fold_scale_shift(Network network);

}  // namespace isotherm
