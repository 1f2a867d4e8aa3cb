#include "cuda/device/device.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "cuda/device/error.h"
#include "cuda/device/gemm.h"
#include "cuda/native/convolution_tactics.h"
#include "cuda/native/host_kernel.h"
#include "cuda/native/registry.h"

namespace isotherm::cuda {
namespace {

class DeviceBuffer final : public Buffer {
 public:
  DeviceBuffer(void* data, std::size_t size, int device)
      : Buffer(static_cast<std::byte*>(data), size, MemoryKind::device, device) {}
  // cudaFree waits for the card, so that nothing that was issued still uses the memory. It fails only where the process
  // or the card is at its end.
  ~DeviceBuffer() override { (void)cudaFree(data()); }
};

class PinnedBuffer final : public Buffer {
 public:
  PinnedBuffer(void* data, std::size_t size) : Buffer(static_cast<std::byte*>(data), size, MemoryKind::pinned) {}
  ~PinnedBuffer() override { (void)cudaFreeHost(data()); }
};

class GraphRecording final : public Recording {
 public:
  GraphRecording(std::uint64_t number, cudaGraph_t graph, cudaGraphExec_t executable)
      : number_(number), graph_(graph), executable_(executable) {}
  ~GraphRecording() override {
    (void)cudaGraphExecDestroy(executable_);
    (void)cudaGraphDestroy(graph_);
  }
  [[nodiscard]] std::uint64_t number() const override { return number_; }
  Status replay(Stream& stream) override {
    CudaStream* const cuda = as_cuda(&stream);
    if (!cuda) return internal_error("a CUDA Graph was replayed on a stream of another device");
    ISO_CUDA(cudaSetDevice(cuda->device_index()));
    ISO_CUDA(cudaGraphLaunch(executable_, cuda->handle()));
    return {};
  }

 private:
  std::uint64_t number_;
  cudaGraph_t graph_;
  cudaGraphExec_t executable_;
};

std::atomic<std::uint64_t> last_recording{0};

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Result<DeviceStream*> own_stream(Stream& stream) {
  auto* const own = dynamic_cast<DeviceStream*>(&stream);
  if (!own) return internal_error("a stream of another device was given to the CUDA device");
  return own;
}

}  // namespace

Result<std::shared_ptr<CudaDevice>> CudaDevice::open(const GpuOptions& options, CudaEngineFactory engines) {
  std::shared_ptr<CudaDevice> device(new CudaDevice(options));
  device->engines_ = std::move(engines);
  ISO_TRY(device->initialise());
  return device;
}

Status CudaDevice::initialise() {
  int driver = 0;
  (void)cudaDriverGetVersion(&driver);
  if (driver == 0)
    return unsupported(
        "no NVIDIA driver was found on this machine (libcuda.so.1); install the driver, or use --device cpu");
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status == cudaErrorInsufficientDriver) {
    (void)cudaGetLastError();
    return unsupported("the NVIDIA driver is too old: it knows CUDA " + version_text(driver) + ", expected " +
                       version_text(CUDART_VERSION) + "; update the driver, or use --device cpu");
  } else if (status == cudaErrorNoDevice) {
    (void)cudaGetLastError();
    count = 0;
  } else {
    ISO_CUDA(status);
  }
  if (count == 0) return unsupported("this machine has a driver, but no NVIDIA card that it can use; use --device cpu");
  if (options_.index < 0 || options_.index >= count)
    return not_found("there is no card " + std::to_string(options_.index) + "; this machine has " +
                     (count == 1 ? std::string("one, cuda:0")
                                 : std::to_string(count) + ", cuda:0 to cuda:" + std::to_string(count - 1)));
  cudaDeviceProp properties{};
  ISO_CUDA(cudaGetDeviceProperties(&properties, options_.index));
  card_ = {properties.name, properties.major, properties.minor, properties.multiProcessorCount,
           properties.totalGlobalMem};
  ISO_CUDA(cudaDriverGetVersion(&driver_version_));
  ISO_CUDA(cudaRuntimeGetVersion(&runtime_version_));
  ISO_TRY(make_current());
  ISO_CUDA(cudaStreamCreateWithFlags(&upload_stream_, cudaStreamNonBlocking));
  ISO_BLAS(cublasLtCreate(&blas_));
  if (options_.cudnn) {
    auto api = open_cudnn();
    if (api.ok())
      cudnn_ = std::move(*api);
    else
      no_cudnn_ = api.error().message;
  }
  gemm_plans_ = std::make_unique<GemmPlans>(*this);
  convolution_choices_ = std::make_unique<ConvolutionChoices>();
  return {};
}

CudaDevice::CudaDevice(GpuOptions options) : options_(std::move(options)) {}

CudaDevice::~CudaDevice() {
  backend_.reset();
  // Without a card nothing was made, and CUDA would only complain of its number.
  if (card_.name.empty() || !make_current().ok()) return;
  gemm_plans_.reset();
  convolution_choices_.reset();
  if (blas_) (void)cublasLtDestroy(blas_);
  if (upload_stream_) (void)cudaStreamDestroy(upload_stream_);
}

std::string CudaDevice::description() const {
  std::string text = card_.name + ", compute capability " + std::to_string(card_.major) + "." +
                     std::to_string(card_.minor) + ", CUDA " + version_text(runtime_version_) + " (driver " +
                     version_text(driver_version_) + "), ";
  if (cudnn_)
    text += "cuDNN " + cudnn_->version_text();
  else
    text += options_.cudnn ? "own convolutions, cuDNN was not found" : "own convolutions, cuDNN switched off";
  text += options_.tf32 ? ", FP32 with TF32" : ", FP32 without TF32";
  if (options_.device_graphs) text += ", runs as CUDA Graphs";
  return text;
}

