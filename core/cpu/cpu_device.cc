#include "core/cpu/cpu_device.h"

#include <fstream>
#include <mutex>
#include <thread>

#include "core/cpu/onednn.h"
#include "core/cpu/registry.h"
#include "core/engine/plan.h"

namespace isotherm {
namespace {

/// Runs work when it is issued.
class CpuStream final : public Stream {
 public:
  Status synchronise() override { return {}; }
};

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

class CpuDevice final : public Device {
 public:
  CpuDevice(int threads, EngineBackendFactory factory)
      : threads_(threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
        factory_(std::move(factory)) {}

  [[nodiscard]] std::string name() const override { return "cpu"; }
  [[nodiscard]] std::string description() const override {
    return processor_name() + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread, " : " threads, ") +
           cpu::onednn_description();
  }
  [[nodiscard]] MemoryKind memory_kind() const override { return MemoryKind::host; }

  Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes) override {
    auto buffer = allocate_host(bytes);
    if (!buffer) return exhausted("no memory for " + std::to_string(bytes) + " bytes");
    return buffer;
  }
  Result<std::unique_ptr<Stream>> make_stream() override { return std::unique_ptr<Stream>(new CpuStream); }
  Result<Tensor> to_device(const Tensor& host, Stream&) override { return host; }
  Result<Tensor> to_host(const Tensor& tensor, Stream&) override { return tensor; }

  Result<std::unique_ptr<Kernel>> make_kernel(const KernelRequest& request) override {
    const cpu::KernelFactory* factory = cpu::kernels().find(request.node.op);
    if (!factory)
      return unsupported("node '" + request.node.name + "': the CPU device has no kernel for op " + request.node.op);
    auto kernel = (*factory)(request);
    if (!kernel.ok()) return kernel.error().at("node '" + request.node.name + "' (" + request.node.op + ")");
    return kernel;
  }
  [[nodiscard]] bool supports(std::string_view op) const override { return cpu::kernels().find(op) != nullptr; }
  EngineBackend* engine_backend() override {
    std::call_once(backend_made_, [this] {
      if (factory_) backend_ = factory_(*this);
    });
    return backend_.get();
  }

 private:
  int threads_;
  EngineBackendFactory factory_;
  std::once_flag backend_made_;
  std::unique_ptr<EngineBackend> backend_;
};

}  // namespace

std::shared_ptr<Device> make_cpu_device(int threads, EngineBackendFactory backend) {
  return std::make_shared<CpuDevice>(threads, std::move(backend));
}

}  // namespace isotherm
