// Decompositions and solvers of batches of matrices, in double (complex ones in complex double) through Eigen.
#include <Eigen/Dense>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

template <class S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The type a matrix of T is computed in.
template <class T>
using Wide = std::conditional_t<is_complex_v<T>, complex128, double>;

template <class T>
Matrix<Wide<T>> load(const Tensor& t, std::int64_t batch, std::int64_t rows, std::int64_t columns) {
  return Eigen::Map<const Matrix<T>>(in<T>(t) + batch * rows * columns, rows, columns).template cast<Wide<T>>();
}
template <class T, class M>
void store(const M& m, Tensor& t, std::int64_t batch) {
  T* to = out<T>(t) + batch * m.rows() * m.cols();
  for (Eigen::Index i = 0; i < m.rows(); ++i)
    for (Eigen::Index j = 0; j < m.cols(); ++j) *to++ = static_cast<T>(m(i, j));
}

/// Sizes of a batch of matrices; an error where it is none, or none of square ones.
struct Batch {
  std::int64_t count = 1, rows = 0, columns = 0;
  std::vector<std::int64_t> dims;  ///< in front of the matrices
};
Result<Batch> batch_of(const Tensor& t, bool square) {
  if (t.rank() < 2) return invalid_input("the input has shape " + t.shape().to_string() + "; expected matrices");
  Batch b;
  b.rows = t.dim(t.rank() - 2);
  b.columns = t.dim(t.rank() - 1);
  if (square && b.rows != b.columns)
    return invalid_input("the matrices are " + std::to_string(b.rows) + "x" + std::to_string(b.columns) +
                         "; expected square ones");
  b.dims.assign(t.shape().dims().begin(), t.shape().dims().end() - 2);
  b.count = product(t.shape(), 0, t.rank() - 2);
  return b;
}
Shape with(std::vector<std::int64_t> dims, std::initializer_list<std::int64_t> more) {
  dims.insert(dims.end(), more);
  return Shape(std::move(dims));
}

Status run_determinant(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, true));
  const bool log = node.op == "LogMatrixDeterminant";
  ISO_ASSIGN(Tensor first, context.allocate(x.dtype(), Shape(b.dims)));
  ISO_ASSIGN(Tensor second, context.allocate(x.dtype(), Shape(b.dims)));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count; ++i) {
      Wide<T> determinant(1);
      double log_abs = 0;
      if (b.rows > 0) {
        const Eigen::PartialPivLU<Matrix<Wide<T>>> lu(load<T>(x, i, b.rows, b.columns));
        determinant = Wide<T>(lu.permutationP().determinant());
        for (std::int64_t k = 0; k < b.rows; ++k) {
          const Wide<T> d = lu.matrixLU()(k, k);
          log_abs += std::log(std::abs(d));
          determinant *= log && std::abs(d) > 0 ? d / std::abs(d) : d;
        }
      }
      out<T>(first)[i] = static_cast<T>(determinant);
      out<T>(second)[i] = static_cast<T>(log_abs);
    }
    return {};
  }));
  context.set_output(0, std::move(first));
  if (log) context.set_output(1, std::move(second));
  return {};
}

template <class T>
bool is_singular(const Eigen::PartialPivLU<Matrix<Wide<T>>>& lu) {
  return (lu.matrixLU().diagonal().array().abs() == 0).any();
}