Status CudaDevice::make_current() const {
  ISO_CUDA(cudaSetDevice(options_.index));
  return {};
}

Result<std::shared_ptr<Buffer>> CudaDevice::allocate(std::size_t bytes) {
  ISO_TRY(make_current());
  void* data = nullptr;
  if (const cudaError_t status = cudaMalloc(&data, std::max<std::size_t>(bytes, 1)); status != cudaSuccess) {
    Error error = cuda_error(status, "cudaMalloc");
    std::size_t free = 0, total = 0;
    const bool known = cudaMemGetInfo(&free, &total) == cudaSuccess;
    error.message = "no " + std::to_string(bytes) + " bytes of memory on " + name() +
                    (known ? " (" + std::to_string(free) + " of " + std::to_string(total) + " are free)" : "") + ": " +
                    error.message;
    return error;
  }
  return std::shared_ptr<Buffer>(std::make_shared<DeviceBuffer>(data, bytes, options_.index));
}

Result<std::shared_ptr<Buffer>> CudaDevice::allocate_on_host(std::size_t bytes) {
  ISO_TRY(make_current());
  void* data = nullptr;
  ISO_CUDA(cudaHostAlloc(&data, std::max<std::size_t>(bytes, 1), cudaHostAllocDefault));
  return std::shared_ptr<Buffer>(std::make_shared<PinnedBuffer>(data, bytes));
}

Result<std::unique_ptr<Stream>> CudaDevice::make_stream() {
  ISO_ASSIGN(std::unique_ptr<DeviceStream> stream, DeviceStream::make(*this));
  return std::unique_ptr<Stream>(std::move(stream));
}

Result<Tensor> CudaDevice::to_device(const Tensor& host, Stream& stream) {
  if (!host.valid() || dtype_size(host.dtype()) == 0 || !host.on_host()) return host;
  ISO_ASSIGN(auto buffer, allocate(host.byte_size()));
  Tensor copied(host.dtype(), host.shape(), std::move(buffer));
  ISO_TRY(copy(host, copied, stream));
  return copied;
}

Result<Tensor> CudaDevice::to_host(const Tensor& tensor, Stream& stream) {
  if (tensor.on_host()) return tensor;
  ISO_ASSIGN(auto buffer, allocate_on_host(tensor.byte_size()));
  Tensor copied(tensor.dtype(), tensor.shape(), std::move(buffer));
  ISO_TRY(copy(tensor, copied, stream));
  return copied;
}

Status CudaDevice::copy(const Tensor& from, const Tensor& to, Stream& stream) {
  ISO_ASSIGN(DeviceStream* const own, own_stream(stream));
  return own->copy(from, to);
}

Result<std::shared_ptr<Buffer>> CudaDevice::upload(const void* data, std::size_t bytes) {
  ISO_ASSIGN(auto buffer, allocate(bytes));
  if (bytes == 0) return buffer;
  const std::lock_guard lock(upload_mutex_);
  ISO_CUDA(cudaMemcpyAsync(buffer->data(), data, bytes, cudaMemcpyHostToDevice, upload_stream_));
  ISO_CUDA(cudaStreamSynchronize(upload_stream_));
  return buffer;
}

Result<std::uint64_t> CudaDevice::begin_recording(Stream& stream) {
  ISO_ASSIGN(DeviceStream* const own, own_stream(stream));
  const std::uint64_t number = ++last_recording;
  ISO_TRY(own->begin_recording(number));
  return number;
}

Result<std::unique_ptr<Recording>> CudaDevice::end_recording(Stream& stream) {
  ISO_ASSIGN(DeviceStream* const own, own_stream(stream));
  const std::uint64_t number = own->recording_number();
  ISO_ASSIGN(const cudaGraph_t graph, own->end_recording());
  cudaGraphExec_t executable = nullptr;
  if (const cudaError_t status = cudaGraphInstantiateWithFlags(&executable, graph, 0); status != cudaSuccess) {
    (void)cudaGraphDestroy(graph);
    return cuda_error(status, "cudaGraphInstantiateWithFlags");
  }
  auto recording = std::make_unique<GraphRecording>(number, graph, executable);
  ISO_CUDA(cudaGraphUpload(executable, own->handle()));
  return std::unique_ptr<Recording>(std::move(recording));
}

Result<std::unique_ptr<Kernel>> CudaDevice::make_kernel(const KernelRequest& request) {
  const std::string where = "node '" + request.node.name + "' (" + request.node.op + ")";
  if (const KernelFactory* factory = kernels().find(request.node.op)) {
    auto kernel = (*factory)(*this, request);
    if (!kernel.ok()) return kernel.error().at(where);
    if (*kernel) return kernel;
  }
  if (!options_.host || !options_.host->supports(request.node.op))
    return unsupported(where + ": the CUDA device has no kernel for it" +
                       (options_.host ? ", nor has the CPU device" : ""));
  return make_host_kernel(*options_.host, request);
}

bool CudaDevice::supports(std::string_view op) const {
  return kernels().find(op) != nullptr || (options_.host && options_.host->supports(op));
}

EngineBackend* CudaDevice::engine_backend() {
  std::call_once(backend_made_, [this] {
    if (engines_) backend_ = engines_(*this);
  });
  return backend_.get();
}

Result<Launch> launch_of(KernelContext& context) {
  ISO_ASSIGN(DeviceStream* const stream, own_stream(context.stream()));
  ISO_TRY(stream->device().make_current());
  return Launch{stream->device(), *stream};
}

}  // namespace isotherm::cuda
