// Diagonals and bands: MatrixDiag, MatrixDiagPart, MatrixSetDiag and their V2, V3 forms; Diag, DiagPart,
// MatrixBandPart.
#include <algorithm>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// Diagonals `low` to `high` of matrices of rows x columns, stored as lines of `width` values.
struct Band {
  std::int64_t low = 0, high = 0, rows = 0, columns = 0, width = 0;
  bool left_above = false, left_below = true;  ///< where short superdiagonals and subdiagonals are aligned

  [[nodiscard]] std::int64_t length(std::int64_t d) const {
    return std::min(rows + std::min<std::int64_t>(0, d), columns - std::max<std::int64_t>(0, d));
  }
  /// Offset of a line's first value.
  [[nodiscard]] std::int64_t indent(std::int64_t d) const {
    return (d >= 0 ? left_above : left_below) ? 0 : width - length(d);
  }
  [[nodiscard]] std::int64_t lines() const { return high - low + 1; }
};

void set_alignment(Band& b, const Node& node) {
  // V3 defaults to superdiagonals right, subdiagonals left; before it both were left.
  const bool third = node.op.ends_with("V3");
  const std::string align = node.attrs.get_string("align", third ? "RIGHT_LEFT" : "LEFT_LEFT");
  b.left_above = align.starts_with("LEFT");
  b.left_below = align.ends_with("LEFT");
}

/// `k` of the V2 and V3 forms: one diagonal or a range.
Status set_diagonals(Band& b, KernelContext& context, int input) {
  if (input >= context.input_count()) return {};
  const std::vector<std::int64_t> k = integers_of(context.input(input));
  if (k.empty() || k.size() > 2 || k.front() > k.back())
    return invalid_input("k has " + std::to_string(k.size()) + " values; expected one, or two that rise");
  b.low = k.front();
  b.high = k.back();
  return {};
}

Status check_band(const Band& b) {
  for (const std::int64_t d : {b.low, b.high})
    if ((d != 0 || b.low != b.high) &&
        (d <= -std::max<std::int64_t>(b.rows, 1) || d >= std::max<std::int64_t>(b.columns, 1)))
      return invalid_input("diagonal " + std::to_string(d) + " is outside matrices of " + std::to_string(b.rows) + "x" +
                           std::to_string(b.columns));
  return {};
}

Status run_diag(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const bool simple = node.op == "MatrixDiag";
  if (x.rank() < 1) return invalid_input("the diagonal is a scalar; expected rank 1 or more");
  Band b;
  set_alignment(b, node);
  if (!simple) {
    ISO_TRY(expect_inputs(context, 5));
    ISO_TRY(set_diagonals(b, context, 1));
  }
  b.width = x.dim(x.rank() - 1);
  const bool lines = b.low != b.high;
  if (lines && (x.rank() < 2 || x.dim(x.rank() - 2) != b.lines()))
    return invalid_input("the diagonals have shape " + x.shape().to_string() + "; expected " +
                         std::to_string(b.lines()) + " lines");
  std::int64_t rows = -1, columns = -1;
  if (!simple) {
    ISO_ASSIGN(rows, integer_of(context.input(2), "num_rows"));
    ISO_ASSIGN(columns, integer_of(context.input(3), "num_cols"));
  }
  const std::int64_t least_rows = b.width - std::min<std::int64_t>(b.high, 0),
                     least_columns = b.width + std::max<std::int64_t>(b.low, 0);
  b.rows = rows >= 0 ? rows : columns >= 0 ? least_rows : std::max(least_rows, least_columns);
  b.columns = columns >= 0 ? columns : rows >= 0 ? least_columns : std::max(least_rows, least_columns);
  if (b.rows < least_rows || b.columns < least_columns)
    return invalid_input("diagonals of " + std::to_string(b.width) + " do not fit matrices of " +
                         std::to_string(b.rows) + "x" + std::to_string(b.columns));
  std::vector<std::int64_t> dims(x.shape().dims().begin(), x.shape().dims().end() - (lines ? 2 : 1));
  const std::int64_t batch = product(Shape(dims), 0, static_cast<int>(dims.size()));
  dims.insert(dims.end(), {b.rows, b.columns});
  ISO_ASSIGN(const Shape shape, shape_from(dims));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  fill_with(result, simple ? nullptr : &context.input(4));
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t d = b.low; d <= b.high; ++d)
      for (std::int64_t i = 0; i < b.length(d); ++i)
        copy_elements(x, (n * b.lines() + b.high - d) * b.width + b.indent(d) + i, result,
                      (n * b.rows + i - std::min<std::int64_t>(d, 0)) * b.columns + i + std::max<std::int64_t>(d, 0),
                      1);
  context.set_output(0, std::move(result));
  return {};
}

