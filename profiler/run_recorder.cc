#include "profiler/run_recorder.h"

#include "core/workbench/devices.h"
#include "profiler/cpu_recorder.h"
#include "profiler/device_recorder.h"
#include "profiler/event_recorder.h"
#include "profiler/gpu_records.h"

namespace isotherm {
namespace {

template <class Recorder>
void take_host_records(Recorder& from, SessionData& data) {
  const auto append = [](auto& to, auto records) { to.insert(to.end(), records.begin(), records.end()); };
  append(data.ops, from.take_ops());
  append(data.layers, from.take_layers());
}

class HostRunRecorder final : public RunRecorder {
 public:
  RunObserver& observer() override { return recorder_; }
  [[nodiscard]] std::string name() const override { return "cpu"; }
  void begin_run(int run, std::int64_t) override { recorder_.begin_run(run); }
  Status take(RunMode, SessionData& data) override {
    take_host_records(recorder_, data);
    return {};
  }

 private:
  CpuRecorder recorder_;
};

class EventRunRecorder final : public RunRecorder {
 public:
  EventRunRecorder(std::unique_ptr<EventRecorder> recorder, std::string note)
      : recorder_(std::move(recorder)), note_(std::move(note)) {}
  RunObserver& observer() override { return *recorder_; }
  [[nodiscard]] std::string name() const override { return "cuda-events"; }
  [[nodiscard]] std::string note() const override { return note_; }
  void begin_run(int run, std::int64_t start) override { recorder_->begin_run(run, start); }
  Status end_run() override { return recorder_->end_run(); }
  Status take(RunMode, SessionData& data) override {
    take_host_records(*recorder_, data);
    return {};
  }

 private:
  std::unique_ptr<EventRecorder> recorder_;
  std::string note_;
};

/// CUPTI for what the device does, the host clock for when its work was issued.
class CuptiRunRecorder final : public RunRecorder, RunObserver {
 public:
  explicit CuptiRunRecorder(std::unique_ptr<DeviceRecorder> device) : device_(std::move(device)) {}

  RunObserver& observer() override { return *this; }
  [[nodiscard]] std::string name() const override { return "cupti"; }
  [[nodiscard]] std::string note() const override { return device_->description(); }
  void begin_run(int run, std::int64_t) override {
    run_ = run;
    host_.begin_run(run);
    device_->begin_run(run);
  }
  Status end_run() override { return device_->end_run(); }
  Status take(RunMode mode, SessionData& data) override {
    ISO_ASSIGN(const ActivityBatch batch, device_->take());
    append_activity(data, mode, batch, attribute(batch));
    take_host_records(host_, data);
    return {};
  }

 private:
  // What is issued while warming up, or into a graph, is no work of a recorded run.
  [[nodiscard]] bool on_host() const { return run_ >= 0 && captures_ == 0; }
  void scope_begin(const ScopeInfo& scope, Stream* stream) override {
    device_->scope_begin(scope, stream);
    if (on_host()) host_.scope_begin(scope, stream);
  }
  void scope_end(const ScopeInfo& scope, Stream* stream) override {
    if (on_host()) host_.scope_end(scope, stream);
    device_->scope_end(scope, stream);
  }
  void capture_begin(std::uint64_t graph, Stream* stream) override {
    ++captures_;
    device_->capture_begin(graph, stream);
  }
  void capture_end(std::uint64_t graph, Stream* stream) override {
    device_->capture_end(graph, stream);
    --captures_;
  }
  void replay(std::uint64_t graph, Stream* stream) override { device_->replay(graph, stream); }
  void fallback(std::int64_t, std::string_view) override {}

  std::unique_ptr<DeviceRecorder> device_;
  CpuRecorder host_;
  int run_ = -1;
  int captures_ = 0;
};

}  // namespace

Result<std::unique_ptr<RunRecorder>> RunRecorder::open(Device& device) {
  if (!gpu_index(device.name())) return std::unique_ptr<RunRecorder>(std::make_unique<HostRunRecorder>());
  auto cupti = open_cupti_recorder();
  if (cupti.ok()) return std::unique_ptr<RunRecorder>(std::make_unique<CuptiRunRecorder>(std::move(*cupti)));
  ISO_ASSIGN(std::unique_ptr<EventRecorder> events, EventRecorder::open());
  return std::unique_ptr<RunRecorder>(std::make_unique<EventRunRecorder>(std::move(events), cupti.error().message));
}

}  // namespace isotherm
