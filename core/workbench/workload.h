// A graph made ready to run both ways: converted, with a session per way, values for its inputs and its fetches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/graph/progress.h"
#include "core/runtime/device_module.h"
#include "core/runtime/session.h"
#include "core/workbench/feeds.h"
#include "core/workbench/run_mode.h"

namespace isotherm {

struct WorkloadOptions {
  ConversionParams conversion;
  FeedOptions feeds;
  std::string device = "cpu";
  GpuOptions gpu;  ///< where the device is one
  int threads = 0;
  bool allow_native_segments = true;  ///< SessionOptions::allow_native_segments
};

/// What `bench` and `profile` run. Sessions are made when first asked for.
class Workload {
 public:
  static Result<std::unique_ptr<Workload>> create(std::shared_ptr<const Graph> graph, const WorkloadOptions& options);

  [[nodiscard]] const std::shared_ptr<const Conversion>& conversion() const { return conversion_; }
  [[nodiscard]] const Feeds& feeds() const { return feeds_; }
  [[nodiscard]] const std::vector<std::string>& fetches() const { return fetches_; }
  [[nodiscard]] Device& device() { return *device_; }
  [[nodiscard]] int threads() const { return threads_; }
  /// Items that one run handles: the first dimension of the first feed; 1 for scalars.
  [[nodiscard]] std::int64_t batch() const;
  Result<Session*> session(RunMode mode);
  /// Settings in force, for a report's head.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() const;

 private:
  std::shared_ptr<const Conversion> conversion_;
  std::shared_ptr<Device> device_;
  Feeds feeds_;
  std::vector<std::string> fetches_;
  int threads_ = 0;
  bool allow_native_segments_ = true;
  std::unique_ptr<Session> sessions_[2];
};

struct TimingOptions {
  int warmup = 3;
  int iterations = 0;     ///< 0: as many as fit `seconds`, at least 5
  double seconds = 3;
  bool resident = false;  ///< feeds are copied to the device once, before; fetches stay there
};

/// Untraced runs of one way.
struct Timing {
  std::vector<double> milliseconds;   ///< wall time of each run
  RunStatistics statistics;           ///< of the last run
  std::size_t engine_bytes = 0;       ///< memory of the engines' plans
};

/// Runs and times. Fails as Session::run fails, or when cancelled.
Result<Timing> time_runs(Workload& workload, RunMode mode, const TimingOptions& options, const Progress& progress = {});

}  // namespace isotherm