/// The band of the matrices in x; `width` is that of its longest diagonal.
Result<Band> band_of(KernelContext& context, const Node& node, const Tensor& x, int k_input) {
  if (x.rank() < 2) return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 2 or more");
  Band b;
  set_alignment(b, node);
  ISO_TRY(set_diagonals(b, context, k_input));
  b.rows = x.dim(x.rank() - 2);
  b.columns = x.dim(x.rank() - 1);
  ISO_TRY(check_band(b));
  b.width = std::min(b.rows + std::min<std::int64_t>(b.high, 0), b.columns - std::max<std::int64_t>(b.low, 0));
  return b;
}

Status run_diag_part(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Band b, band_of(context, node, x, 1));
  std::vector<std::int64_t> dims(x.shape().dims().begin(), x.shape().dims().end() - 2);
  const std::int64_t batch = product(Shape(dims), 0, static_cast<int>(dims.size()));
  if (b.low != b.high) dims.push_back(b.lines());
  dims.push_back(b.width);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), Shape(dims)));
  fill_with(result, context.input_count() > 2 ? &context.input(2) : nullptr);
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t d = b.low; d <= b.high; ++d)
      for (std::int64_t i = 0; i < b.length(d); ++i)
        copy_elements(x, (n * b.rows + i - std::min<std::int64_t>(d, 0)) * b.columns + i + std::max<std::int64_t>(d, 0),
                      result, (n * b.lines() + b.high - d) * b.width + b.indent(d) + i, 1);
  context.set_output(0, std::move(result));
  return {};
}

Status run_set_diag(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& diagonal = context.input(1);
  ISO_ASSIGN(const Band b, band_of(context, node, x, 2));
  const std::int64_t batch = product(x.shape(), 0, x.rank() - 2);
  if (diagonal.elements() != batch * b.lines() * b.width)
    return invalid_input("the diagonal has shape " + diagonal.shape().to_string() + "; expected " +
                         std::to_string(b.width) + " values in each of " + std::to_string(batch * b.lines()) +
                         " lines");
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  copy_elements(x, 0, result, 0, x.elements());
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t d = b.low; d <= b.high; ++d)
      for (std::int64_t i = 0; i < b.length(d); ++i)
        copy_elements(diagonal, (n * b.lines() + b.high - d) * b.width + b.indent(d) + i, result,
                      (n * b.rows + i - std::min<std::int64_t>(d, 0)) * b.columns + i + std::max<std::int64_t>(d, 0),
                      1);
  context.set_output(0, std::move(result));
  return {};
}

Status run_tensor_diag(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.insert(dims.end(), x.shape().dims().begin(), x.shape().dims().end());
  ISO_ASSIGN(const Shape shape, shape_from(dims));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  fill_with(result, nullptr);
  for (std::int64_t i = 0; i < x.elements(); ++i) copy_elements(x, i, result, i * (x.elements() + 1), 1);
  context.set_output(0, std::move(result));
  return {};
}

Status run_tensor_diag_part(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const int half = x.rank() / 2;
  bool fits = x.rank() % 2 == 0 && x.rank() > 0;
  for (int i = 0; fits && i < half; ++i) fits = x.dim(i) == x.dim(half + i);
  if (!fits) return invalid_input("the input has shape " + x.shape().to_string() + "; expected two equal halves");
  const std::int64_t n = product(x.shape(), 0, half);
  ISO_ASSIGN(Tensor result,
             context.allocate(x.dtype(), Shape(std::vector<std::int64_t>(x.shape().dims().begin(),
                                                                         x.shape().dims().begin() + half))));
  for (std::int64_t i = 0; i < n; ++i) copy_elements(x, i * (n + 1), result, i, 1);
  context.set_output(0, std::move(result));
  return {};
}

Status run_band_part(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  if (x.rank() < 2) return invalid_input("the input has shape " + x.shape().to_string() + "; expected rank 2 or more");
  ISO_ASSIGN(const std::int64_t lower, integer_of(context.input(1), "num_lower"));
  ISO_ASSIGN(const std::int64_t upper, integer_of(context.input(2), "num_upper"));
  const std::int64_t rows = x.dim(x.rank() - 2), columns = x.dim(x.rank() - 1);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  fill_with(result, nullptr);
  for (std::int64_t line = 0; columns > 0 && line < x.elements() / columns; ++line) {
    const std::int64_t r = line % rows;
    const std::int64_t begin = lower < 0 ? 0 : std::clamp<std::int64_t>(r - lower, 0, columns);
    const std::int64_t end = upper < 0 ? columns : std::clamp<std::int64_t>(r + upper + 1, 0, columns);
    copy_elements(x, line * columns + begin, result, line * columns + begin, end - begin);
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_matrix_diag(KernelRegistry& r) {
  r.add({"MatrixDiag", "MatrixDiagV2", "MatrixDiagV3"}, run_diag);
  r.add({"MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3"}, run_diag_part);
  r.add({"MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3"}, run_set_diag);
  r.add("Diag", run_tensor_diag);
  r.add("DiagPart", run_tensor_diag_part);
  r.add({"MatrixBandPart", "BatchMatrixBandPart"}, run_band_part);
}

}  // namespace isotherm::cpu
