// Diagonals and decompositions.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// The shape twice.
Status diag(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  c.set_output(0, c.concatenate(input, input));
  return {};
}

/// The first half of the dimensions, which equal the second.
Status diag_part(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  const int rank = c.rank(input);
  if (rank < 0) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  if (rank == 0 || rank % 2 != 0) {
    return invalid_input("shape " + c.to_string(input) + " has rank " + std::to_string(rank) +
                         ", expected an even one");
  }
  ShapeContext::Dims dims;
  for (int i = 0; i < rank / 2; ++i) {
    ISO_ASSIGN(const DimHandle d, c.merge(c.dim(input, i), c.dim(input, i + rank / 2)));
    dims.push_back(d);
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status matrix_diag(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 1));
  c.set_output(0, c.has_rank(input) ? c.concatenate(input, c.vector(c.dim(input, -1))) : c.unknown_shape());
  return {};
}

Status matrix_diag_part(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
  if (!c.has_rank(input)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(const ShapeHandle batch, c.subshape(input, 0, -2));
  c.set_output(0, c.concatenate(batch, c.vector(c.min(c.dim(input, -2), c.dim(input, -1)))));
  return {};
}

/// [.., n, n].
Result<ShapeHandle> square(ShapeContext& c, ShapeHandle s) {
  ISO_ASSIGN(s, c.with_rank_at_least(s, 2));
  ISO_ASSIGN(const DimHandle n, c.merge(c.dim(s, -2), c.dim(s, -1)));
  ISO_ASSIGN(const ShapeHandle batch, c.subshape(s, 0, -2));
  return c.concatenate(batch, c.matrix(n, n));
}

Status square_to_square(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, square(c, c.input(0)));
  c.set_output(0, out);
  return {};
}

Status matrix_determinant(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle s, c.with_rank_at_least(c.input(0), 2));
  ISO_TRY(c.merge(c.dim(s, -1), c.dim(s, -2)).status());
  ISO_ASSIGN(const ShapeHandle out, c.subshape(s, 0, -2));
  c.set_output(0, out);
  return {};
}

Status cross(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle a, c.with_rank_at_least(c.input(0), 1));
  ISO_ASSIGN(const ShapeHandle b, c.with_rank_at_least(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle out, c.merge(a, b));
  if (c.has_rank(out)) ISO_TRY(c.with_value(c.dim(out, -1), 3).status());
  c.set_output(0, out);
  return {};
}

/// The diagonal's length is that of the shorter side; its leading dimensions are the matrix's.
Status matrix_set_diag(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle diagonal, c.with_rank_at_least(c.input(1), 1));
  if (c.has_rank(input)) ISO_TRY(c.merge(c.min(c.dim(input, -2), c.dim(input, -1)), c.dim(diagonal, -1)).status());
  if (c.has_rank(diagonal) && !c.fully_defined(input)) {
    ISO_ASSIGN(const ShapeHandle batch, c.subshape(diagonal, 0, -1));
    ISO_ASSIGN(input, c.merge(input, c.concatenate(batch, c.matrix(c.unknown_dim(), c.unknown_dim()))));
  }
  c.set_output(0, input);
  return {};
}

/// Singular values, then left and right vectors.
Status svd(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
  const DimHandle m = c.dim(input, -2);
  const DimHandle n = c.dim(input, -1);
  const DimHandle p = c.min(m, n);
  ISO_ASSIGN(const ShapeHandle batch, c.subshape(input, 0, -2));
  c.set_output(0, c.concatenate(batch, c.vector(p)));
  const bool full = c.attrs().get_bool("full_matrices");
  if (c.attrs().get_bool("compute_uv", true)) {
    c.set_output(1, c.concatenate(batch, c.matrix(m, full ? m : p)));
    c.set_output(2, c.concatenate(batch, c.matrix(n, full ? n : p)));
  } else {
    c.set_output(1, c.vector(0));
    c.set_output(2, c.vector(0));
  }
  return {};
}

Status qr(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
  const DimHandle m = c.dim(input, -2);
  const DimHandle n = c.dim(input, -1);
  const bool full = c.attrs().get_bool("full_matrices");
  const DimHandle p = full ? m : c.min(m, n);
  ISO_ASSIGN(const ShapeHandle batch, c.subshape(input, 0, -2));
  c.set_output(0, c.concatenate(batch, c.matrix(m, p)));
  c.set_output(1, c.concatenate(batch, c.matrix(p, n)));
  return {};
}

/// The factors in one matrix, and the permutation of its rows.
Status lu(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(0), 2));
  ISO_ASSIGN(const DimHandle n, c.merge(c.dim(input, -2), c.dim(input, -1)));
  ISO_ASSIGN(const ShapeHandle batch, c.subshape(input, 0, -2));
  c.set_output(0, c.concatenate(batch, c.matrix(n, n)));
  c.set_output(1, c.concatenate(batch, c.vector(n)));
  return {};
}

/// Solves [.., n, n] x = [.., n, k]; `broadcasts`: the leading dimensions may differ.
template <bool broadcasts>
Status solve(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle matrix, square(c, c.input(0)));
  ISO_ASSIGN(const ShapeHandle right, c.with_rank_at_least(c.input(1), 2));
  ISO_ASSIGN(const ShapeHandle matrix_batch, c.subshape(matrix, 0, -2));
  ISO_ASSIGN(const ShapeHandle right_batch, c.subshape(right, 0, -2));
  ISO_ASSIGN(const ShapeHandle batch,
             broadcasts ? broadcast(c, matrix_batch, right_batch) : c.merge(matrix_batch, right_batch));
  ISO_ASSIGN(DimHandle n, c.merge(c.dim(matrix, -2), c.dim(right, -2)));
  ISO_ASSIGN(n, c.merge(n, c.dim(matrix, -1)));
  c.set_output(0, c.concatenate(batch, c.matrix(n, c.dim(right, -1))));
  return {};
}

Status like_input_3(ShapeContext& c) {
  c.set_output(0, c.input(3));
  return {};
}

}  // namespace

void register_linalg_shapes(ShapeRegistry& registry) {
  registry.add("Diag", diag);
  registry.add("DiagPart", diag_part);
  registry.add("MatrixDiag", matrix_diag);
  registry.add("MatrixDiagPart", matrix_diag_part);
  registry.add("MatrixBandPart", unchanged);
  registry.add({"Cholesky", "MatrixInverse", "MatrixExponential", "MatrixLogarithm", "MatrixSquareRoot"},
               square_to_square);
  registry.add("MatrixDeterminant", matrix_determinant);
  registry.add("Cross", cross);
  registry.add("MatrixSetDiag", matrix_set_diag);
  registry.add("Svd", svd);
  registry.add("Qr", qr);
  registry.add("Lu", lu);
  registry.add("MatrixSolve", solve<false>);
  registry.add("MatrixTriangularSolve", solve<true>);
  registry.add("SparseTensorDenseAdd", like_input_3);
}

}  // namespace isotherm::shapes
