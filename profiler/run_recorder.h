// What observes the traced runs of a profile: the host clock on the CPU device; on a GPU CUPTI, or events of the device
// where CUPTI cannot be used.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runtime/device.h"
#include "profiler/session_data.h"

namespace isotherm {

class RunRecorder {
 public:
  /// Attaches a recorder that fits the device. Fails only where there is none at all.
  static Result<std::unique_ptr<RunRecorder>> open(Device& device);
  virtual ~RunRecorder() = default;

  [[nodiscard]] virtual RunObserver& observer() = 0;
  /// "cpu", "cupti", "cuda-events": the session's meta "recorder".
  [[nodiscard]] virtual std::string name() const = 0;
  /// Which version, or why no better one; empty: nothing to say.
  [[nodiscard]] virtual std::string note() const { return {}; }
  /// Runs that follow carry this id and begin at this host time; id below 0: they warm up.
  virtual void begin_run(int run, std::int64_t start) = 0;
  /// After a run, outside its time.
  virtual Status end_run() { return {}; }
  /// Moves what was recorded of one mode's runs into the session.
  virtual Status take(RunMode mode, SessionData& data) = 0;
};

}  // namespace isotherm
