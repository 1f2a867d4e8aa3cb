// What isotherm-cupti.so exports.
#include "core/runtime/device_module.h"
#include "profiler/cupti/cupti_probe.h"
#include "profiler/cupti/cupti_recorder.h"

#define ISOTHERM_EXPORT extern "C" __attribute__((visibility("default")))

ISOTHERM_EXPORT int isotherm_module_abi() { return isotherm::kModuleAbi; }

ISOTHERM_EXPORT void isotherm_open_cupti_recorder(
    isotherm::Result<std::unique_ptr<isotherm::DeviceRecorder>>& recorder) {
  recorder = isotherm::cupti::CuptiRecorder::open();
}

ISOTHERM_EXPORT void isotherm_probe_cupti(int device, isotherm::CuptiReport& report) {
  report = isotherm::cupti::probe(device);
}
