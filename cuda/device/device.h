// The CUDA device: one card.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "core/engine/plan.h"
#include "core/runtime/device.h"
#include "core/runtime/device_module.h"
#include "core/runtime/kernel.h"
#include "cuda/device/cudnn.h"
#include "cuda/device/stream.h"

namespace isotherm::cuda {

class GemmPlans;           // cuda/device/gemm.h
class ConvolutionChoices;  // cuda/native/convolution_tactics.h

/// What of a card its users ask for.
struct CardFacts {
  std::string name;          ///< "NVIDIA H100 80GB HBM3"
  int major = 0, minor = 0;  ///< compute capability
  int multiprocessors = 0;
  std::size_t memory_bytes = 0;
};

class CudaDevice;
/// Makes the backend that builds engine plans; called once, when a plan is first wanted.
using CudaEngineFactory = std::function<std::unique_ptr<EngineBackend>(CudaDevice& device)>;

/// Thread-safe where Device is used by several sessions: allocations, kernels, the shared caches of choices.
class CudaDevice final : public Device {
 public:
  /// `options.index`'s card. An error says in one sentence what is missing: the driver, the card, memory.
  static Result<std::shared_ptr<CudaDevice>> open(const GpuOptions& options, CudaEngineFactory engines);
  ~CudaDevice() override;

  [[nodiscard]] std::string name() const override { return "cuda:" + std::to_string(options_.index); }
  /// "NVIDIA H100 80GB HBM3, compute capability 9.0, CUDA 13.0 (driver 13.0), cuDNN 9.1.0, FP32 without TF32".
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] MemoryKind memory_kind() const override { return MemoryKind::device; }
  [[nodiscard]] std::size_t alignment() const override { return 256; }

  Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes) override;
  Result<std::shared_ptr<Buffer>> allocate_on_host(std::size_t bytes) override;
  Result<std::unique_ptr<Stream>> make_stream() override;
  Result<Tensor> to_device(const Tensor& host, Stream& stream) override;
  Result<Tensor> to_host(const Tensor& tensor, Stream& stream) override;
  Status copy(const Tensor& from, const Tensor& to, Stream& stream) override;

  [[nodiscard]] bool records_runs() const override { return options_.device_graphs; }
  Result<std::uint64_t> begin_recording(Stream& stream) override;
  Result<std::unique_ptr<Recording>> end_recording(Stream& stream) override;

  /// Kernels of the card; for what it has none, those of GpuOptions::host, with copies around them.
  Result<std::unique_ptr<Kernel>> make_kernel(const KernelRequest& request) override;
  [[nodiscard]] bool supports(std::string_view op) const override;
  EngineBackend* engine_backend() override;

  // What the device's own kernels and plans ask for.

  [[nodiscard]] int index() const { return options_.index; }
  [[nodiscard]] const GpuOptions& options() const { return options_; }
  [[nodiscard]] const CardFacts& card() const { return card_; }
  [[nodiscard]] bool tf32() const { return options_.tf32; }
  /// Null where it is switched off or was not found.
  [[nodiscard]] const CudnnApi* cudnn() const { return cudnn_.get(); }
  [[nodiscard]] cublasLtHandle_t blas() const { return blas_; }
  [[nodiscard]] GemmPlans& gemm_plans() { return *gemm_plans_; }
  [[nodiscard]] ConvolutionChoices& convolution_choices() { return *convolution_choices_; }
  /// Makes this card the calling thread's.
  Status make_current() const;
  /// A copy of host bytes in device memory of its own, complete on return: for weights, when a kernel is made.
  Result<std::shared_ptr<Buffer>> upload(const void* data, std::size_t bytes);

 private:
  explicit CudaDevice(GpuOptions options);
  Status initialise();

  GpuOptions options_;
  CardFacts card_;
  int driver_version_ = 0, runtime_version_ = 0;
  std::shared_ptr<const CudnnApi> cudnn_;
  std::string no_cudnn_;  ///< why there is none
  cublasLtHandle_t blas_ = nullptr;
  cudaStream_t upload_stream_ = nullptr;
  std::mutex upload_mutex_;
  std::unique_ptr<GemmPlans> gemm_plans_;
  std::unique_ptr<ConvolutionChoices> convolution_choices_;
  CudaEngineFactory engines_;
  std::once_flag backend_made_;
  std::unique_ptr<EngineBackend> backend_;
};

/// The device and stream that a kernel runs on, the card made current.
struct Launch {
  CudaDevice& device;
  DeviceStream& stream;
  [[nodiscard]] cudaStream_t handle() const { return stream.handle(); }
};
Result<Launch> launch_of(KernelContext& context);

}  // namespace isotherm::cuda
