#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {

void register_families(KernelRegistry& r) {
  register_activations(r);
  register_arithmetic(r);
  register_audio(r);
  register_batch_norm(r);
  register_bias(r);
  register_cast(r);
  register_compare(r);
  register_concat(r);
  register_convolution(r);
  register_dequantize(r);
  register_index_reductions(r);
  register_matmul(r);
  register_pad(r);
  register_pooling(r);
  register_reductions(r);
  register_shape(r);
  register_slice(r);
  register_softmax(r);
  register_space(r);
  register_transpose(r);
  register_unary(r);
}

}  // namespace isotherm::cpu
