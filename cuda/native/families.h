// The families of kernels: each registers its ops.
#pragma once

#include "cuda/native/registry.h"

namespace isotherm::cuda {

void register_elementwise(KernelRegistry& r);
void register_normalisation(KernelRegistry& r);
void register_convolution(KernelRegistry& r);
void register_pooling(KernelRegistry& r);
void register_reductions(KernelRegistry& r);
void register_matmul(KernelRegistry& r);
void register_shape(KernelRegistry& r);
void register_movement(KernelRegistry& r);

}  // namespace isotherm::cuda
