#include "cuda/device/cudnn.h"

#include <dlfcn.h>

#include <array>
#include <mutex>

namespace isotherm::cuda {
namespace {

struct Entry {
  void** function;
  const char* name;
};

template <class F>
void** address(F*& function) {
  return reinterpret_cast<void**>(&function);
}

Result<std::shared_ptr<const CudnnApi>> open() {
  void* library = nullptr;
  std::string tried;
  for (const char* name : {"libcudnn.so.9", "libcudnn.so.8"}) {
    library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library) break;
    const char* reason = dlerror();
    tried += (tried.empty() ? "" : "; ") + std::string(reason ? reason : name);
  }
  if (!library) return not_found("cuDNN was not found (" + tried + ")");
  auto api = std::make_shared<CudnnApi>();
  const Entry entries[] = {
      {address(api->version), "cudnnGetVersion"},
      {address(api->error_string), "cudnnGetErrorString"},
      {address(api->create), "cudnnCreate"},
      {address(api->destroy), "cudnnDestroy"},
      {address(api->set_stream), "cudnnSetStream"},
      {address(api->create_tensor), "cudnnCreateTensorDescriptor"},
      {address(api->destroy_tensor), "cudnnDestroyTensorDescriptor"},
      {address(api->set_tensor), "cudnnSetTensor4dDescriptor"},
      {address(api->create_filter), "cudnnCreateFilterDescriptor"},
      {address(api->destroy_filter), "cudnnDestroyFilterDescriptor"},
      {address(api->set_filter), "cudnnSetFilter4dDescriptor"},
      {address(api->create_convolution), "cudnnCreateConvolutionDescriptor"},
      {address(api->destroy_convolution), "cudnnDestroyConvolutionDescriptor"},
      {address(api->set_convolution), "cudnnSetConvolution2dDescriptor"},
      {address(api->set_groups), "cudnnSetConvolutionGroupCount"},
      {address(api->set_math), "cudnnSetConvolutionMathType"},
      {address(api->workspace_size), "cudnnGetConvolutionForwardWorkspaceSize"},
      {address(api->convolve), "cudnnConvolutionForward"},
  };
  for (const Entry& entry : entries) {
    *entry.function = dlsym(library, entry.name);
    if (!*entry.function) {
      dlclose(library);
      return unsupported("cuDNN as found has no function " + std::string(entry.name));
    }
  }
  return std::shared_ptr<const CudnnApi>(std::move(api));
}

}  // namespace

std::string_view cudnn_algorithm_name(int algorithm) {
  constexpr std::array<std::string_view, kCudnnAlgorithms> kNames = {
      "implicit gemm", "implicit precomputed gemm", "gemm", "direct", "fft", "fft tiling",
      "winograd",      "winograd nonfused"};
  return algorithm >= 0 && algorithm < kCudnnAlgorithms ? kNames[static_cast<std::size_t>(algorithm)] : "unknown";
}

std::string CudnnApi::version_text() const {
  const std::size_t v = version();
  const std::size_t major = v >= 90000 ? v / 10000 : v / 1000;
  const std::size_t rest = v >= 90000 ? v % 10000 : v % 1000;
  return std::to_string(major) + "." + std::to_string(rest / 100) + "." + std::to_string(rest % 100);
}

Result<std::shared_ptr<const CudnnApi>> open_cudnn() {
  static std::mutex mutex;
  static std::shared_ptr<const CudnnApi> opened;
  const std::lock_guard lock(mutex);
  if (!opened) {
    ISO_ASSIGN(opened, open());
  }
  return opened;
}

Error cudnn_error(const CudnnApi& api, int status, std::string_view call) {
  const std::string name(call.substr(0, call.find('(')));
  std::string message =
      "cuDNN's call '" + name + "' failed: " + api.error_string(status) + " (status " + std::to_string(status) + ")";
  // CUDNN_STATUS_NOT_SUPPORTED: 9 up to version 8, 3000 and above it from 9 on.
  if (status == 9 || (status >= 3000 && status < 4000)) return unsupported(std::move(message));
  return internal_error(std::move(message));
}

}  // namespace isotherm::cuda
