#include "core/workbench/workload.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/convert/trt_convert.h"
#include "core/workbench/devices.h"

namespace isotherm {

Result<std::unique_ptr<Workload>> Workload::create(std::shared_ptr<const Graph> graph, const WorkloadOptions& options) {
  auto workload = std::make_unique<Workload>();
  workload->threads_ = options.threads > 0 ? options.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  ISO_ASSIGN(workload->device_, open_device(options.device, workload->threads_, options.gpu));
  workload->allow_native_segments_ = options.allow_native_segments;
  ISO_ASSIGN(workload->conversion_, converted(std::move(graph), options.conversion));
  const Conversion& conversion = *workload->conversion_;
  workload->fetches_ = conversion.params.outputs;
  if (workload->fetches_.empty()) return invalid_input("the graph has no output to run for: every node is consumed; name one with --outputs");
  const std::vector<std::string> inputs = default_inputs(*conversion.before);
  ISO_ASSIGN(workload->feeds_, make_feeds(*conversion.before, conversion.shapes_before, inputs, options.feeds));
  return workload;
}

std::int64_t Workload::batch() const {
  for (const auto& [name, value] : feeds_)
    if (value.rank() > 0) return value.dim(0);
  return 1;
}

Result<Session*> Workload::session(RunMode mode) {
  std::unique_ptr<Session>& slot = sessions_[static_cast<int>(mode)];
  if (!slot) {
    const bool engines = mode == RunMode::engines;
    ISO_ASSIGN(slot, Session::create(engines ? conversion_->after : conversion_->before, device_, session_options(threads_, engines, allow_native_segments_)));
  }
  return slot.get();
}

std::vector<std::pair<std::string, std::string>> Workload::settings() const {
  auto out = describe_params(conversion_->params);
  out.emplace_back("device", device_->description());
  out.emplace_back("threads", std::to_string(threads_));
  for (const auto& [name, value] : feeds_) out.emplace_back("input", describe_feed(name, value));
  for (const std::string& name : fetches_) out.emplace_back("output", name);
  return out;
}

Result<Timing> time_runs(Workload& workload, RunMode mode, const TimingOptions& options, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  ISO_ASSIGN(Session* const session, workload.session(mode));
  const std::string label(run_mode_name(mode));
  RunOptions run_options;
  run_options.cancel = progress.cancel;
  Feeds feeds = workload.feeds();
  if (options.resident) {
    run_options.fetches_on_device = true;
    ISO_ASSIGN(const std::unique_ptr<Stream> stream, workload.device().make_stream());
    for (auto& [name, value] : feeds) {
      ISO_ASSIGN(value, workload.device().to_device(value, *stream));
    }
    ISO_TRY(stream->synchronise());
  }
  for (int i = 0; i < options.warmup; ++i) {
    progress.tell(-1, label + ": warming up, run " + std::to_string(i + 1) + " of " + std::to_string(options.warmup));
    ISO_ASSIGN(const RunResult warm, session->run(feeds, workload.fetches(), run_options));
  }
  Timing timing;
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  constexpr int kFewest = 5;
  const auto wanted = [&] {
    const int done = static_cast<int>(timing.milliseconds.size());
    if (options.iterations > 0) return done < options.iterations;
    return done < kFewest || elapsed() < options.seconds;
  };
  while (wanted()) {
    if (progress.cancelled()) return cancelled();
    const int done = static_cast<int>(timing.milliseconds.size());
    progress.tell(options.iterations > 0 ? static_cast<double>(done) / options.iterations : std::min(1.0, elapsed() / options.seconds),
                  label + ": run " + std::to_string(done + 1));
    const auto begin = Clock::now();
    ISO_ASSIGN(RunResult result, session->run(feeds, workload.fetches(), run_options));
    timing.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    timing.statistics = std::move(result.statistics);
  }
  timing.engine_bytes = engine_bytes(*session);
  return timing;
}

}  // namespace isotherm
