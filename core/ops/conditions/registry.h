// The ops that TF-TRT has converters for, each with its conditions. Sources: TensorFlow 2.17.1's registry of
// converters and their validation, as built for TensorRT 8.6.1.
#pragma once

#include <initializer_list>
#include <string_view>
#include <unordered_map>

#include "core/ops/conditions/context.h"

namespace isotherm::conditions {

class Registry {
 public:
  /// Gives each of `ops` the same conditions. The names must outlive the registry (literals).
  void add(std::initializer_list<std::string_view> ops, const Conditions& conditions) {
    for (const std::string_view op : ops) table_.emplace(op, conditions);
  }
  /// Null where TF-TRT has no converter.
  [[nodiscard]] const Conditions* find(std::string_view op) const {
    const auto found = table_.find(op);
    return found == table_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::size_t size() const { return table_.size(); }

 private:
  std::unordered_map<std::string_view, Conditions> table_;
};

/// One for each file of this folder.
void register_sources(Registry& r);     // Const, variables, Identity, Shape, Fill, Range, likes
void register_arithmetic(Registry& r);  // binary, unary, activation, Cast, Softmax
void register_convolutions(Registry& r);
void register_pooling(Registry& r);          // pooling and batch normalization
void register_matrix_products(Registry& r);  // MatMul, BatchMatMul, Einsum
void register_layout(Registry& r);           // Reshape, Transpose, Squeeze, ExpandDims, depth and space
void register_slicing(Registry& r);          // Slice, StridedSlice, Split, Unpack
void register_joining(Registry& r);          // Pack, ConcatV2, Pad, Tile, GatherV2
void register_selection(Registry& r);        // Select, reductions, ArgMax, TopK
void register_images(Registry& r);           // Resize, CombinedNonMaxSuppression
void register_quantization(Registry& r);

/// All of them; made on first use.
const Registry& registry();

}  // namespace isotherm::conditions
