// Matrix products through cuBLASLt, in row-major terms.
#pragma once

#include <cublasLt.h>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "core/graph/status.h"
#include "cuda/device/stream.h"

namespace isotherm::cuda {

class CudaDevice;

/// c[m,n] = a[m,k] b[k,n], float32, dense, row-major; a transposed operand is stored the other way round. With `batch`
/// above one, operands and results lie so many elements apart; a stride of 0 uses one operand for all.
struct GemmShape {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  std::int64_t batch = 1;
  std::int64_t stride_a = 0, stride_b = 0, stride_c = 0;
  auto operator<=>(const GemmShape&) const = default;
};

/// A shape's descriptors and the algorithm that was fastest when it was first run.
struct GemmPlan {
  ~GemmPlan();
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr;  // as cuBLASLt sees them: column-major, a and b swapped
  cublasLtMatmulAlgo_t algorithm = {};
};

/// Plans of a device by shape. Thread-safe.
class GemmPlans {
 public:
  explicit GemmPlans(CudaDevice& device) : device_(device) {}
  /// Issues the product on `stream`. The first time a shape is met its algorithms are timed on the operands given,
  /// unless the stream records. Requires m, n, k, batch > 0 and memory aligned to 16 bytes.
  Status run(DeviceStream& stream, const GemmShape& shape, const float* a, const float* b, float* c);

 private:
  Result<std::shared_ptr<const GemmPlan>> find(DeviceStream& stream, const GemmShape& shape, const float* a,
                                               const float* b, float* c);
  Status issue(DeviceStream& stream, const GemmPlan& plan, const cublasLtMatmulAlgo_t& algorithm, const float* a,
               const float* b, float* c) const;

  CudaDevice& device_;
  std::mutex mutex_;
  std::map<GemmShape, std::shared_ptr<const GemmPlan>> plans_;
};

}  // namespace isotherm::cuda
