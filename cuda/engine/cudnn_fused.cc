#include "cuda/engine/cudnn_fused.h"

#include <dlfcn.h>

#include <mutex>

namespace isotherm::cuda {
namespace {

template <class F>
bool find(void* library, const char* name, F*& function) {
  function = reinterpret_cast<F*>(dlsym(library, name));
  return function != nullptr;
}

Result<CudnnFusedApi> open() {
  void* library = nullptr;
  for (const char* name : {"libcudnn.so.9", "libcudnn.so.8"})
    if (!library) library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (!library) return not_found("cuDNN is not open");
  CudnnFusedApi api;
  const bool complete = find(library, "cudnnCreateActivationDescriptor", api.create_activation) &&
                        find(library, "cudnnDestroyActivationDescriptor", api.destroy_activation) &&
                        find(library, "cudnnSetActivationDescriptor", api.set_activation) &&
                        find(library, "cudnnConvolutionBiasActivationForward", api.convolve);
  if (complete) return api;  // the library stays open as long as the process
  dlclose(library);
  return unsupported("cuDNN as found has no fused convolution");
}

}  // namespace

Result<const CudnnFusedApi*> open_cudnn_fused() {
  static std::mutex mutex;
  static CudnnFusedApi opened;
  const std::lock_guard lock(mutex);
  if (!opened.convolve) {
    ISO_ASSIGN(opened, open());
  }
  return &opened;
}

}  // namespace isotherm::cuda
