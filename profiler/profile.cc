#include "profiler/profile.h"

#include <chrono>
#include <ctime>

#include "core/engine/engine_runner_factory.h"
#include "core/workbench/devices.h"
#include "profiler/cpu_recorder.h"
#include "profiler/session_file.h"

namespace isotherm {
namespace {

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

class Profiling {
 public:
  Profiling(Workload& workload, const ProfileOptions& options, const Progress& progress)
      : workload_(workload), options_(options), progress_(progress) {}

  Result<SessionData> run(const std::string& path) {
    describe();
    ISO_ASSIGN(writer_, SessionWriter::create(path, data_));
    Status status = record();
    if (status.ok()) status = writer_->finish();
    if (!status.ok()) {
      Error error = status.error();
      error.message += "; what was recorded until then is in '" + writer_->partial_path() + "'";
      return error;
    }
    return std::move(data_);
  }

 private:
  void describe() {
    data_.meta = {{"program", options_.program_version}, {"model", options_.model_path}, {"date", utc_now()},
                  {"device", workload_.device().name()}, {"batch", std::to_string(workload_.batch())},
                  {"recorder", "cpu"}, {"warmup", std::to_string(options_.warmup)}, {"iterations", std::to_string(options_.iterations)}};
    data_.settings = workload_.settings();
    data_.machine = describe_machine();
    data_.conversion = workload_.conversion();
  }

  Status record() {
    std::vector<RunMode> modes;
    if (options_.native) modes.push_back(RunMode::native);
    if (options_.engines) modes.push_back(RunMode::engines);
    total_ = static_cast<double>(modes.size()) * (options_.warmup + 2 * options_.iterations);
    for (const RunMode mode : modes) {
      ISO_ASSIGN(Session* const session, workload_.session(mode));
      for (int i = 0; i < options_.warmup; ++i) ISO_TRY(one_run(*session, mode, nullptr, nullptr, "warming up"));
      if (mode == RunMode::engines) {
        if (options_.warmup == 0) ISO_TRY(one_run(*session, mode, nullptr, nullptr, "building engines"));
        ISO_TRY(collect_engines(*session));
      }
      ISO_TRY(record_mode(*session, mode));
    }
    return {};
  }

  // Untraced and traced runs in turn, so that a machine that drifts drifts for both.
  Status record_mode(Session& session, RunMode mode) {
    CpuRecorder recorder;
    std::vector<RunRecord> runs;
    const std::size_t first_op = data_.ops.size(), first_layer = data_.layers.size();
    for (int i = 0; i < options_.iterations; ++i) {
      for (const bool traced : {false, true}) {
        RunRecord record{next_run_++, mode, i, traced, 0, 0};
        recorder.begin_run(record.id);
        ISO_TRY(one_run(session, mode, traced ? &recorder : nullptr, &record, traced ? "traced run" : "run"));
        runs.push_back(record);
      }
    }
    const auto append = [](auto& to, auto from) { to.insert(to.end(), from.begin(), from.end()); };
    append(data_.ops, recorder.take_ops());
    append(data_.layers, recorder.take_layers());
    append(data_.runs, runs);
    return writer_->add_runs(runs, {data_.ops.begin() + static_cast<std::ptrdiff_t>(first_op), data_.ops.end()},
                             {data_.layers.begin() + static_cast<std::ptrdiff_t>(first_layer), data_.layers.end()});
  }

  Status one_run(Session& session, RunMode mode, RunObserver* observer, RunRecord* record, const std::string& what) {
    if (progress_.cancelled()) return cancelled();
    progress_.tell(done_++ / total_, std::string(run_mode_name(mode)) + ": " + what);
    RunOptions run_options;
    run_options.observer = observer;
    run_options.cancel = progress_.cancel;
    const std::int64_t start = host_now();
    ISO_ASSIGN(RunResult result, session.run(workload_.feeds(), workload_.fetches(), run_options));
    if (record) {
      record->start = start;
      record->end = host_now();
    }
    if (mode == RunMode::engines) fallbacks_ = std::move(result.statistics.fallbacks);
    return {};
  }

  Status collect_engines(Session& session) {
    for (const EngineSummary& engine : data_.conversion->engines) {
      EngineRecord record;
      record.node = engine.node;
      record.name = engine.name;
      for (const Fallback& fallback : fallbacks_)
        if (fallback.node == session.graph()[engine.node].name) record.fallback = fallback.reason;
      const auto* runner = dynamic_cast<const PlanEngineRunner*>(session.engine_runner(engine.node));
      if (const auto plan = runner ? runner->last_plan() : nullptr; plan && record.fallback.empty()) record.layers = plan->layers();
      data_.engines.push_back(std::move(record));
    }
    return writer_->add_engines(data_);
  }

  Workload& workload_;
  const ProfileOptions& options_;
  const Progress& progress_;
  SessionData data_;
  std::unique_ptr<SessionWriter> writer_;
  std::vector<Fallback> fallbacks_;
  double done_ = 0, total_ = 1;
  int next_run_ = 0;
};

}  // namespace

Result<SessionData> profile(Workload& workload, const ProfileOptions& options, const std::string& path, const Progress& progress) {
  return Profiling(workload, options, progress).run(path);
}

}  // namespace isotherm
