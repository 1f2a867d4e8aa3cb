// One function per family of ops.
#pragma once

#include "core/cpu/registry.h"

namespace isotherm::cpu {

void register_activations(KernelRegistry& r);
void register_arithmetic(KernelRegistry& r);
void register_audio(KernelRegistry& r);
void register_batch_norm(KernelRegistry& r);
void register_bias(KernelRegistry& r);
void register_cast(KernelRegistry& r);
void register_compare(KernelRegistry& r);
void register_concat(KernelRegistry& r);
void register_convolution(KernelRegistry& r);
void register_dequantize(KernelRegistry& r);
void register_index_reductions(KernelRegistry& r);
void register_matmul(KernelRegistry& r);
void register_pad(KernelRegistry& r);
void register_pooling(KernelRegistry& r);
void register_reductions(KernelRegistry& r);
void register_shape(KernelRegistry& r);
void register_slice(KernelRegistry& r);
void register_softmax(KernelRegistry& r);
void register_space(KernelRegistry& r);
void register_transpose(KernelRegistry& r);
void register_unary(KernelRegistry& r);

/// All of them.
void register_families(KernelRegistry& r);

}  // namespace isotherm::cpu
