// MatMul, BatchMatMul, V2, V3.
#include <Eigen/Core>
#include <cstring>

#include "core/cpu/broadcast.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/onednn.h"

namespace isotherm::cpu {
namespace {

struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;  ///< a is stored k x m, b n x k
  bool conjugate_a = false, conjugate_b = false;
};

template <class T>
void multiply(const Product& p, const T* a, const T* b, T* c) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Map = Eigen::Map<const Matrix>;
  Matrix left = p.transpose_a ? Matrix(Map(a, p.k, p.m).transpose()) : Matrix(Map(a, p.m, p.k));
  Matrix right = p.transpose_b ? Matrix(Map(b, p.n, p.k).transpose()) : Matrix(Map(b, p.k, p.n));
  if (p.conjugate_a) left = left.conjugate().eval();
  if (p.conjugate_b) right = right.conjugate().eval();
  Eigen::Map<Matrix>(c, p.m, p.n).noalias() = left * right;
}

Status multiply_float(const Product& p, const float* a, const float* b, float* c) {
  const auto lda = p.transpose_a ? p.m : p.k, ldb = p.transpose_b ? p.k : p.n;
  const dnnl_status_t status =
      dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1.0f, a,
                 std::max<std::int64_t>(1, lda), b, std::max<std::int64_t>(1, ldb), 0.0f, c, p.n);
  if (status != dnnl_success)
    return internal_error("oneDNN's matrix product failed with status " + std::to_string(status));
  return {};
}

Status multiply_any(DType dtype, const Product& p, const std::byte* a, const std::byte* b, std::byte* c) {
  if (p.m == 0 || p.n == 0) return {};
  if (p.k == 0) {
    std::memset(c, 0, static_cast<std::size_t>(p.m * p.n) * dtype_size(dtype));
    return {};
  }
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    multiply(p, reinterpret_cast<const T*>(a), reinterpret_cast<const T*>(b), reinterpret_cast<T*>(c));
    return {};
  };
  switch (dtype) {
    case DType::float32:
      return multiply_float(p, reinterpret_cast<const float*>(a), reinterpret_cast<const float*>(b),
                            reinterpret_cast<float*>(c));
    case DType::float64:
      return as(Tag<double>());
    case DType::complex64:
      return as(Tag<complex64>());
    case DType::complex128:
      return as(Tag<complex128>());
    case DType::int32:
    case DType::uint32:
      return as(Tag<std::uint32_t>());  // the same bits, and they wrap
    case DType::int64:
    case DType::uint64:
      return as(Tag<std::uint64_t>());
    case DType::int16:
    case DType::uint16:
      return as(Tag<std::uint16_t>());
    case DType::int8:
    case DType::uint8:
      return as(Tag<std::uint8_t>());
    default:
      return unsupported_dtype(dtype);
  }
}

Result<Product> product_of(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const int ra = a.rank(), rb = b.rank();
  Product p;
  p.transpose_a = transpose_a;
  p.transpose_b = transpose_b;
  p.m = a.dim(ra - (transpose_a ? 1 : 2));
  p.k = a.dim(ra - (transpose_a ? 2 : 1));
  p.n = b.dim(rb - (transpose_b ? 2 : 1));
  const std::int64_t k = b.dim(rb - (transpose_b ? 1 : 2));
  if (p.k != k)
    return invalid_input("the matrices " + a.shape().to_string() + " and " + b.shape().to_string() +
                         " do not fit: inner sizes " + std::to_string(p.k) + " and " + std::to_string(k));
  return p;
}

Status run_matmul(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  ISO_TRY(expect_rank(a, 2, "the first matrix"));
  ISO_TRY(expect_rank(b, 2, "the second matrix"));
  if (a.dtype() != b.dtype()) return unsupported_dtype(b.dtype());
  ISO_ASSIGN(const Product p, product_of(a, b, node.attrs.get_bool("transpose_a"), node.attrs.get_bool("transpose_b")));
  ISO_ASSIGN(Tensor c, context.allocate(a.dtype(), Shape{p.m, p.n}));
  set_onednn_threads(context.threads());
  ISO_TRY(multiply_any(a.dtype(), p, a.raw(), b.raw(), c.raw()));
  context.set_output(0, std::move(c));
  return {};
}

Status run_batch_matmul(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  if (a.rank() < 2 || b.rank() < 2)
    return invalid_input("found shapes " + a.shape().to_string() + " and " + b.shape().to_string() +
                         "; expected rank 2 or more");
  if (a.dtype() != b.dtype()) return unsupported_dtype(b.dtype());
  const bool adj_x = node.attrs.get_bool("adj_x"), adj_y = node.attrs.get_bool("adj_y");
  ISO_ASSIGN(Product p, product_of(a, b, adj_x, adj_y));
  p.conjugate_a = adj_x && (a.dtype() == DType::complex64 || a.dtype() == DType::complex128);
  p.conjugate_b = adj_y && (b.dtype() == DType::complex64 || b.dtype() == DType::complex128);
  const auto batch_of = [](const Tensor& t) {
    return Shape(std::vector<std::int64_t>(t.shape().dims().begin(), t.shape().dims().end() - 2));
  };
  const Shape batch_a = batch_of(a), batch_b = batch_of(b);
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&batch_a, &batch_b}));
  Shape shape = plan.shape;
  shape.add_dim(p.m);
  shape.add_dim(p.n);
  ISO_ASSIGN(Tensor c, context.allocate(a.dtype(), shape));
  set_onednn_threads(context.threads());
  const auto size = static_cast<std::int64_t>(dtype_size(a.dtype()));
  const auto steps = plan.steps();
  Status status;
  if (c.elements() > 0)
    for_runs(plan, 1, 1, [&](std::int64_t at, const auto& from, std::int64_t n) {
      for (std::int64_t i = 0; i < n && status.ok(); ++i)
        status =
            multiply_any(a.dtype(), p, a.raw() + (from[0] + i * steps[0]) * p.m * p.k * size,
                         b.raw() + (from[1] + i * steps[1]) * p.k * p.n * size, c.raw() + (at + i) * p.m * p.n * size);
    });
  ISO_TRY(std::move(status));
  context.set_output(0, std::move(c));
  return {};
}

}  // namespace

void register_matmul(KernelRegistry& r) {
  r.add("MatMul", run_matmul, HalfFloats::as_float);
  r.add({"BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"}, run_batch_matmul, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