Status run_inverse(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, true));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count && b.rows > 0; ++i) {
      Matrix<Wide<T>> m = load<T>(x, i, b.rows, b.columns);
      if (node.attrs.get_bool("adjoint")) m = m.adjoint().eval();
      const Eigen::PartialPivLU<Matrix<Wide<T>>> lu(m);
      if (is_singular<T>(lu))
        return invalid_input("matrix " + std::to_string(i) + " is singular; expected one with an inverse");
      store<T>(Matrix<Wide<T>>(lu.inverse()), result, i);
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_solve(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& y = context.input(1);
  ISO_ASSIGN(const Batch a, batch_of(x, true));
  ISO_ASSIGN(const Batch c, batch_of(y, false));
  const bool triangular = node.op.ends_with("TriangularSolve");
  if (c.rows != a.rows || (a.count != c.count && !(triangular && (a.count == 1 || c.count == 1))))
    return invalid_input("found shapes " + x.shape().to_string() + " and " + y.shape().to_string() +
                         "; expected as many rows and matrices");
  const std::int64_t count = std::max(a.count, c.count);
  ISO_ASSIGN(Tensor result,
             context.allocate(x.dtype(), with(a.count >= c.count && a.dims.size() >= c.dims.size() ? a.dims : c.dims,
                                              {c.rows, c.columns})));
  const bool adjoint = node.attrs.get_bool("adjoint"), lower = node.attrs.get_bool("lower", true);
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < count && result.elements() > 0; ++i) {
      Matrix<Wide<T>> m = load<T>(x, a.count == 1 ? 0 : i, a.rows, a.columns);
      const Matrix<Wide<T>> right = load<T>(y, c.count == 1 ? 0 : i, c.rows, c.columns);
      if (triangular) {
        if ((m.diagonal().array().abs() == 0).any())
          return invalid_input("matrix " + std::to_string(i) +
                               " has a zero on its diagonal; expected an invertible one");
        if (lower)
          m = Matrix<Wide<T>>(m.template triangularView<Eigen::Lower>());
        else
          m = Matrix<Wide<T>>(m.template triangularView<Eigen::Upper>());
      }
      if (adjoint) m = m.adjoint().eval();
      const Eigen::PartialPivLU<Matrix<Wide<T>>> lu(m);
      if (is_singular<T>(lu))
        return invalid_input("matrix " + std::to_string(i) + " is singular; expected one with an inverse");
      store<T>(Matrix<Wide<T>>(lu.solve(right)), result, i);
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_cholesky(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, true));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count && b.rows > 0; ++i) {
      const Eigen::LLT<Matrix<Wide<T>>> llt(load<T>(x, i, b.rows, b.columns));
      if (llt.info() != Eigen::Success)
        return invalid_input("matrix " + std::to_string(i) +
                             " is not positive definite; a Cholesky factor does not exist");
      store<T>(Matrix<Wide<T>>(llt.matrixL()), result, i);
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

/// L and U in one matrix, and the row permutation. Pivots are chosen in the input's precision.
Status run_lu(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, true));
  ISO_ASSIGN(Tensor lu_result, context.allocate(x.dtype(), x.shape()));
  std::vector<std::int64_t> permutation(static_cast<std::size_t>(b.count * b.rows));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count && b.rows > 0; ++i) {
      const Eigen::PartialPivLU<Matrix<Wide<T>>> lu(load<T>(x, i, b.rows, b.columns));
      if (is_singular<T>(lu))
        return invalid_input("matrix " + std::to_string(i) + " is singular; expected one with an inverse");
      store<T>(lu.matrixLU(), lu_result, i);
      // Eigen says where each row goes; asked for is the row that each place holds.
      const auto& goes = lu.permutationP().indices();
      for (std::int64_t k = 0; k < b.rows; ++k) permutation[static_cast<std::size_t>(i * b.rows + goes(k))] = k;
    }
    return {};
  }));
  ISO_ASSIGN(Tensor p, index_vector(context, node.attrs.get_type("output_idx_type", DType::int32), permutation));
  context.set_output(0, std::move(lu_result));
  context.set_output(1, p.reshaped(with(b.dims, {b.rows})));
  return {};
}

