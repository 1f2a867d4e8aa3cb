// Pass: layers that pass their input on unchanged disappear.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Identity, StopGradient, Snapshot, PreventGradient; Cast to the same type; Transpose by the identity; Pad by nothing;
/// Reshape, Squeeze and ExpandDims to the same shape; Mul by one, Add and Sub of zero (scalars or whole tensors) where
/// the shape stays, which is what a Dropout leaves behind at inference. At least one layer always stays.
Network remove_no_ops(Network network);

/// Pass: layers whose outputs nobody reads disappear; their nodes go to the layers that fed them.
Network remove_dead_layers(Network network);

}  // namespace isotherm
