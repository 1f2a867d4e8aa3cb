#include "profiler/event_recorder.h"

#include <dlfcn.h>

#include <cmath>

#include "core/runtime/device.h"

namespace isotherm {

// The driver's C interface as far as events go.
struct EventRecorder::Driver {
  using Event = void*;
  int (*create)(Event*, unsigned) = nullptr;
  int (*destroy)(Event) = nullptr;
  int (*record)(Event, void*) = nullptr;
  int (*record_with_flags)(Event, void*, unsigned) = nullptr;
  int (*elapsed)(float*, Event, Event) = nullptr;
  int (*error_string)(int, const char**) = nullptr;

  std::vector<Event> events;
  std::vector<int> free;  ///< events that no graph holds and that have been read
  std::vector<int> used;

  [[nodiscard]] std::string words(int code) const {
    const char* text = nullptr;
    if (error_string && error_string(code, &text) == 0 && text)
      return std::string(text) + " (CUDA error " + std::to_string(code) + ")";
    return "CUDA error " + std::to_string(code);
  }
};

Result<std::unique_ptr<EventRecorder>> EventRecorder::open() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return not_found("no NVIDIA driver: libcuda.so.1 cannot be opened on this machine");
  auto driver = std::make_unique<Driver>();
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
  };
  find(driver->create, "cuEventCreate");
  find(driver->destroy, "cuEventDestroy_v2");
  find(driver->record, "cuEventRecord");
  find(driver->record_with_flags, "cuEventRecordWithFlags");
  find(driver->elapsed, "cuEventElapsedTime");
  find(driver->error_string, "cuGetErrorString");
  if (!driver->create || !driver->destroy || !driver->record || !driver->record_with_flags || !driver->elapsed)
    return unsupported("libcuda.so.1 lacks functions of events that every driver since CUDA 11.1 has");
  return std::unique_ptr<EventRecorder>(new EventRecorder(std::move(driver)));
}

EventRecorder::EventRecorder(std::unique_ptr<Driver> driver) : driver_(std::move(driver)) {}

EventRecorder::~EventRecorder() {
  for (Driver::Event event : driver_->events) driver_->destroy(event);
}

void EventRecorder::begin_run(int run, std::int64_t start) {
  run_ = run;
  start_ = start;
  run_begin_ = -1;
  live_.clear();
  replayed_.clear();
}

int EventRecorder::mark(Stream* stream) {
  void* handle = stream ? stream->native_handle() : nullptr;
  if (!handle || !refused_.empty()) return -1;
  int index = -1;
  if (!driver_->free.empty()) {
    index = driver_->free.back();
    driver_->free.pop_back();
  } else {
    Driver::Event event = nullptr;
    if (const int code = driver_->create(&event, 0); code != 0) {
      refused_ = "an event cannot be made: " + driver_->words(code);
      return -1;
    }
    index = static_cast<int>(driver_->events.size());
    driver_->events.push_back(event);
  }
  Driver::Event event = driver_->events[static_cast<std::size_t>(index)];
  constexpr unsigned kExternal = 1;  // a node of the graph that is being captured, not a mark of the capture itself
  const int code = graph_ != 0 ? driver_->record_with_flags(event, handle, kExternal) : driver_->record(event, handle);
  if (code != 0) refused_ = "an event cannot be recorded: " + driver_->words(code);
  if (graph_ == 0) driver_->used.push_back(index);
  return index;
}

void EventRecorder::scope_begin(const ScopeInfo& scope, Stream* stream) {
  const bool timed =
      (scope.kind == ScopeKind::node && engine_depth_ == 0 && scope.function.empty()) || scope.kind == ScopeKind::layer;
  if (scope.kind == ScopeKind::engine) ++engine_depth_;
  if (scope.kind == ScopeKind::run) run_begin_ = mark(stream);
  if (!timed) {
    open_.push_back(-1);
    return;
  }
  open_.push_back(static_cast<int>(spans().size()));
  spans().push_back({scope.kind, scope.id, scope.engine, scope.frame, scope.iteration, mark(stream), -1});
}

void EventRecorder::scope_end(const ScopeInfo& scope, Stream* stream) {
  if (scope.kind == ScopeKind::engine) --engine_depth_;
  if (open_.empty()) return;
  const int index = open_.back();
  open_.pop_back();
  if (index >= 0 && static_cast<std::size_t>(index) < spans().size())
    spans()[static_cast<std::size_t>(index)].end = mark(stream);
}

void EventRecorder::capture_begin(std::uint64_t graph, Stream*) { graph_ = graph; }

void EventRecorder::capture_end(std::uint64_t, Stream*) { graph_ = 0; }

void EventRecorder::replay(std::uint64_t graph, Stream*) { replayed_.push_back(graph); }

void EventRecorder::read(const std::vector<Span>& spans) {
  const auto between = [&](int from, int to) {
    float milliseconds = 0;
    if (from < 0 || to < 0 || !refused_.empty()) return std::int64_t{0};
    const int code = driver_->elapsed(&milliseconds, driver_->events[static_cast<std::size_t>(from)],
                                      driver_->events[static_cast<std::size_t>(to)]);
    if (code != 0) refused_ = "the time between two events cannot be read: " + driver_->words(code);
    return static_cast<std::int64_t>(std::llround(double{milliseconds} * 1e6));
  };
  for (const Span& span : spans) {
    const std::int64_t start = start_ + between(run_begin_, span.begin), end = start + between(span.begin, span.end);
    if (span.kind == ScopeKind::node)
      ops_.push_back({run_, static_cast<NodeId>(span.id), start, end, span.frame, span.iteration});
    else
      layers_.push_back({run_, static_cast<NodeId>(span.engine), static_cast<int>(span.id), start, end});
  }
}

Status EventRecorder::end_run() {
  if (run_ >= 0) {
    read(live_);
    for (const std::uint64_t graph : replayed_)
      if (const auto found = captured_.find(graph); found != captured_.end()) read(found->second);
  }
  live_.clear();
  driver_->free.insert(driver_->free.end(), driver_->used.begin(), driver_->used.end());
  driver_->used.clear();
  if (!refused_.empty()) return unsupported(refused_);
  return {};
}

}  // namespace isotherm
