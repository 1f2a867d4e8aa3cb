// Pass: single nodes become layers of a kind, with typed attributes and their constants as weights.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Sets kind, attributes (layers.h), weights and data inputs of every layer whose op, dtypes, shapes and constant
/// inputs allow it; the others stay `native`. Constants that became weights or attributes are no inputs any more.
Network recognise_layers(Network network);

/// What a recogniser sees: one layer of a single node. Recognisers change the layer only when they return true.
class LayerView {
 public:
  LayerView(Network& network, Layer& layer);
  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] Layer& layer() { return layer_; }
  [[nodiscard]] int inputs() const { return static_cast<int>(layer_.native_inputs.size()); }
  [[nodiscard]] const Shape& input_shape(int i) const { return tensor(i).shape; }
  [[nodiscard]] const Shape& output_shape() const;
  /// The value of a constant input, invalid if it is none.
  [[nodiscard]] const Tensor& constant(int i) const { return tensor(i).constant; }
  /// Output and input `i` are float32 and of static shape.
  [[nodiscard]] bool is_float(int i) const;
  [[nodiscard]] bool channels_first() const;
  /// Integers of a constant input; false if it is none.
  bool integers(int i, std::vector<std::int64_t>& values) const;
  /// The layer reads these inputs only; what was folded into the others is the layer's.
  void keep_inputs(const std::vector<int>& indices);

 private:
  [[nodiscard]] const NetworkTensor& tensor(int i) const;
  Network& network_;
  Layer& layer_;
  const Node* node_;
};

// The recognisers by family; each true if the layer is of its family.
bool recognise_convolution(LayerView& view);
bool recognise_deconvolution(LayerView& view);
bool recognise_matmul(LayerView& view);
bool recognise_pooling(LayerView& view);
bool recognise_scale_shift(LayerView& view);
bool recognise_elementwise(LayerView& view);
bool recognise_reduce(LayerView& view);
bool recognise_softmax(LayerView& view);
bool recognise_concat(LayerView& view);
bool recognise_shuffle(LayerView& view);
bool recognise_pad(LayerView& view);

}  // namespace isotherm
