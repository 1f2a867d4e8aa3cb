#include "profiler/cupti/cupti_recorder.h"

#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <new>

namespace isotherm::cupti {
namespace {

std::atomic<bool> attached{false};

std::int64_t host_time() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What to add to CUPTI's times to get the host's monotonic clock. Asked of CUPTI rather than given to it: a timestamp
/// callback of our own may corrupt the first record of each session.
Result<std::int64_t> clock_offset(const Api& api) {
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max(), offset = 0;
  constexpr int kTries = 9;
  for (int i = 0; i < kTries; ++i) {
    std::uint64_t device_side = 0;
    const std::int64_t before = host_time();
    ISO_TRY(api.check(api.get_timestamp(&device_side), "its clock"));
    const std::int64_t after = host_time();
    if (after - before >= shortest) continue;
    shortest = after - before;
    offset = before + (after - before) / 2 - static_cast<std::int64_t>(device_side);
  }
  return offset;
}

GraphNodeKind kind_of(CUgraphNodeType type) {
  switch (type) {
    case CU_GRAPH_NODE_TYPE_KERNEL:
      return GraphNodeKind::kernel;
    case CU_GRAPH_NODE_TYPE_MEMCPY:
      return GraphNodeKind::copy;
    case CU_GRAPH_NODE_TYPE_MEMSET:
      return GraphNodeKind::set;
    default:
      return GraphNodeKind::other;
  }
}

using NodeTypeFunction = CUresult (*)(CUgraphNode, CUgraphNodeType*);

/// The driver's word on a node's type; null where no driver is loaded.
NodeTypeFunction node_type_function() {
  static const NodeTypeFunction function = [] {
    void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    return driver ? reinterpret_cast<NodeTypeFunction>(dlsym(driver, "cuGraphNodeGetType")) : nullptr;
  }();
  return function;
}

}  // namespace

Result<std::unique_ptr<DeviceRecorder>> CuptiRecorder::open() {
  ISO_ASSIGN(const Api* const found, api());
  if (attached.exchange(true)) return unsupported("a CUPTI recorder is attached already; one can be at a time");
  std::unique_ptr<CuptiRecorder> recorder(new CuptiRecorder(*found));
  ISO_TRY(recorder->attach());
  return std::unique_ptr<DeviceRecorder>(std::move(recorder));
}

CuptiRecorder::~CuptiRecorder() {
  const Status ignored = detach();
  attached = false;
}

std::string CuptiRecorder::description() const {
  return "CUPTI, API " + std::to_string(api_.version) + ", " + api_.path;
}

Status CuptiRecorder::attach() {
  nodes_.reserve(4096);
  replays_.reserve(1024);
  ISO_ASSIGN(subscriber_, subscribe(api_, on_callback, this, nullptr));
  for (const CUpti_CallbackId id : {CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED})
    ISO_TRY(
        api_.check(api_.enable_callback(1, subscriber_, CUPTI_CB_DOMAIN_RESOURCE, id), "to announce nodes of graphs"));
  ISO_TRY(ActivityBuffers::instance().attach(api_));
  // API calls of both kinds: libraries launch through either. Correlation records come with calls only.
  constexpr std::pair<CUpti_ActivityKind, const char*> kKinds[] = {
      {CUPTI_ACTIVITY_KIND_RUNTIME, "to record calls of the runtime"},
      {CUPTI_ACTIVITY_KIND_DRIVER, "to record calls of the driver"},
      {CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION, "to record external correlation"},
      {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, "to record kernels"},
      {CUPTI_ACTIVITY_KIND_MEMCPY, "to record copies"},
      {CUPTI_ACTIVITY_KIND_MEMSET, "to record memsets"},
      {CUPTI_ACTIVITY_KIND_OVERHEAD, "to record its own cost"}};
  for (const auto& [kind, what] : kKinds) {
    ISO_TRY(api_.check(api_.activity_enable(kind), what));
    enabled_.push_back(kind);
  }
  return {};
}

Status CuptiRecorder::detach() {
  Status first;
  const auto keep = [&](Status status) {
    if (first.ok() && !status.ok()) first = std::move(status);
  };
  for (const CUpti_ActivityKind kind : enabled_) keep(api_.check(api_.activity_disable(kind), "to stop recording"));
  if (!enabled_.empty()) keep(api_.check(api_.activity_flush_all(0), "to hand over its records"));
  enabled_.clear();
  if (subscriber_) keep(api_.check(api_.unsubscribe(subscriber_), "to end the subscription"));
  subscriber_ = nullptr;
  return first;
}

void CuptiRecorder::scope_begin(const ScopeInfo& scope, Stream*) {
  if (scopes_.begin(scope)) push();
}

void CuptiRecorder::scope_end(const ScopeInfo&, Stream*) {
  if (scopes_.end()) pop();
}

void CuptiRecorder::capture_begin(std::uint64_t graph, Stream*) {
  graph_ = graph;
  captured_ = nullptr;
  push();  // the tag of the enclosing scope says from here on that its calls become nodes
}

void CuptiRecorder::capture_end(std::uint64_t, Stream*) {
  pop();
  graph_ = 0;
}

void CuptiRecorder::ask_kinds(std::uint64_t graph) {
  const std::lock_guard lock(nodes_mutex_);
  if (unasked_.empty()) return;
  const NodeTypeFunction ask = node_type_function();
  std::erase_if(unasked_, [&](const Unasked& entry) {
    if (entry.graph != graph) return false;
    CUgraphNodeType type{};
    if (ask && ask(entry.node, &type) == CUDA_SUCCESS) nodes_[entry.record].kind = kind_of(type);
    return true;
  });
}

void CuptiRecorder::replay(std::uint64_t graph, Stream*) {
  // A graph that is replayed is whole, and alive. When CUPTI announced its nodes they had no type yet: every one was
  // said to be a kernel (seen with CUPTI 13.0).
  ask_kinds(graph);
  if (run_ >= 0) replays_.push_back({graph, run_});
}

void CUPTIAPI CuptiRecorder::on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                         const void* data) {
  if (domain != CUPTI_CB_DOMAIN_RESOURCE || !data) return;
  const auto* resource = static_cast<const CUpti_ResourceData*>(data);
  const auto* node = static_cast<const CUpti_GraphData*>(resource->resourceDescriptor);
  if (node) static_cast<CuptiRecorder*>(self)->add_graph_node(*node, id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED);
}

