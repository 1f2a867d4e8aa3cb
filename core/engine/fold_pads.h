// Pass: explicit Pad layers become the padding of the convolutions and poolings that read them.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Exact cases only, and only where every reader can take the padding, so that the Pad disappears:
///  - zeros before a convolution;
///  - zeros before an average pooling without padding of its own, which then counts them in its average;
///  - zeros before a max pooling whose input cannot be negative, and -infinity before any, where every window still
///    covers a real element: a max pooling's own padding counts as -infinity, and a real element is never below zero.
Network fold_pads(Network network);

}  // namespace isotherm
