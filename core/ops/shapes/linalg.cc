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

}  // namespace

void register_linalg_shapes(ShapeRegistry& registry) {
  registry.add("Diag", diag);
  registry.add("DiagPart", diag_part);
  registry.add("MatrixDiag", matrix_diag);
  registry.add("MatrixDiagPart", matrix_diag_part);
  registry.add("MatrixBandPart", unchanged);
  registry.add({"Cholesky", "MatrixInverse", "MatrixExponential"}, square_to_square);
  registry.add("MatrixDeterminant", matrix_determinant);
  registry.add("Cross", cross);
}

}  // namespace isotherm::shapes
