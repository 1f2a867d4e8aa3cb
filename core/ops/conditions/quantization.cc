// Quantization ops. They count as supported in INT8 mode alone, which engine_refusal() asks first.
#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16;

/// With QuantizeAndDequantizeV2 in the graph the older ops have no way into the engine.
Verdict fake_quant(const Context& c) {
  if (!c.options.explicit_precision) return {};
  return refuse(
      c.op(),
      " is not supported in a graph with QuantizeAndDequantizeV2 (explicit precision); TF-TRT gives no reason here");
}

Verdict quantize_and_dequantize_v2(const Context& c) {
  if (!c.options.explicit_precision) return {};
  if (c.in(1).number() == 0 && c.in(2).number() == 0) {
    return refuse("TRT_ENSURE failure: input_min and input_max of ", c.op(), " are both 0 (", c.name(1), ", ",
                  c.name(2), "), one must differ from 0");
  }
  return {};
}

Verdict quantize_and_dequantize_v3(const Context& c) {
  if (c.options.explicit_precision) {
    return refuse("No attr named 'round_mode' in ", c.op(),
                  ": it is not supported in a graph with QuantizeAndDequantizeV2 (explicit precision)");
  }
  if (c.node.attrs.get_type("T") == h) {
    return refuse("Data type half is not supported for ", c.op(),
                  ", must be one of [float] (attribute 'T'; TF-TRT itself aborts here)");
  }
  return {};
}

}  // namespace

void register_quantization(Registry& r) {
  const std::vector<DType> types = {f, h};
  r.add({"FakeQuantWithMinMaxVars"}, {.roles = {{"input", kB}, {"min", kW}, {"max", kW}}, .rest = fake_quant});
  r.add({"FakeQuantWithMinMaxArgs"}, {.roles = {{"input", kB}}, .rest = fake_quant});
  r.add({"QuantizeAndDequantizeV2"}, {.roles = {{"input", kB}, {"input_min", kW}, {"input_max", kW}},
                                      .types = types,
                                      .rest = quantize_and_dequantize_v2});
  r.add({"QuantizeAndDequantizeV3"}, {.roles = {{"input", kB}, {"input_min", kW}, {"input_max", kW}, {"num_bits", kW}},
                                      .types = types,
                                      .rest = quantize_and_dequantize_v3});
}

}  // namespace isotherm::conditions
