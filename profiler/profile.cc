#include "profiler/profile.h"

#include <chrono>
#include <ctime>

#include "core/engine/engine_runner_factory.h"
#include "core/workbench/devices.h"
#include "profiler/cpu_recorder.h"
#include "profiler/error_recorder.h"
#include "profiler/memory_recorder.h"
#include "profiler/run_recorder.h"
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
    if (options_.numeric_error && !(options_.native && options_.engines))
      return invalid_input("the numeric error compares a run with engines with a native run, and one of the two is switched off or has nothing to run");
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
  // The first run under a recorder captures its graphs, the second pays for what CUPTI loads lazily.
  static constexpr int kTracedWarmup = 2;

  void describe() {
    on_gpu_ = gpu_index(workload_.device().name()).has_value();
    data_.meta = {{"program", options_.program_version}, {"model", options_.model_path}, {"date", utc_now()},
                  {"device", workload_.device().name()}, {"batch", std::to_string(workload_.batch())},
                  {"recorder", on_gpu_ ? "none" : "cpu"}, {"warmup", std::to_string(options_.warmup)}, {"iterations", std::to_string(options_.iterations)}};
    data_.settings = workload_.settings();
    data_.settings.insert(data_.settings.end(), options_.settings.begin(), options_.settings.end());
    data_.machine = describe_machine();
    data_.conversion = workload_.conversion();
    if (!on_gpu_) return;
    if (auto driver = probe_driver(); driver.ok()) {
      data_.gpus = std::move(driver->gpus);
      data_.machine.emplace_back("driver", driver->version);
      for (const GpuInfo& gpu : data_.gpus)
        if (gpu.id == gpu_index(workload_.device().name())) data_.machine.emplace_back("card", gpu.name + ", compute capability " + std::to_string(gpu.compute_major) + "." + std::to_string(gpu.compute_minor));
    }
  }

  Status record() {
    std::vector<RunMode> modes;
    if (options_.native) modes.push_back(RunMode::native);
    if (options_.engines) modes.push_back(RunMode::engines);
    total_ = static_cast<double>(modes.size()) * (options_.warmup + 2 * options_.iterations + (on_gpu_ ? kTracedWarmup : 0) + 1 + (options_.numeric_error ? 1 : 0));
    if (on_gpu_) return record_gpu(modes);
    for (const RunMode mode : modes) {
      ISO_TRY(warm_up(mode));
      ISO_ASSIGN(recorder_, RunRecorder::open(workload_.device()));
      // Untraced and traced runs in turn, so that a machine that drifts drifts for both.
      for (int i = 0; i < options_.iterations; ++i)
        for (const bool traced : {false, true}) ISO_TRY(measured_run(mode, i, traced));
      ISO_TRY(write_mode(mode));
      ISO_TRY(record_memory(mode));
    }
    return record_numeric_error();
  }

  // A recorder slows a GPU's launches down as long as it is attached, and graphs that were made under it keep some of
  // that: all untraced runs come first, and the graphs are captured again for the traced ones.
  Status record_gpu(const std::vector<RunMode>& modes) {
    for (const RunMode mode : modes) {
      ISO_TRY(warm_up(mode));
      for (int i = 0; i < options_.iterations; ++i) ISO_TRY(measured_run(mode, i, false));
      ISO_TRY(write_mode(mode));
      ISO_TRY(record_memory(mode));
    }
    ISO_TRY(record_numeric_error());
    ISO_ASSIGN(recorder_, RunRecorder::open(workload_.device()));
    ISO_TRY(set_meta("recorder", recorder_->name()));
    ISO_TRY(set_meta("recorder note", recorder_->note()));
    for (const RunMode mode : modes) {
      ISO_ASSIGN(Session* const session, workload_.session(mode));
      session->record_again();
      for (int i = 0; i < kTracedWarmup; ++i) {
        recorder_->begin_run(-1, host_now());
        ISO_TRY(one_run(*session, mode, &recorder_->observer(), nullptr, "warming up, traced"));
        ISO_TRY(recorder_->end_run());
      }
      for (int i = 0; i < options_.iterations; ++i) ISO_TRY(measured_run(mode, i, true));
      ISO_TRY(write_mode(mode));
    }
    return {};
  }

  Status warm_up(RunMode mode) {
    ISO_ASSIGN(Session* const session, workload_.session(mode));
    for (int i = 0; i < options_.warmup; ++i) ISO_TRY(one_run(*session, mode, nullptr, nullptr, "warming up"));
    if (mode != RunMode::engines) return {};
    if (options_.warmup == 0) ISO_TRY(one_run(*session, mode, nullptr, nullptr, "building engines"));
    return collect_engines(*session);
  }

  Status measured_run(RunMode mode, int iteration, bool traced) {
    ISO_ASSIGN(Session* const session, workload_.session(mode));
    RunRecord record{next_run_++, mode, iteration, traced, 0, 0};
    if (traced) recorder_->begin_run(record.id, host_now());
    ISO_TRY(one_run(*session, mode, traced ? &recorder_->observer() : nullptr, &record, traced ? "traced run" : "run"));
    if (traced) ISO_TRY(recorder_->end_run());
    runs_.push_back(record);
    return {};
  }

  Status record_memory(RunMode mode) {
    ISO_ASSIGN(Session* const session, workload_.session(mode));
    MemoryRecorder memory;
    RunResult result;
    ISO_TRY(one_run(*session, mode, &memory, nullptr, "recording memory", &result));
    memory.take(mode, result.statistics, *session, data_);
    return writer_->add_memory(data_);
  }

  Status record_numeric_error() {
    if (!options_.numeric_error) return {};
    ErrorRecorder errors(workload_.conversion());
    ISO_ASSIGN(Session* const engines, workload_.session(RunMode::engines));
    RunResult found, expected;
    ISO_TRY(one_run(*engines, RunMode::engines, &errors.engine_run(), nullptr, "recording values", &found));
    ISO_ASSIGN(Session* const native, workload_.session(RunMode::native));
    ISO_TRY(one_run(*native, RunMode::native, &errors.native_run(), nullptr, "comparing values", &expected));
    errors.compare_fetches(workload_.fetches(), found.fetches, expected.fetches);
    data_.errors = errors.take();
    ISO_TRY(writer_->add_errors(data_));
    return set_meta("numeric error", "recorded");
  }

  /// Writes the runs since the last call and what was recorded of them.
  Status write_mode(RunMode mode) {
    const std::size_t first_op = data_.ops.size(), first_layer = data_.layers.size();
    if (recorder_) ISO_TRY(recorder_->take(mode, data_));
    data_.runs.insert(data_.runs.end(), runs_.begin(), runs_.end());
    ISO_TRY(writer_->add_runs(runs_, {data_.ops.begin() + static_cast<std::ptrdiff_t>(first_op), data_.ops.end()},
                              {data_.layers.begin() + static_cast<std::ptrdiff_t>(first_layer), data_.layers.end()}));
    runs_.clear();
    return writer_->add_device_records(data_);
  }

  Status set_meta(const std::string& name, const std::string& value) {
    data_.meta[name] = value;
    return writer_->set_meta(name, value);
  }

  Status one_run(Session& session, RunMode mode, RunObserver* observer, RunRecord* record, const std::string& what, RunResult* out = nullptr) {
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
    if (mode == RunMode::engines) fallbacks_ = result.statistics.fallbacks;
    if (out) *out = std::move(result);
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
  std::unique_ptr<RunRecorder> recorder_;
  std::vector<RunRecord> runs_;  ///< measured, not yet written
  std::vector<Fallback> fallbacks_;
  bool on_gpu_ = false;
  double done_ = 0, total_ = 1;
  int next_run_ = 0;
};

}  // namespace

Result<SessionData> profile(Workload& workload, const ProfileOptions& options, const std::string& path, const Progress& progress) {
  return Profiling(workload, options, progress).run(path);
}

}  // namespace isotherm
