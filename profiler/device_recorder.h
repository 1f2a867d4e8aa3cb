// Recorders of what a GPU does during runs: CUPTI where it can be used, events of the device elsewhere.
//
// CUPTI's lives in a shared object of its own, isotherm-cupti.so, which finds libcupti itself: a build with it starts
// on any machine, and says what is missing.
#pragma once

#include <memory>
#include <string>

#include "core/graph/status.h"
#include "core/runtime/observer.h"
#include "profiler/activity.h"

namespace isotherm {

/// Attached from its making until detach() or its end. Observes the runs of one thread at a time.
class DeviceRecorder : public RunObserver {
 public:
  /// Runs that follow carry this id; below 0: they warm up, and nothing of them is kept.
  virtual void begin_run(int run) = 0;
  /// After a run, outside its time; the run's stream has been waited for. Takes over what the device has finished.
  virtual Status end_run() = 0;
  /// All since the last call. Times are ns of the host's monotonic clock.
  virtual Result<ActivityBatch> take() = 0;
  /// Stops recording; the destructor does it too.
  virtual Status detach() = 0;
  /// "CUPTI 13.0, API 130001, libcupti.so.13".
  [[nodiscard]] virtual std::string description() const = 0;
};

/// What there is of CUPTI on this machine. Every text is one line.
struct CuptiReport {
  std::string library;  ///< path it was loaded from; empty: none, `missing` says why
  std::string missing;
  int api_version = 0;       ///< as CUPTI numbers itself
  std::string other_tool;    ///< who holds the one subscription; empty: free
  std::string subscription;  ///< why it cannot be had; empty: it can
  bool tracing = false;      ///< kernels can be recorded
  std::string tracing_error;
  enum class Counters { unknown, permitted, refused } counters = Counters::unknown;
  std::string counters_error;
};

/// An error is one sentence: no such module in this build, no libcupti, another tool attached, no permission.
Result<std::unique_ptr<DeviceRecorder>> open_cupti_recorder();
/// Tries it out on the card `device` and lets go again.
Result<CuptiReport> probe_cupti(int device);

/// What isotherm-cupti.so exports as `isotherm_open_cupti_recorder` and `isotherm_probe_cupti`.
using OpenCuptiFunction = void (*)(Result<std::unique_ptr<DeviceRecorder>>& recorder);
using ProbeCuptiFunction = void (*)(int device, CuptiReport& report);

}  // namespace isotherm
