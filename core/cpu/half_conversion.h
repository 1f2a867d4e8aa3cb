// Whole tensors between 16-bit floats and float32.
#pragma once

#include "core/graph/tensor.h"

namespace isotherm::cpu {

/// `half` is float16 or bfloat16; `out` takes as many elements.
void half_to_float(const Tensor& half, float* out);
/// Rounds to nearest, ties to even.
void float_to_half(const float* in, Tensor& half);

}  // namespace isotherm::cpu
