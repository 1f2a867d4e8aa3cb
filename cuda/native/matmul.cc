// MatMul, BatchMatMul, V2, V3 through cuBLASLt.
#include "core/cpu/broadcast.h"
#include "cuda/device/gemm.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

Result<GemmShape> product_of(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  const int ra = a.rank(), rb = b.rank();
  GemmShape p;
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

/// Empty sums are zero, empty results nothing.
Status multiply(const Launch& launch, const GemmShape& p, const float* a, const float* b, float* c) {
  if (p.m == 0 || p.n == 0 || p.batch == 0) return {};
  if (p.k == 0) {
    ISO_CUDA(cudaMemsetAsync(c, 0, static_cast<std::size_t>(p.batch * p.m * p.n) * sizeof(float), launch.handle()));
    return {};
  }
  return launch.device.gemm_plans().run(launch.stream, p, a, b, c);
}

Status run_matmul(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  ISO_TRY(expect_rank(a, 2, "the first matrix"));
  ISO_TRY(expect_rank(b, 2, "the second matrix"));
  ISO_ASSIGN(const GemmShape p,
             product_of(a, b, node.attrs.get_bool("transpose_a"), node.attrs.get_bool("transpose_b")));
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor c, context.allocate(DType::float32, Shape{p.m, p.n}));
  ISO_TRY(multiply(launch, p, floats(a), floats(b), floats_out(c)));
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
  ISO_ASSIGN(GemmShape p, product_of(a, b, node.attrs.get_bool("adj_x"), node.attrs.get_bool("adj_y")));
  const auto batch_of = [](const Tensor& t) {
    return Shape(std::vector<std::int64_t>(t.shape().dims().begin(), t.shape().dims().end() - 2));
  };
  const Shape batch_a = batch_of(a), batch_b = batch_of(b);
  ISO_ASSIGN(const cpu::BroadcastPlan plan, cpu::plan_broadcast({&batch_a, &batch_b}));
  Shape shape = plan.shape;
  shape.add_dim(p.m);
  shape.add_dim(p.n);
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor c, context.allocate(DType::float32, shape));
  // The innermost run of the batch is one call; what is outside of it is a loop.
  p.batch = plan.dims.back();
  p.stride_a = plan.steps()[0] * p.m * p.k;
  p.stride_b = plan.steps()[1] * p.k * p.n;
  p.stride_c = p.m * p.n;
  Status status;
  if (c.elements() > 0)
    cpu::for_runs(plan, 1, 1, [&](std::int64_t at, const auto& from, std::int64_t) {
      if (status.ok())
        status = multiply(launch, p, floats(a) + from[0] * p.m * p.k, floats(b) + from[1] * p.k * p.n,
                          floats_out(c) + at * p.m * p.n);
    });
  ISO_TRY(std::move(status));
  context.set_output(0, std::move(c));
  return {};
}

}  // namespace

void register_matmul(KernelRegistry& r) {
  r.add({"MatMul"}, run_matmul);
  r.add({"BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"}, run_batch_matmul);
}

}  // namespace isotherm::cuda
