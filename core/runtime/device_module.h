// Devices that live in shared objects of their own, opened when a run first asks for them: the program starts, and says
// what is missing, on machines without their libraries.
#pragma once

#include <memory>
#include <string>

#include "core/runtime/device.h"

namespace isotherm {

/// What a user may choose of a GPU device.
struct GpuOptions {
  int index = 0;               ///< N of "cuda:N"
  int threads = 0;             ///< host threads, 0: all cores
  bool tf32 = false;           ///< matrix products and convolutions may round their inputs to TF32
  bool cudnn = true;           ///< use cuDNN where it is found; false: the project's own convolution kernels
  bool device_graphs = false;  ///< record runs and engines once, then replay them: Device::records_runs()
  /// Runs what the card has no kernel for, in host memory; null: such nodes cannot run. The device shares it.
  std::shared_ptr<Device> host;
};

/// The number that a module's `isotherm_module_abi` must return. Counts up whenever an interface that crosses the
/// border changes: device.h, kernel.h, observer.h, tensor.h, plan.h or what they include.
inline constexpr int kModuleAbi = 1;

/// A shared object beside the program, or in ../lib/isotherm of it; stays open as long as the program.
class SharedModule {
 public:
  /// `file`: "isotherm-cuda.so". An error says where it was looked for, or which library it lacks.
  static Result<SharedModule> open(const std::string& file);
  /// Null if the module has no such symbol.
  [[nodiscard]] void* symbol(const char* name) const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  SharedModule(void* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  void* handle_;
  std::string path_;
};

/// What isotherm-cuda.so exports as `isotherm_open_gpu`.
using OpenGpuFunction = void (*)(const GpuOptions& options, Result<std::shared_ptr<Device>>& device);

/// The device "cuda:N". An error is one sentence: no module in this build, a library that is missing, no driver, no
/// such card.
Result<std::shared_ptr<Device>> open_gpu(const GpuOptions& options);

}  // namespace isotherm
