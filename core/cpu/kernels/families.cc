#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {

void register_families(KernelRegistry& r) {
  register_activations(r);
  register_arithmetic(r);
  register_audio(r);
  register_batch_norm(r);
  register_bias(r);
  register_cast(r);
  register_color(r);
  register_compare(r);
  register_concat(r);
  register_convolution(r);
  register_dequantize(r);
  register_division(r);
  register_einsum(r);
  register_gather(r);
  register_index_reductions(r);
  register_linear_algebra(r);
  register_matmul(r);
  register_matrix_diag(r);
  register_neighbourhood(r);
  register_non_max_suppression(r);
  register_pad(r);
  register_pooling(r);
  register_quantize(r);
  register_recurrent(r);
  register_reductions(r);
  register_resize(r);
  register_scatter(r);
  register_select(r);
  register_sequence(r);
  register_shape(r);
  register_slice(r);
  register_softmax(r);
  register_space(r);
  register_special(r);
  register_tensor_array(r);
  register_tensor_list(r);
  register_top_k(r);
  register_transpose(r);
  register_unary(r);
  register_variables(r);
}

}  // namespace isotherm::cpu
