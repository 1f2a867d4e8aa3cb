// Records with CUPTI. See activity.h for what comes out, attribution.h for how it is put together.
//
// Work that is launched by itself carries an external correlation id, the Tag of the innermost scope, which is pushed
// and popped with the scopes. Work inside a CUDA graph is known by its node: while the observer says that a graph is
// being captured, every node that CUPTI announces gets the tag that is in force; clones are noted with their originals.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "profiler/cupti/activity_parser.h"
#include "profiler/device_recorder.h"
#include "profiler/scope_places.h"

namespace isotherm::cupti {

class CuptiRecorder final : public DeviceRecorder {
 public:
  /// Attaches. One at a time.
  static Result<std::unique_ptr<DeviceRecorder>> open();
  ~CuptiRecorder() override;

  void begin_run(int run) override { run_ = run; }
  Status end_run() override;
  Result<ActivityBatch> take() override;
  Status detach() override;
  [[nodiscard]] std::string description() const override;

  void scope_begin(const ScopeInfo& scope, Stream* stream) override;
  void scope_end(const ScopeInfo& scope, Stream* stream) override;
  void capture_begin(std::uint64_t graph, Stream* stream) override;
  void capture_end(std::uint64_t graph, Stream* stream) override;
  void replay(std::uint64_t graph, Stream* stream) override;
  void fallback(std::int64_t, std::string_view) override {}

 private:
  explicit CuptiRecorder(const Api& api) : api_(api), parser_(api), scopes_(places_) {}
  Status attach();
  [[nodiscard]] std::uint64_t tag() const { return Tag{run_, scopes_.current(), graph_ != 0}.encode(); }
  void push() { unmatched_ += api_.push_external_id(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, tag()) != CUPTI_SUCCESS; }
  void pop() {
    std::uint64_t last = 0;
    unmatched_ += api_.pop_external_id(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, &last) != CUPTI_SUCCESS;
  }
  static void CUPTIAPI on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);
  void add_graph_node(const CUpti_GraphData& node, bool cloned);
  void ask_kinds(std::uint64_t graph);

  const Api& api_;
  ActivityParser parser_;
  CUpti_SubscriberHandle subscriber_ = nullptr;
  std::vector<CUpti_ActivityKind> enabled_;

  // Of the thread that runs.
  PlaceTable places_;
  ScopePlaces scopes_;
  int run_ = -1;
  std::uint64_t graph_ = 0;     ///< being captured; 0: none
  CUgraph captured_ = nullptr;  ///< CUPTI's name of it, once its first node was announced
  std::vector<ReplayRecord> replays_;
  std::int64_t unmatched_ = 0;  ///< pushes and pops that CUPTI refused

  // Of CUPTI's callbacks.
  std::mutex nodes_mutex_;
  std::vector<GraphNodeRecord> nodes_;
  struct Unasked {
    std::uint64_t graph;
    CUgraphNode node;
    std::size_t record;  ///< in nodes_
  };
  std::vector<Unasked> unasked_;  ///< nodes of captured graphs that have not been replayed yet
  std::int64_t lost_nodes_ = 0;
};

}  // namespace isotherm::cupti
