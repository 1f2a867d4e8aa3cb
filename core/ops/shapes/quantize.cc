// Quantization, real and simulated.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Inputs 1 and 2, the range: scalars, or vectors along attribute "axis".
Result<ShapeHandle> check_range(ShapeContext& c) {
  const std::int64_t axis = c.attrs().get_int("axis", -1);
  if (axis < -1 || axis > 254) return invalid_input("axis " + std::to_string(axis) + " found, expected -1 or more");
  ISO_ASSIGN(ShapeHandle range, c.with_rank(c.input(1), axis == -1 ? 0 : 1));
  ISO_ASSIGN(range, c.merge(c.input(2), range));
  if (axis != -1) {
    ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), axis + 1));
    ISO_TRY(c.merge(c.dim(range, 0), c.dim(input, axis)).status());
  }
  return range;
}

Status quantize_and_dequantize(ShapeContext& c) {
  ISO_TRY(check_range(c).status());
  if (c.inputs() > 3) ISO_TRY(c.with_rank(c.input(3), 0).status());
  c.set_output(0, c.input(0));
  return {};
}

Status dequantize(ShapeContext& c) {
  ISO_TRY(check_range(c).status());
  c.set_output(0, c.input(0));
  return {};
}

Status quantize_v2(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle range, check_range(c));
  c.set_output(0, c.input(0));
  c.set_output(1, range);
  c.set_output(2, range);
  return {};
}

Status fake_quant_vars(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  c.set_output(0, c.input(0));
  return {};
}

/// The range has one entry a channel, the last dimension.
Status fake_quant_per_channel(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const ShapeHandle low, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle high, c.with_rank(c.input(2), 1));
  const DimHandle channels = c.dim(input, -1);
  ISO_TRY(c.merge(channels, c.dim(low, 0)).status());
  ISO_TRY(c.merge(channels, c.dim(high, 0)).status());
  ISO_TRY(c.merge(c.dim(low, 0), c.dim(high, 0)).status());
  c.set_output(0, input);
  return {};
}

/// Results keep the shape, their range is two scalars.
Status quantized_unary(ShapeContext& c) {
  c.set_output(0, c.input(0));
  c.set_output(1, c.scalar());
  c.set_output(2, c.scalar());
  return {};
}

}  // namespace

void register_quantize_shapes(ShapeRegistry& registry) {
  registry.add({"QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3", "QuantizeAndDequantizeV4"},
               quantize_and_dequantize);
  registry.add("QuantizeAndDequantize", unchanged);
  registry.add("Dequantize", dequantize);
  registry.add("QuantizeV2", quantize_v2);
  registry.add("FakeQuantWithMinMaxArgs", unchanged);
  registry.add("FakeQuantWithMinMaxVars", fake_quant_vars);
  registry.add("FakeQuantWithMinMaxVarsPerChannel", fake_quant_per_channel);
  registry.add({"QuantizedRelu", "QuantizedRelu6", "Requantize", "QuantizeDownAndShrinkRange"}, quantized_unary);
}

}  // namespace isotherm::shapes
