// Shape functions by op. Adding an op: a function in the file of its family and a line in that file's register
// function.
#pragma once

#include <string_view>
#include <unordered_map>

#include "core/ops/shapes/context.h"

namespace isotherm::shapes {

/// Sets the shape of every output from the inputs' shapes and the attributes. An error is what contradicts the op's
/// definition: what was found and what was expected; the caller adds node and inputs.
using ShapeFunction = Status (*)(ShapeContext&);

class ShapeRegistry {
 public:
  void add(std::string_view op, ShapeFunction function) { functions_[op] = function; }
  void add(std::initializer_list<std::string_view> ops, ShapeFunction function) {
    for (const std::string_view op : ops) add(op, function);
  }
  /// Null for an op without a shape function.
  [[nodiscard]] ShapeFunction find(std::string_view op) const {
    const auto it = functions_.find(op);
    return it == functions_.end() ? nullptr : it->second;
  }
  [[nodiscard]] std::size_t size() const { return functions_.size(); }

 private:
  std::unordered_map<std::string_view, ShapeFunction> functions_;  ///< keys are literals
};

void register_array_shapes(ShapeRegistry& registry);
void register_audio_shapes(ShapeRegistry& registry);
void register_control_shapes(ShapeRegistry& registry);
void register_conv_shapes(ShapeRegistry& registry);
void register_data_flow_shapes(ShapeRegistry& registry);
void register_elementwise_shapes(ShapeRegistry& registry);
void register_gather_shapes(ShapeRegistry& registry);
void register_image_shapes(ShapeRegistry& registry);
void register_linalg_shapes(ShapeRegistry& registry);
void register_loss_shapes(ShapeRegistry& registry);
void register_matmul_shapes(ShapeRegistry& registry);
void register_norm_shapes(ShapeRegistry& registry);
void register_pooling_shapes(ShapeRegistry& registry);
void register_quantize_shapes(ShapeRegistry& registry);
void register_random_shapes(ShapeRegistry& registry);
void register_reduction_shapes(ShapeRegistry& registry);
void register_reshape_shapes(ShapeRegistry& registry);
void register_rnn_shapes(ShapeRegistry& registry);
void register_slice_shapes(ShapeRegistry& registry);
void register_space_shapes(ShapeRegistry& registry);
void register_string_shapes(ShapeRegistry& registry);
void register_training_shapes(ShapeRegistry& registry);
void register_variable_shapes(ShapeRegistry& registry);

/// All of the above. Made on first use.
const ShapeRegistry& shape_registry();

}  // namespace isotherm::shapes
