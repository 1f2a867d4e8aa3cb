#include "core/ops/engine_conditions.h"

#include "core/ops/conditions/context.h"
#include "core/ops/conditions/registry.h"

namespace isotherm {
namespace {

bool is_quantization(std::string_view op) {
  return op == "QuantizeAndDequantizeV2" || op == "QuantizeAndDequantizeV3" || op == "FakeQuantWithMinMaxVars" ||
         op == "FakeQuantWithMinMaxArgs";
}

}  // namespace

std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return "FP32";
    case Precision::fp16:
      return "FP16";
    case Precision::int8:
      return "INT8";
  }
  return "FP32";
}

std::optional<Precision> precision_from_name(std::string_view name) {
  for (const Precision p : {Precision::fp32, Precision::fp16, Precision::int8}) {
    if (precision_name(p) == name) return p;
  }
  return {};
}

bool has_engine_converter(std::string_view op) { return conditions::registry().find(op) != nullptr; }

std::optional<Refusal> engine_refusal(const Graph& graph, const GraphShapes& shapes, NodeId id,
                                      const ConditionOptions& options) {
  const Node& node = graph[id];
  const bool is_fake = options.fake_ops.count(node.op) > 0;
  const conditions::Conditions* conditions = conditions::registry().find(node.op);
  if (conditions == nullptr && !is_fake) {
    return Refusal{Reason::unsupported_op, "Op type " + node.op + " is not supported: TF-TRT has no converter for it"};
  }
  // QuantizeAndDequantizeV2 forces INT8, whatever was asked.
  const bool is_int8 = options.precision == Precision::int8 || options.explicit_precision;
  if (is_quantization(node.op) && !is_int8) {
    return Refusal{Reason::unsupported_op, "Op type " + node.op + " is not supported in precision " +
                                               std::string(precision_name(options.precision)) + ", only in INT8"};
  }
  conditions::Context context{graph, shapes, node, options, {}};
  if (auto v = conditions::make_operands(graph, shapes, options, node, context.inputs)) return v;
  if (is_fake) return {};
  return conditions::check(context, *conditions);
}

}  // namespace isotherm
