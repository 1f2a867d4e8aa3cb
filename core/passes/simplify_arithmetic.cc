// Arithmetic with zeros and ones.
#include <algorithm>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {
namespace {

bool is_one_of(const WorkNode& n, std::initializer_list<std::string_view> ops) {
  return std::find(ops.begin(), ops.end(), n.op->name) != ops.end();
}

/// Types with values, infinities and NaN among them, that zero does not make zero.
bool is_inexact(DType dtype) { return is_floating(dtype) || dtype == DType::complex64 || dtype == DType::complex128; }

}  // namespace

bool ConstantFolder::simplify_arithmetic(WorkNode& n) {
  const bool is_mul = is_one_of(n, {"Mul", "MulNoNan", "LogicalAnd"});
  const bool is_matmul =
      is_one_of(n, {"MatMul", "SparseMatMul", "BatchMatMul", "BatchMatMulV2", "QuantizedMatMul", "QuantizedMatMulV2"});
  const bool is_sum = is_add(n) || is_one_of(n, {"BiasAdd", "BiasAddV1", "LogicalOr"});
  const bool is_sub = n.is("Sub");
  const bool is_div = is_one_of(n, {"RealDiv", "Div", "Xdivy", "TruncateDiv"});
  if (!is_mul && !is_matmul && !is_sum && !is_sub && !is_div) return false;
  if (properties_.input_count(n.name) < 2 || properties_.output_count(n.name) < 1) return false;
  const WorkNode* x = input_node(n, 0);
  const WorkNode* y = input_node(n, 1);
  if (!x || !y) return false;
  const Shape& shape = properties_.output(n.name, 0).shape;
  const bool x_fits = symbolically_equal(shape, properties_.input(n.name, 0).shape);
  const bool y_fits = symbolically_equal(shape, properties_.input(n.name, 1).shape);
  // What is left of the node when the other input decides nothing.
  const auto pass_on = [&](std::size_t input) {
    if (input == 0 ? x_fits : y_fits) return replace_with_snapshot(n, input);
    if (input == 0 ? y_fits : x_fits) return replace_with_broadcast(n, input);
    return false;
  };

  const bool x_zero = is_zeros(*x), x_one = !x_zero && is_ones(*x);
  if ((is_mul && x_one) || (is_sum && x_zero)) return pass_on(1);
  if (y_fits && is_sub && x_zero) return replace_with_unary(n, "Neg");
  if (y_fits && is_div && x_one && is_inexact(n.attrs.get_type("T"))) return replace_with_unary(n, "Reciprocal");

  const bool y_zero = is_zeros(*y), y_one = !y_zero && is_ones(*y);
  if (((is_mul || is_div) && y_one) || ((is_sum || is_sub) && y_zero)) return pass_on(0);
  if (shape.is_static() && n.is("LogicalOr") && (x_one || y_one)) return replace_with_uniform(n, 1);

  if ((!is_mul && !is_matmul) || (!x_zero && !y_zero)) return false;
  const DType x_type = properties_.input(n.name, 0).dtype, y_type = properties_.input(n.name, 1).dtype;
  if ((x_zero && is_inexact(y_type)) || (y_zero && is_inexact(x_type))) return false;
  if (shape.is_static()) return !is_one_of(n, {"QuantizedMatMul", "QuantizedMatMulV2"}) && replace_with_uniform(n, 0);
  if (!is_mul) return false;
  const std::size_t zero = x_zero ? 0 : 1;
  if (zero == 0 ? x_fits : y_fits) return replace_with_identity(n, zero);
  return (zero == 0 ? y_fits : x_fits) && replace_with_broadcast(n, zero);
}

/// A division by a constant multiplies by its reciprocal, which folds.
bool ConstantFolder::divide_by_multiplying(WorkNode& n) {
  const bool is_xdivy = n.is("Xdivy");
  if (n.inputs.size() < 2 || (!n.is("Div") && !n.is("RealDiv") && !is_xdivy)) return false;
  const WorkNode* divisor = input_node(n, 1);
  if (!divisor || !is_constant(*divisor) || !n.attrs.contains("T")) return false;
  const DType dtype = n.attrs.get_type("T");
  if (n.is("Div") && !is_inexact(dtype)) return false;
  const WorkInput source = n.inputs[1];
  WorkNode& reciprocal = add_node(made_name(n, "_recip"), "Reciprocal", n);
  reciprocal.inputs = {source};
  reciprocal.attrs.set("T", TypeValue(dtype));
  if (is_xdivy) n.inputs[1] = n.inputs[0];
  n.inputs[is_xdivy ? 0 : 1] = {reciprocal.name, 0};
  graph_.set_op(n, is_xdivy ? "MulNoNan" : "Mul");
  map_->update_output(n.name, source.node, reciprocal.name);
  return true;
}

}  // namespace isotherm::passes
