#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {

const ShapeRegistry& shape_registry() {
  static const ShapeRegistry registry = [] {
    ShapeRegistry r;
    register_array_shapes(r);
    register_audio_shapes(r);
    register_control_shapes(r);
    register_conv_shapes(r);
    register_data_flow_shapes(r);
    register_elementwise_shapes(r);
    register_gather_shapes(r);
    register_image_shapes(r);
    register_linalg_shapes(r);
    register_loss_shapes(r);
    register_matmul_shapes(r);
    register_norm_shapes(r);
    register_pooling_shapes(r);
    register_quantize_shapes(r);
    register_random_shapes(r);
    register_reduction_shapes(r);
    register_reshape_shapes(r);
    register_rnn_shapes(r);
    register_slice_shapes(r);
    register_space_shapes(r);
    register_string_shapes(r);
    register_training_shapes(r);
    register_variable_shapes(r);
    return r;
  }();
  return registry;
}

}  // namespace isotherm::shapes
