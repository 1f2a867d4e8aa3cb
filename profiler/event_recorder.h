// Times nodes and layers with events of the device, where CUPTI cannot be used. An event is reached when all work that
// was issued before it is done: the time between two of them is that of the kernels between, with the gaps before and
// between their starts. Inside a CUDA graph events are nodes of the graph; they make it slower.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/graph/status.h"
#include "core/runtime/observer.h"
#include "profiler/session_data.h"

namespace isotherm {

class EventRecorder final : public RunObserver {
 public:
  /// An error if there is no driver.
  static Result<std::unique_ptr<EventRecorder>> open();
  ~EventRecorder() override;

  /// Runs that follow carry this id and begin at this time of the host; id below 0: they warm up.
  void begin_run(int run, std::int64_t start);
  /// After a run, when its stream has been waited for: reads the events. An error if any of them was refused.
  Status end_run();

  void scope_begin(const ScopeInfo& scope, Stream* stream) override;
  void scope_end(const ScopeInfo& scope, Stream* stream) override;
  void capture_begin(std::uint64_t graph, Stream* stream) override;
  void capture_end(std::uint64_t graph, Stream* stream) override;
  void replay(std::uint64_t graph, Stream* stream) override;
  void fallback(std::int64_t, std::string_view) override {}

  /// Records so far; the recorder goes on empty.
  std::vector<OpRecord> take_ops() { return std::exchange(ops_, {}); }
  std::vector<LayerRecord> take_layers() { return std::exchange(layers_, {}); }

 private:
  struct Driver;
  struct Span {
    ScopeKind kind = ScopeKind::run;
    std::int64_t id = -1, engine = -1;
    std::uint64_t frame = 0, iteration = 0;
    int begin = -1, end = -1;  ///< events
  };
  explicit EventRecorder(std::unique_ptr<Driver> driver);
  /// Records an event on the stream; -1 if it was refused.
  int mark(Stream* stream);
  std::vector<Span>& spans() { return graph_ != 0 ? captured_[graph_] : live_; }
  void read(const std::vector<Span>& spans);

  std::unique_ptr<Driver> driver_;
  std::string refused_;  ///< the first refusal
  int run_ = -1;
  std::int64_t start_ = 0;
  int run_begin_ = -1;  ///< event
  std::uint64_t graph_ = 0;
  int engine_depth_ = 0;
  std::vector<int> open_;  ///< index in spans(), -1: a scope that is not timed
  std::vector<Span> live_;
  std::map<std::uint64_t, std::vector<Span>> captured_;
  std::vector<std::uint64_t> replayed_;
  std::vector<OpRecord> ops_;
  std::vector<LayerRecord> layers_;
};

}  // namespace isotherm
