// Pass: reshapes become views, which no layer makes.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Reshape, Squeeze and ExpandDims with static shapes. Their nodes go to a neighbouring layer; at least one layer
/// stays.
Network elide_views(Network network);

}  // namespace isotherm
