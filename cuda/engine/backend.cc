#include "cuda/engine/backend.h"

#include <memory>
#include <mutex>

#include "core/engine/timing_cache.h"
#include "cuda/device/device.h"
#include "cuda/engine/plan_builder.h"

namespace isotherm::cuda {
namespace {

class CudaEngineBackend final : public EngineBackend {
 public:
  explicit CudaEngineBackend(CudaDevice& device) : device_(device) {}

  Result<std::unique_ptr<Plan>> build(const Network& network, const BuildOptions& asked) override {
    const std::string where = "engine '" + network.name + "'";
    if (asked.precision != Precision::fp32)
      return unsupported(where + ": the CUDA device builds FP32 engines, found " +
                         std::string(precision_name(asked.precision)));
    const std::lock_guard lock(mutex_);  // builds time their tactics: one at a time
    if (const Status status = device_.make_current(); !status.ok()) return status.error().at(where);
    auto stream = DeviceStream::make(device_);
    if (!stream.ok()) return stream.error().at(where);
    BuildOptions options = asked;
    if (!options.timing_cache) options.timing_cache = &timings_;
    ISO_ASSIGN(std::unique_ptr<CudaPlan> plan, PlanBuilder(device_, **stream, network, options).build());
    if (const Status status = (*stream)->synchronise(); !status.ok()) return status.error().at(where);
    return std::unique_ptr<Plan>(std::move(plan));
  }

 private:
  CudaDevice& device_;
  std::mutex mutex_;
  TimingCache timings_;
};

}  // namespace

std::unique_ptr<EngineBackend> make_cuda_engine_backend(CudaDevice& device) {
  return std::make_unique<CudaEngineBackend>(device);
}

}  // namespace isotherm::cuda
