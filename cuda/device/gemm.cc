#include "cuda/device/gemm.h"

#include <array>

#include "cuda/device/device.h"
#include "cuda/device/error.h"

namespace isotherm::cuda {
namespace {

struct Preference {
  ~Preference() {
    if (handle) (void)cublasLtMatmulPreferenceDestroy(handle);
  }
  cublasLtMatmulPreference_t handle = nullptr;
};

Status make_layout(cublasLtMatrixLayout_t& layout, std::int64_t rows, std::int64_t columns, std::int64_t batch,
                   std::int64_t stride) {
  ISO_BLAS(cublasLtMatrixLayoutCreate(&layout, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                      static_cast<std::uint64_t>(columns), rows));
  if (batch > 1) {
    const auto count = static_cast<std::int32_t>(batch);
    ISO_BLAS(cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count));
    ISO_BLAS(
        cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride));
  }
  return {};
}

}  // namespace

GemmPlan::~GemmPlan() {
  if (operation) (void)cublasLtMatmulDescDestroy(operation);
  for (cublasLtMatrixLayout_t layout : {a, b, c})
    if (layout) (void)cublasLtMatrixLayoutDestroy(layout);
}

Status GemmPlans::issue(DeviceStream& stream, const GemmPlan& plan, const cublasLtMatmulAlgo_t& algorithm,
                        const float* a, const float* b, float* c) const {
  const float one = 1, zero = 0;
  // A row-major matrix is its transpose in column-major order: c' = b' a'.
  ISO_BLAS(cublasLtMatmul(device_.blas(), plan.operation, &one, b, plan.a, a, plan.b, &zero, c, plan.c, c, plan.c,
                          &algorithm, stream.workspace(), DeviceStream::kWorkspaceBytes, stream.handle()));
  return {};
}

Result<std::shared_ptr<const GemmPlan>> GemmPlans::find(DeviceStream& stream, const GemmShape& shape, const float* a,
                                                        const float* b, float* c) {
  const std::lock_guard lock(mutex_);
  if (const auto it = plans_.find(shape); it != plans_.end()) return it->second;
  auto plan = std::make_shared<GemmPlan>();
  const cublasComputeType_t compute = device_.tf32() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  ISO_BLAS(cublasLtMatmulDescCreate(&plan->operation, compute, CUDA_R_32F));
  const cublasOperation_t first = shape.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                          second = shape.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
  ISO_BLAS(cublasLtMatmulDescSetAttribute(plan->operation, CUBLASLT_MATMUL_DESC_TRANSA, &first, sizeof first));
  ISO_BLAS(cublasLtMatmulDescSetAttribute(plan->operation, CUBLASLT_MATMUL_DESC_TRANSB, &second, sizeof second));
  ISO_TRY(make_layout(plan->a, shape.transpose_b ? shape.k : shape.n, shape.transpose_b ? shape.n : shape.k,
                      shape.batch, shape.stride_b));
  ISO_TRY(make_layout(plan->b, shape.transpose_a ? shape.m : shape.k, shape.transpose_a ? shape.k : shape.m,
                      shape.batch, shape.stride_a));
  ISO_TRY(make_layout(plan->c, shape.n, shape.m, shape.batch, shape.stride_c));

  Preference preference;
  ISO_BLAS(cublasLtMatmulPreferenceCreate(&preference.handle));
  const std::size_t bytes = DeviceStream::kWorkspaceBytes;
  ISO_BLAS(cublasLtMatmulPreferenceSetAttribute(preference.handle, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes,
                                                sizeof bytes));
  const std::uint32_t alignment = 16;
  for (const auto attribute : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                               CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    ISO_BLAS(cublasLtMatmulPreferenceSetAttribute(preference.handle, attribute, &alignment, sizeof alignment));
  std::array<cublasLtMatmulHeuristicResult_t, 8> found{};
  int count = 0;
  ISO_BLAS(cublasLtMatmulAlgoGetHeuristic(device_.blas(), plan->operation, plan->a, plan->b, plan->c, plan->c,
                                          preference.handle, static_cast<int>(found.size()), found.data(), &count));
  if (count == 0)
    return unsupported("cuBLASLt has no algorithm for a product of " + std::to_string(shape.m) + "x" +
                       std::to_string(shape.k) + " and " + std::to_string(shape.k) + "x" + std::to_string(shape.n));
  plan->algorithm = found[0].algo;
  if (!stream.recording() && count > 1) {
    float least = -1;
    for (int i = 0; i < count; ++i) {
      const auto& candidate = found[static_cast<std::size_t>(i)];
      if (candidate.state != CUBLAS_STATUS_SUCCESS) continue;
      const auto once = [&] { return issue(stream, *plan, candidate.algo, a, b, c); };
      if (!once().ok()) continue;
      ISO_ASSIGN(const float milliseconds, stream.time(once, 3));
      if (least >= 0 && milliseconds >= least) continue;
      least = milliseconds;
      plan->algorithm = candidate.algo;
    }
  }
  plans_.emplace(shape, plan);
  return std::shared_ptr<const GemmPlan>(std::move(plan));
}

Status GemmPlans::run(DeviceStream& stream, const GemmShape& shape, const float* a, const float* b, float* c) {
  ISO_ASSIGN(const auto plan, find(stream, shape, a, b, c));
  return issue(stream, *plan, plan->algorithm, a, b, c);
}

}  // namespace isotherm::cuda