Status run_qr(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, false));
  const bool full = node.attrs.get_bool("full_matrices");
  const std::int64_t inner = full ? b.rows : std::min(b.rows, b.columns);
  ISO_ASSIGN(Tensor q, context.allocate(x.dtype(), with(b.dims, {b.rows, inner})));
  ISO_ASSIGN(Tensor r, context.allocate(x.dtype(), with(b.dims, {inner, b.columns})));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count && x.elements() > 0; ++i) {
      const Eigen::HouseholderQR<Matrix<Wide<T>>> qr(load<T>(x, i, b.rows, b.columns));
      store<T>(Matrix<Wide<T>>(qr.householderQ() * Matrix<Wide<T>>::Identity(b.rows, inner)), q, i);
      const Matrix<Wide<T>> upper = qr.matrixQR().template triangularView<Eigen::Upper>();
      store<T>(Matrix<Wide<T>>(upper.topRows(inner)), r, i);
    }
    return {};
  }));
  context.set_output(0, std::move(q));
  context.set_output(1, std::move(r));
  return {};
}

Status run_svd(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, false));
  const bool vectors = node.attrs.get_bool("compute_uv", true), full = node.attrs.get_bool("full_matrices");
  const std::int64_t p = std::min(b.rows, b.columns);
  ISO_ASSIGN(Tensor s, context.allocate(x.dtype(), with(b.dims, {p})));
  ISO_ASSIGN(Tensor u, context.allocate(x.dtype(), vectors ? with(b.dims, {b.rows, full ? b.rows : p}) : Shape{0}));
  ISO_ASSIGN(Tensor v,
             context.allocate(x.dtype(), vectors ? with(b.dims, {b.columns, full ? b.columns : p}) : Shape{0}));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    unsigned options = 0;
    if (vectors) options = full ? Eigen::ComputeFullU | Eigen::ComputeFullV : Eigen::ComputeThinU | Eigen::ComputeThinV;
    for (std::int64_t i = 0; i < b.count && x.elements() > 0; ++i) {
      // Eigen's thin decompositions need column-major or dynamic matrices; JacobiSVD takes both.
      const Eigen::JacobiSVD<Eigen::Matrix<Wide<T>, Eigen::Dynamic, Eigen::Dynamic>> svd(
          load<T>(x, i, b.rows, b.columns), options);
      for (std::int64_t k = 0; k < p; ++k) out<T>(s)[i * p + k] = static_cast<T>(svd.singularValues()(k));
      if (!vectors) continue;
      store<T>(svd.matrixU(), u, i);
      store<T>(svd.matrixV(), v, i);
    }
    return {};
  }));
  context.set_output(0, std::move(s));
  context.set_output(1, std::move(u));
  context.set_output(2, std::move(v));
  return {};
}

Status run_self_adjoint_eig(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const Batch b, batch_of(x, true));
  const bool vectors = node.attrs.get_bool("compute_v", true);
  ISO_ASSIGN(Tensor e, context.allocate(x.dtype(), with(b.dims, {b.rows})));
  ISO_ASSIGN(Tensor v, context.allocate(x.dtype(), vectors ? x.shape() : Shape{0}));
  ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < b.count && b.rows > 0; ++i) {
      const Eigen::SelfAdjointEigenSolver<Matrix<Wide<T>>> solver(
          load<T>(x, i, b.rows, b.columns), vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly);
      if (solver.info() != Eigen::Success)
        return invalid_input("the eigenvalues of matrix " + std::to_string(i) + " did not converge");
      for (std::int64_t k = 0; k < b.rows; ++k) out<T>(e)[i * b.rows + k] = static_cast<T>(solver.eigenvalues()(k));
      if (vectors) store<T>(solver.eigenvectors(), v, i);
    }
    return {};
  }));
  context.set_output(0, std::move(e));
  context.set_output(1, std::move(v));
  return {};
}

}  // namespace

void register_linear_algebra(KernelRegistry& r) {
  r.add({"MatrixDeterminant", "LogMatrixDeterminant"}, run_determinant);
  r.add("MatrixInverse", run_inverse);
  r.add({"MatrixSolve", "MatrixTriangularSolve", "BatchMatrixTriangularSolve"}, run_solve);
  r.add("Cholesky", run_cholesky);
  r.add("Lu", run_lu);
  r.add("Qr", run_qr);
  r.add("Svd", run_svd);
  r.add("SelfAdjointEigV2", run_self_adjoint_eig);
}

}  // namespace isotherm::cpu
