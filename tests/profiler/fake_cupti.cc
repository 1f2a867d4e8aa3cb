// A CUPTI of the tests' own: as much of its interface as the recorder uses, with work that a test describes instead of
// a card's. Built as a shared object that ISOTHERM_CUPTI_LIBRARY names.
#include "tests/profiler/fake_cupti.h"

#include <cupti.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

struct Fake {
  CUpti_CallbackFunc callback = nullptr;
  void* callback_data = nullptr;
  bool subscribed = false;
  bool taken_by_another = false;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  std::uint8_t* buffer = nullptr;
  std::size_t size = 0, used = 0;
  std::vector<std::uint64_t> ids;
  std::uint32_t correlation = 0;
  std::uint64_t clock = 5000000;  // far from the host's
  std::size_t dropped = 0;
  std::vector<CUpti_ActivityKind> enabled;
};
Fake fake;

std::size_t record_size(CUpti_ActivityKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return sizeof(CUpti_ActivityKernel9);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return sizeof(CUpti_ActivityMemcpy5);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return sizeof(CUpti_ActivityMemset4);
    case CUPTI_ACTIVITY_KIND_RUNTIME:
    case CUPTI_ACTIVITY_KIND_DRIVER:
      return sizeof(CUpti_ActivityAPI);
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION:
      return sizeof(CUpti_ActivityExternalCorrelation);
    default:
      return 0;
  }
}

void hand_over() {
  if (!fake.buffer) return;
  std::uint8_t* const buffer = fake.buffer;
  const std::size_t used = fake.used, size = fake.size;
  fake.buffer = nullptr;
  fake.complete(nullptr, 0, buffer, size, used);
}

template <class Record>
void put(const Record& record) {
  bool on = false;
  for (const CUpti_ActivityKind kind : fake.enabled) on |= kind == record.kind;
  if (!on) return;
  // Small, so that a few records already need several.
  constexpr std::size_t kUse = 2048;
  if (fake.buffer && fake.used + sizeof record > kUse) hand_over();
  if (!fake.buffer) {
    std::size_t most = 0;
    fake.request(&fake.buffer, &fake.size, &most);
    fake.used = 0;
    if (!fake.buffer) {
      ++fake.dropped;
      return;
    }
  }
  std::memcpy(fake.buffer + fake.used, &record, sizeof record);
  fake.used += sizeof record;
}

std::uint32_t api_call(std::uint32_t id) {
  const std::uint32_t correlation = ++fake.correlation;
  if (!fake.ids.empty()) {
    CUpti_ActivityExternalCorrelation link{};
    link.kind = CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION;
    link.externalKind = CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0;
    link.externalId = fake.ids.back();
    link.correlationId = correlation;
    put(link);
  }
  CUpti_ActivityAPI call{};
  call.kind = CUPTI_ACTIVITY_KIND_RUNTIME;
  call.cbid = id;
  call.start = fake.clock;
  call.end = fake.clock += 10;
  call.correlationId = correlation;
  put(call);
  return correlation;
}

}  // namespace

