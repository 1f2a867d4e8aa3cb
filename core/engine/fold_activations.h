// Pass: activations become post-ops of the layer that makes their input.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Whether a device must be able to run the layer with post-ops: convolution, deconvolution, matrix product with
/// constant weights, ScaleShift, and arithmetic on two tensors of which one has the result's shape.
bool takes_post_ops(const Network& network, const Layer& layer);

/// Relu, Relu6, Sigmoid, Tanh, Elu, LeakyRelu, Softplus, Abs, Exp, Square whose input nobody else reads.
Network fold_activations(Network network);

}  // namespace isotherm
