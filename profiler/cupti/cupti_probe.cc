#include "profiler/cupti/cupti_probe.h"

#include <dlfcn.h>

#include "profiler/cupti/activity_buffers.h"

namespace isotherm::cupti {
namespace {

void CUPTIAPI ignore(void*, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {}

/// A context on the card, current on this thread while it lives.
class Context {
 public:
  explicit Context(int device) {
    // The driver is there already, or nothing could be recorded.
    library_ = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library_) return;
    const auto init = find<int (*)(unsigned)>("cuInit");
    const auto get = find<int (*)(int*, int)>("cuDeviceGet");
    const auto retain = find<int (*)(CUcontext*, int)>("cuDevicePrimaryCtxRetain");
    set_current_ = find<int (*)(CUcontext)>("cuCtxSetCurrent");
    release_ = find<int (*)(int)>("cuDevicePrimaryCtxRelease_v2");
    if (!init || !get || !retain || !set_current_ || !release_) return;
    if (init(0) != 0 || get(&device_, device) != 0 || retain(&context_, device_) != 0) return;
    set_current_(context_);
  }
  ~Context() {
    if (!context_) return;
    set_current_(nullptr);
    release_(device_);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  [[nodiscard]] CUcontext get() const { return context_; }

 private:
  template <class F>
  F find(const char* name) const {
    return reinterpret_cast<F>(dlsym(library_, name));
  }
  void* library_ = nullptr;
  int device_ = 0;
  CUcontext context_ = nullptr;
  int (*set_current_)(CUcontext) = nullptr;
  int (*release_)(int) = nullptr;
};

void probe_counters(const Api& api, int device, CuptiReport& report) {
  if (!api.profiler_initialize || !api.get_counter_availability) {
    report.counters_error = "this CUPTI does not say";
    return;
  }
  const Context context(device);
  if (!context.get()) {
    report.counters_error = "no context on the card";
    return;
  }
  CUpti_Profiler_Initialize_Params initialise = {};
  initialise.structSize = CUpti_Profiler_Initialize_Params_STRUCT_SIZE;
  CUptiResult result = api.profiler_initialize(&initialise);
  if (result == CUPTI_SUCCESS) {
    CUpti_Profiler_GetCounterAvailability_Params availability = {};
    availability.structSize = CUpti_Profiler_GetCounterAvailability_Params_STRUCT_SIZE;
    availability.ctx = context.get();
    result = api.get_counter_availability(&availability);
    if (api.profiler_deinitialize) {
      CUpti_Profiler_DeInitialize_Params end = {};
      end.structSize = CUpti_Profiler_DeInitialize_Params_STRUCT_SIZE;
      api.profiler_deinitialize(&end);
    }
  }
  report.counters = result == CUPTI_SUCCESS ? CuptiReport::Counters::permitted : CuptiReport::Counters::refused;
  if (result != CUPTI_SUCCESS) report.counters_error = api.words(result);
}

}  // namespace

CuptiReport probe(int device) {
  CuptiReport report;
  const auto found = api();
  if (!found.ok()) {
    report.missing = found.error().message;
    return report;
  }
  const Api& cupti = **found;
  report.library = cupti.path;
  report.api_version = cupti.version;
  auto subscriber = subscribe(cupti, ignore, nullptr, &report.other_tool);
  if (!subscriber.ok()) {
    report.subscription = subscriber.error().message;
    return report;
  }
  Status status = ActivityBuffers::instance().attach(cupti);
  if (status.ok()) {
    status = cupti.check(cupti.activity_enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL), "to record kernels");
    cupti.activity_disable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  }
  report.tracing = status.ok();
  if (!status.ok()) report.tracing_error = status.error().message;
  probe_counters(cupti, device, report);
  cupti.unsubscribe(*subscriber);
  return report;
}

}  // namespace isotherm::cupti
