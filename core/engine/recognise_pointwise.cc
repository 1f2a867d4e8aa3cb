// Pointwise layers: channelwise scale and shift by constants, activations, arithmetic on two tensors.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/engine/layers.h"
#include "core/engine/recognise_layers.h"

namespace isotherm {
namespace {

/// A float64 vector tensor of a function of the index.
template <class F>
Tensor doubles(std::int64_t n, F value) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = value(i);
  return Tensor::vector(values);
}

void set_scale_shift(LayerView& view, int data_input, Tensor scale, Tensor shift, int channel_axis) {
  Layer& layer = view.layer();
  layer.kind = LayerKind::elementwise;
  layer.attrs.set("op", std::string("ScaleShift"));
  layer.attrs.set("channel_axis", static_cast<std::int64_t>(channel_axis));
  layer.weights = std::move(scale);
  layer.bias = std::move(shift);
  layer.outputs.resize(1);
  view.keep_inputs({data_input});
  layer.native_node = kNoNode;
}

/// The axis of `data` along which a constant of that shape varies when it is broadcast to it: the last one for a
/// single value, -1 if it varies along several or makes the result larger.
int varying_axis(const Shape& constant, const Shape& data) {
  if (constant.rank() > data.rank() || data.rank() == 0) return -1;
  const int shift = data.rank() - constant.rank();
  int axis = data.rank() - 1, varying = 0;
  for (int i = 0; i < constant.rank(); ++i) {
    if (constant.dim(i) == 1) continue;
    if (constant.dim(i) != data.dim(i + shift)) return -1;
    axis = i + shift;
    ++varying;
  }
  return varying <= 1 ? axis : -1;
}

bool recognise_batch_norm(LayerView& view) {
  const Node& node = view.node();
  if (!node.op.starts_with("FusedBatchNorm") || node.op.ends_with("Grad") || node.attrs.get_bool("is_training", true))
    return false;
  if (view.inputs() < 5 || !view.is_float(0) || view.input_shape(0).rank() < 2) return false;
  const int axis = view.channels_first() ? 1 : view.input_shape(0).rank() - 1;
  const std::int64_t channels = view.input_shape(0).dim(axis);
  for (int i = 1; i < 5; ++i)
    if (!view.constant(i).valid() || view.constant(i).elements() != channels ||
        view.constant(i).dtype() != DType::float32)
      return false;
  const double epsilon = node.attrs.get_float("epsilon", 1e-4f);
  const auto factor = [&](std::int64_t c) {
    return number_at(view.constant(1), c) / std::sqrt(number_at(view.constant(4), c) + epsilon);
  };
  Tensor scale = doubles(channels, factor);
  Tensor shift = doubles(channels, [&](std::int64_t c) {
    return number_at(view.constant(2), c) - number_at(view.constant(3), c) * factor(c);
  });
  set_scale_shift(view, 0, std::move(scale), std::move(shift), axis);
  return true;
}

bool recognise_bias_add(LayerView& view) {
  if (view.node().op != "BiasAdd" || !view.is_float(0) || view.inputs() < 2 || view.input_shape(0).rank() < 2)
    return false;
  const int axis = view.channels_first() ? 1 : view.input_shape(0).rank() - 1;
  const Tensor& bias = view.constant(1);
  if (!bias.valid() || bias.dtype() != DType::float32 || bias.elements() != view.input_shape(0).dim(axis)) return false;
  set_scale_shift(view, 0, Tensor(), doubles(bias.elements(), [&](std::int64_t c) { return number_at(bias, c); }),
                  axis);
  return true;
}

bool recognise_constant_arithmetic(LayerView& view) {
  const std::string& op = view.node().op;
  const bool add = op == "Add" || op == "AddV2", sub = op == "Sub", mul = op == "Mul", div = op == "RealDiv";
  if (!(add || sub || mul || div) || view.inputs() != 2 || !view.is_float(0) || !view.is_float(1)) return false;
  const int data = view.constant(0).valid() ? 1 : 0;
  const Tensor& c = view.constant(1 - data);
  if (!c.valid() || view.constant(data).valid() || (div && data == 1)) return false;
  const int axis = varying_axis(c.shape(), view.input_shape(data));
  if (axis < 0 || view.input_shape(data) != view.output_shape() || c.elements() == 0) return false;
  const auto value = [&](std::int64_t i) { return number_at(c, i); };
  Tensor scale, shift;
  if (add) shift = doubles(c.elements(), value);
  if (mul) scale = doubles(c.elements(), value);
  if (div) scale = doubles(c.elements(), [&](std::int64_t i) { return 1.0 / value(i); });
  if (sub && data == 0) shift = doubles(c.elements(), [&](std::int64_t i) { return -value(i); });
  if (sub && data == 1) {
    shift = doubles(c.elements(), value);
    scale = doubles(1, [](std::int64_t) { return -1.0; });
  }
  set_scale_shift(view, data, std::move(scale), std::move(shift), axis);
  return true;
}

}  // namespace

bool recognise_scale_shift(LayerView& view) {
  return recognise_batch_norm(view) || recognise_bias_add(view) || recognise_constant_arithmetic(view);
}

bool recognise_elementwise(LayerView& view) {
  const std::string& op = view.node().op;
  constexpr std::array<std::string_view, 8> binary = {"Add",     "AddV2",   "Sub",     "Mul",
                                                      "RealDiv", "Maximum", "Minimum", "BiasAdd"};
  constexpr std::array<std::string_view, 34> by_node = {
      "Abs",      "Acos",       "Asin",       "Atan",    "Ceil",
      "Cos",      "Cosh",       "Erf",        "Exp",     "Floor",
      "Log",      "Neg",        "Reciprocal", "Rint",    "Round",
      "Rsqrt",    "Selu",       "Sign",       "Sin",     "Sinh",
      "Softplus", "Softsign",   "Sqrt",       "Square",  "SquaredDifference",
      "Tan",      "Pow",        "FloorDiv",   "Greater", "Less",
      "Equal",    "LogicalAnd", "LogicalOr",  "Select"};
  PostOp activation;
  Layer& layer = view.layer();
  if (activation_post_op(view.node(), activation)) {
    layer.kind = LayerKind::elementwise;
    layer.attrs.set("op", op);
    if (op == "LeakyRelu") layer.attrs.set("alpha", activation.alpha);
    return true;
  }
  if (std::find(binary.begin(), binary.end(), op) != binary.end() && view.inputs() == 2) {
    layer.kind = LayerKind::elementwise;
    layer.attrs.set("op", op == "AddV2" ? std::string("Add") : op);
    return true;
  }
  if (std::find(by_node.begin(), by_node.end(), op) == by_node.end()) return false;
  layer.kind = LayerKind::elementwise;
  layer.attrs.set("op", op);
  return true;
}

}  // namespace isotherm
