#include "profiler/device_recorder.h"

#include "core/runtime/device_module.h"

namespace isotherm {
namespace {

constexpr const char* kModule = "isotherm-cupti.so";

Result<SharedModule> open_module() {
  auto module = SharedModule::open(kModule);
  if (!module.ok() && module.error().code == ErrorCode::not_found)
    return unsupported("this build has no CUPTI recorder (" + module.error().message +
                       "); build where the CUDA toolkit has cupti.h");
  return module;
}

}  // namespace

Result<std::unique_ptr<DeviceRecorder>> open_cupti_recorder() {
  ISO_ASSIGN(const SharedModule module, open_module());
  const auto open = reinterpret_cast<OpenCuptiFunction>(module.symbol("isotherm_open_cupti_recorder"));
  if (!open) return internal_error(module.path() + " has no function isotherm_open_cupti_recorder");
  Result<std::unique_ptr<DeviceRecorder>> recorder = internal_error("the module set no recorder");
  open(recorder);
  return recorder;
}

Result<CuptiReport> probe_cupti(int device) {
  ISO_ASSIGN(const SharedModule module, open_module());
  const auto probe = reinterpret_cast<ProbeCuptiFunction>(module.symbol("isotherm_probe_cupti"));
  if (!probe) return internal_error(module.path() + " has no function isotherm_probe_cupti");
  CuptiReport report;
  probe(device, report);
  return report;
}

}  // namespace isotherm