void CuptiRecorder::add_graph_node(const CUpti_GraphData& node, bool cloned) {
  GraphNodeRecord record;
  const bool known = api_.get_graph_node_id(node.node, &record.id) == CUPTI_SUCCESS &&
                     (!cloned || api_.get_graph_node_id(node.originalNode, &record.original) == CUPTI_SUCCESS);
  const std::lock_guard lock(nodes_mutex_);
  if (!known) {
    ++lost_nodes_;
    return;
  }
  record.kind = kind_of(node.nodeType);
  // Nodes are announced on the thread that captures; outside a capture they are nobody's that we know.
  // Those of another graph are made when the captured one is instantiated, and are announced as clones too.
  if (!cloned && graph_ != 0 && (!captured_ || captured_ == node.graph)) {
    captured_ = node.graph;
    record.graph = graph_;
    record.tag = tag();
  }
  try {
    nodes_.push_back(record);
    if (record.graph != 0) unasked_.push_back({record.graph, node.node, nodes_.size() - 1});
  } catch (const std::bad_alloc&) {
    ++lost_nodes_;  // nothing may be thrown through CUPTI
  }
}

Status CuptiRecorder::end_run() { return api_.check(api_.activity_flush_all(0), "to hand over its records"); }

Result<ActivityBatch> CuptiRecorder::take() {
  ISO_TRY(end_run());
  // Nothing runs any more, yet a record may lie in a buffer that is not full: this hands over those too.
  ISO_TRY(api_.check(api_.activity_flush_all(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED), "to hand over its last records"));
  ISO_ASSIGN(const std::int64_t offset, clock_offset(api_));
  ActivityBatch batch;
  parser_.start_batch(batch);
  ActivityBuffers& buffers = ActivityBuffers::instance();
  const std::vector<FilledBuffer> filled = buffers.take();
  Status status;
  for (const FilledBuffer& buffer : filled)
    if (status.ok()) status = parser_.parse(buffer, offset, batch);
  buffers.recycle(filled);
  if (!status.ok()) return status.error();
  batch.dropped = buffers.take_dropped();
  batch.replays = std::exchange(replays_, {});
  batch.places = places_;
  {
    const std::lock_guard lock(nodes_mutex_);
    batch.graph_nodes = nodes_;
    if (lost_nodes_ > 0)
      return internal_error("CUPTI announced " + std::to_string(lost_nodes_) +
                            " nodes of graphs whose ids could not be kept");
  }
  if (unmatched_ > 0)
    return internal_error("CUPTI refused " + std::to_string(unmatched_) + " external correlation ids of scopes");
  return batch;
}

}  // namespace isotherm::cupti
