// Matrix products and Einsum.
#include <algorithm>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16;

Verdict mat_mul(const Context& c) {
  if (!c.implicit_batch()) return {};
  const bool a_is_flat = c.trt_rank(0) < 2;
  const bool transposed = c.node.attrs.get_bool("transpose_a");
  if ((a_is_flat && (transposed || c.in(1).is_tensor())) || c.trt_rank(1) < 2) {
    return refuse(
        "MatMul with 2D tensors requires explicit batch mode, or that tensor A is not transposed and B is a constant "
        "tensor: A ",
        c.name(0), transposed ? " is transposed" : " is not transposed", ", B ", c.name(1), " is a ",
        c.in(1).is_tensor() ? "tensor" : "constant");
  }
  return {};
}

Verdict batch_mat_mul(const Context& c) {
  if (c.in(0).is_weights() && c.in(1).is_weights()) {
    return refuse("All inputs are weights, but Grappler is expected to fold them: ", c.name(0), " and ", c.name(1));
  }
  if (c.implicit_batch()) {
    for (int i = 0; i < 2; ++i) {
      if (c.in(i).is_weights() && c.trt_rank(i) > c.trt_rank(1 - i) && c.in(i).dim(0) != 1) {
        return refuse("TensorRT does not support batched constants in implicit batch mode: ", c.name(i), " has shape ",
                      c.in(i).shape_text());
      }
    }
  }
  return check_broadcast(c, 0, 1, Feasibility::not_checked);
}

/// Labels of the operands and the result of "ab,bc->ac"; without an arrow the result is implied.
struct Equation {
  std::vector<std::string> operands;
  std::string result;
};

Equation parse_equation(std::string text) {
  std::erase(text, ' ');
  Equation e;
  const std::size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow);
  std::size_t begin = 0;
  for (std::size_t comma; (comma = left.find(',', begin)) != std::string::npos; begin = comma + 1)
    e.operands.push_back(left.substr(begin, comma - begin));
  e.operands.push_back(left.substr(begin));
  if (arrow != std::string::npos) {
    e.result = text.substr(arrow + 2);
  } else {
    // The labels that occur once, in alphabetical order.
    std::erase(left, ',');
    for (const char label : left) {
      if (std::count(left.begin(), left.end(), label) == 1) e.result += label;
    }
    std::sort(e.result.begin(), e.result.end());
  }
  return e;
}

bool has_repeated_label(std::string labels) {
  std::sort(labels.begin(), labels.end());
  return std::adjacent_find(labels.begin(), labels.end()) != labels.end();
}

Verdict einsum(const Context& c) {
  if (c.count() > 2) return refuse("TRT_ENSURE failure: Einsum got ", c.count(), " inputs, at most 2 are allowed");
  if (c.implicit_batch()) return implicit_refusal(c, "op");
  const std::string text = c.node.attrs.get_string("equation");
  const auto no_conversion = [&](std::string_view why) {
    return refuse("No conversion for einsum equation '", text, "': ", why);
  };
  if (text.find('.') != std::string::npos) return no_conversion("it has an ellipsis");
  const Equation e = parse_equation(text);
  std::string labels;
  for (const std::string& operand : e.operands) {
    if (has_repeated_label(operand)) return no_conversion("a label occurs twice in one operand");
    labels += operand;
  }
  if (has_repeated_label(e.result)) return no_conversion("a label occurs twice in the result");
  if (e.result.empty()) return no_conversion("the result is a scalar");
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  if (e.operands.size() == 2 && labels.size() == 2 && e.result.size() == 2) {
    return no_conversion("its two labels are both in the result, so that nothing is contracted");
  }
  return {};
}

}  // namespace

void register_matrix_products(Registry& r) {
  r.add({"MatMul"}, {.style = Style::function, .roles = {{"a", kB}, {"b", kB}}, .types = {f, h}, .rest = mat_mul});
  r.add({"BatchMatMul", "BatchMatMulV2"},
        {.style = Style::function, .roles = {{"x", kB}, {"y", kB}}, .types = {f, h}, .rest = batch_mat_mul});
  r.add({"Einsum"}, {.types = {f, h}, .rest = einsum});
}

}  // namespace isotherm::conditions
