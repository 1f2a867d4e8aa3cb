// Binary and unary arithmetic, activations, softmax and casts.
#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i8 = DType::int8, i32 = DType::int32;

Verdict not_both_constant(const Context& c) {
  if (!c.in(0).is_weights() || !c.in(1).is_weights()) return {};
  return refuse("Constant folding is falled back to TensorFlow, binary op '", c.op(),
                "' received both input as constant: ", c.name(0), " and ", c.name(1));
}

Verdict binary(const Context& c) {
  if (auto v = not_both_constant(c)) return v;
  return check_broadcast(c, 0, 1);
}

Verdict comparison(const Context& c) {
  if (auto v = not_both_constant(c)) return v;
  if (c.implicit_batch()) return implicit_refusal(c, "Binary op");
  return check_broadcast(c, 0, 1);
}

Verdict boolean_binary(const Context& c) {
  if (auto v = not_both_constant(c)) return v;
  if (c.implicit_batch()) return implicit_refusal(c, "Binary op");
  for (int i = 0; i < 2; ++i) {
    if (c.in(i).is_weights()) {
      return refuse("Both inputs  of '", c.op(), "' are expected to be tensors; ", c.name(i), " is a constant");
    }
  }
  return check_broadcast(c, 0, 1);
}

Verdict squared_difference(const Context& c) { return check_broadcast(c, 0, 1); }

Verdict unary(const Context& c) {
  if (c.trt_rank(0) >= 1) return {};
  return refuse("At least 1 dimension is required for UNARY operation '", c.op(), "'; ", c.name(0), " is a scalar",
                c.implicit_batch() ? " without its batch dimension" : "");
}

Verdict explicit_unary(const Context& c) {
  if (auto v = unary(c)) return v;
  if (c.implicit_batch()) return implicit_refusal(c, "Unary op");
  return {};
}

Verdict add_n(const Context& c) {
  constexpr DType kTypes[] = {f, h};
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  if (c.count() < 2) return refuse("AddN requires at least two inputs, has ", c.count());
  for (int i = 0; i < c.count(); ++i) {
    const Operand& in = c.in(i);
    if (!in.is_weights()) continue;
    if (in.is_empty || (in.rank() > 0 && in.dim(0) != 1)) {
      return refuse("Weights input to AddN is required to have batch dimension 1; ", c.name(i), " has shape ",
                    in.shape_text());
    }
  }
  return {};
}

Verdict bias_add(const Context& c) {
  if (auto v = check_input_count(c, 2, Style::function)) return v;
  if (c.in(0).is_weights() && c.in(1).is_weights()) {
    return refuse("All inputs are weights, but Grappler is expected to fold them: ", c.name(0), " and ", c.name(1));
  }
  constexpr DType kTypes[] = {f, h};
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  if (c.node.attrs.get_string("data_format", "NHWC") != "NCHW") return check_broadcast(c, 0, 1);
  if (c.implicit_batch() && c.in(1).is_tensor()) {
    return refuse("The input \"bias\" for BiasAdd must be a constant with data_format NCHW in implicit batch mode; ",
                  c.name(1), " is a tensor (TF-TRT reads undefined memory here)");
  }
  return {};
}

Verdict cast(const Context& c) {
  constexpr std::string_view kAllowed = " dtypes: [float, half]. Received: ";
  const DType from = c.in(0).dtype;
  if (from != f && from != h) {
    return refuse("Cast op is not supported - Allowed input", kAllowed, dtype_short_name(from), " (", c.name(0), ")");
  }
  const DType to = c.node.attrs.get_type("DstT");
  if (to != f && to != h) {
    return refuse("Cast op is not supported - Allowed output", kAllowed, dtype_short_name(to), " (attribute 'DstT')");
  }
  return {};
}

}  // namespace

void register_arithmetic(Registry& r) {
  const std::vector<Role> both = {{"x", kB}, {"y", kB}};
  r.add({"Add", "AddV2", "Sub", "Mul", "Div", "RealDiv", "FloorDiv", "Minimum", "Maximum", "Pow"},
        {.roles = both, .types = {f, h, i32}, .rest = binary});
  r.add({"Greater", "Less", "Equal", "GreaterEqual", "LessEqual"},
        {.roles = both, .types = {f, h, i32}, .rest = comparison});
  r.add({"LogicalAnd", "LogicalOr"}, {.roles = both, .rest = boolean_binary});
  r.add({"SquaredDifference"},
        {.style = Style::function, .roles = {{"x", kT}, {"y", kT}}, .types = {f, h}, .rest = squared_difference});
  r.add({"AddN"}, {.rest = add_n});
  r.add({"BiasAdd"}, {.rest = bias_add});

  const std::vector<Role> x = {{"x", kT}};
  r.add({"Abs", "Acos",  "Acosh", "Asin", "Asinh",      "Atan",  "Atanh", "Ceil", "Cos",  "Cosh", "Erf",
         "Exp", "Floor", "Log",   "Neg",  "Reciprocal", "Rsqrt", "Sin",   "Sinh", "Sqrt", "Tan"},
        {.roles = x, .types = {f, h, i8}, .rest = unary});
  r.add({"Round"}, {.roles = x, .types = {f, h, i8}, .rest = explicit_unary});
  r.add({"Sign"}, {.roles = x, .types = {f, h, i8, i32}, .rest = explicit_unary});
  r.add({"LogicalNot"}, {.roles = x, .rest = explicit_unary});
  r.add({"Relu", "Relu6", "Sigmoid", "Tanh", "Elu", "Selu", "Softsign", "Softplus", "LeakyRelu"},
        {.roles = {{"input", kT}}, .types = {f, h}, .rest = unary});
  r.add({"Square"}, {.style = Style::function, .roles = x, .types = {f, i32, h}});
  r.add({"ClipByValue"}, {.style = Style::function,
                          .roles = {{"t", kT}, {"clip_value_min", kW}, {"clip_value_max", kW}},
                          .types = {f, h}});
  r.add({"Softmax", "LogSoftmax"}, {.roles = {{"logits", kT}}, .types = {f, h}});
  r.add({"Cast"}, {.style = Style::function, .roles = {{"x", kB}}, .rest = cast});
}

}  // namespace isotherm::conditions
