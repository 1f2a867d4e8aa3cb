// A profiling session: runs a workload both ways, untraced and traced, and writes what happened.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/graph/progress.h"
#include "core/workbench/workload.h"
#include "profiler/session_data.h"

namespace isotherm {

struct ProfileOptions {
  int warmup = 2;        ///< runs before anything is recorded, each way
  int iterations = 10;   ///< recorded runs each way; as many untraced ones are timed beside them
  bool native = true;    ///< record the graph before the conversion
  bool engines = true;   ///< record the converted graph
  /// Run both ways once more and compare every tensor that both compute; needs `native` and `engines`.
  bool numeric_error = false;
  std::string model_path;       ///< for the session's meta
  std::vector<std::pair<std::string, std::string>> settings;  ///< said after the workload's own
  std::string program_version;
};

/// Runs and writes to `path`, in transactions. Memory and precision of every node are recorded in one further run of
/// each way, so that times are not disturbed. On a GPU with CUPTI (elsewhere with events, and the session's meta
/// "recorder" and "recorder note" say which and why). A cancelled or failed session leaves what it has under
/// PATH.partial, readable, and the error says so.
Result<SessionData> profile(Workload& workload, const ProfileOptions& options, const std::string& path, const Progress& progress = {});

}  // namespace isotherm
