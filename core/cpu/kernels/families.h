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
void register_color(KernelRegistry& r);
void register_compare(KernelRegistry& r);
void register_concat(KernelRegistry& r);
void register_convolution(KernelRegistry& r);
void register_dequantize(KernelRegistry& r);
void register_division(KernelRegistry& r);
void register_einsum(KernelRegistry& r);
void register_gather(KernelRegistry& r);
void register_index_reductions(KernelRegistry& r);
void register_linear_algebra(KernelRegistry& r);
void register_matmul(KernelRegistry& r);
void register_matrix_diag(KernelRegistry& r);
void register_neighbourhood(KernelRegistry& r);
void register_non_max_suppression(KernelRegistry& r);
void register_pad(KernelRegistry& r);
void register_pooling(KernelRegistry& r);
void register_quantize(KernelRegistry& r);
void register_recurrent(KernelRegistry& r);
void register_reductions(KernelRegistry& r);
void register_resize(KernelRegistry& r);
void register_scatter(KernelRegistry& r);
void register_select(KernelRegistry& r);
void register_sequence(KernelRegistry& r);
void register_shape(KernelRegistry& r);
void register_slice(KernelRegistry& r);
void register_softmax(KernelRegistry& r);
void register_space(KernelRegistry& r);
void register_special(KernelRegistry& r);
void register_tensor_array(KernelRegistry& r);
void register_tensor_list(KernelRegistry& r);
void register_top_k(KernelRegistry& r);
void register_transpose(KernelRegistry& r);
void register_unary(KernelRegistry& r);
void register_variables(KernelRegistry& r);

/// All of them.
void register_families(KernelRegistry& r);

}  // namespace isotherm::cpu