extern "C" {

std::uint32_t fake_cupti_call(std::uint32_t id) { return api_call(id); }

void fake_cupti_kernel(std::uint32_t correlation, const char* name, std::uint64_t graph_node) {
  CUpti_ActivityKernel9 kernel{};
  kernel.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  kernel.name = name;
  kernel.gridX = kernel.gridY = kernel.gridZ = kernel.blockY = kernel.blockZ = 1;
  kernel.blockX = 64;
  kernel.correlationId = correlation;
  kernel.graphNodeId = graph_node;
  kernel.start = fake.clock += 5;
  kernel.end = fake.clock += 100;
  put(kernel);
}

void fake_cupti_copy(std::uint32_t correlation, std::uint64_t bytes) {
  CUpti_ActivityMemcpy5 copy{};
  copy.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  copy.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
  copy.srcKind = CUPTI_ACTIVITY_MEMORY_KIND_PINNED;
  copy.dstKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
  copy.bytes = bytes;
  copy.correlationId = correlation;
  copy.start = fake.clock += 5;
  copy.end = fake.clock += 20;
  put(copy);
}

void fake_cupti_graph_node(std::uintptr_t graph, std::uintptr_t node, std::uintptr_t original) {
  CUpti_GraphData data{};
  data.graph = reinterpret_cast<CUgraph>(graph);
  data.node = reinterpret_cast<CUgraphNode>(node);
  data.originalNode = reinterpret_cast<CUgraphNode>(original);
  data.nodeType = CU_GRAPH_NODE_TYPE_KERNEL;
  CUpti_ResourceData resource{};
  resource.resourceDescriptor = &data;
  fake.callback(fake.callback_data, CUPTI_CB_DOMAIN_RESOURCE,
                original ? CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED : CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, &resource);
}

void fake_cupti_take_subscription(int taken) { fake.taken_by_another = taken != 0; }
std::size_t fake_cupti_open_ids() { return fake.ids.size(); }

CUptiResult cuptiGetVersion(std::uint32_t* version) {
  *version = CUPTI_API_VERSION;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiGetResultString(CUptiResult, const char** text) {
  *text = "an error of the fake";
  return CUPTI_SUCCESS;
}
CUptiResult cuptiSubscribe(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback, void* data) {
  if (fake.subscribed || fake.taken_by_another) return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
  fake.subscribed = true;
  fake.callback = callback;
  fake.callback_data = data;
  *handle = reinterpret_cast<CUpti_SubscriberHandle>(&fake);
  return CUPTI_SUCCESS;
}
#if CUPTI_API_VERSION >= 130000
CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* handle, CUpti_CallbackFunc callback, void* data,
                              CUpti_SubscriberParams* params) {
  const CUptiResult result = cuptiSubscribe(handle, callback, data);
  if (result != CUPTI_SUCCESS) std::strncpy(params->oldSubscriberName, "Another Tool", params->oldSubscriberSize);
  return result;
}
#endif
CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle) {
  fake.subscribed = false;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiEnableCallback(std::uint32_t, CUpti_SubscriberHandle, CUpti_CallbackDomain, CUpti_CallbackId) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain, std::uint32_t id, const char** name) {
  *name = id == kFakeLaunchKernel  ? "cudaLaunchKernel_v7000"
          : id == kFakeLaunchGraph ? "cudaGraphLaunch_v10000"
                                   : "cudaMemcpyAsync_v3020";
  return CUPTI_SUCCESS;
}
CUptiResult cuptiGetTimestamp(std::uint64_t* time) {
  *time = fake.clock;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  fake.enabled.push_back(kind);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) {
  std::erase(fake.enabled, kind);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete) {
  fake.request = request;
  fake.complete = complete;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityFlushAll(std::uint32_t) {
  hand_over();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityGetNextRecord(std::uint8_t* buffer, std::size_t valid, CUpti_Activity** record) {
  auto* next = reinterpret_cast<std::uint8_t*>(*record);
  next = next ? next + record_size((*record)->kind) : buffer;
  if (next >= buffer + valid) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, std::uint32_t, std::size_t* dropped) {
  *dropped = fake.dropped;
  fake.dropped = 0;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityPushExternalCorrelationId(CUpti_ExternalCorrelationKind, std::uint64_t id) {
  fake.ids.push_back(id);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityPopExternalCorrelationId(CUpti_ExternalCorrelationKind, std::uint64_t* last) {
  if (fake.ids.empty()) return CUPTI_ERROR_QUEUE_EMPTY;
  *last = fake.ids.back();
  fake.ids.pop_back();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiGetGraphNodeId(CUgraphNode node, std::uint64_t* id) {
  *id = reinterpret_cast<std::uintptr_t>(node);
  return CUPTI_SUCCESS;
}

}  // extern "C"
