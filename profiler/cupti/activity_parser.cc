#include "profiler/cupti/activity_parser.h"

namespace isotherm::cupti {
namespace {

// Later forms of these records begin with the same fields: the oldest that holds what is read serves for all of them.
using Kernel = CUpti_ActivityKernel9;
using Copy = CUpti_ActivityMemcpy5;
using Set = CUpti_ActivityMemset4;
using Overhead = CUpti_ActivityOverhead;

const char* overhead_name(CUpti_ActivityOverheadKind kind) {
  // As numbers: names of later kinds are missing in older headers.
  switch (static_cast<unsigned>(kind)) {
    case 1:
      return "driver compiler";
    case 1U << 16:
      return "CUPTI buffer flush";
    case 2U << 16:
      return "CUPTI instrumentation";
    case 3U << 16:
      return "CUPTI resource";
    case 4U << 16:
      return "module loading";
    case 5U << 16:
      return "lazy function loading";
    case 6U << 16:
      return "command buffer full";
    case 7U << 16:
      return "activity buffer request";
    case 8U << 16:
      return "UVM activity initialisation";
    default:
      return "other overhead";
  }
}

/// CUPTI's kinds of memory as Nsight Systems' export numbers them.
int memory_kind(unsigned kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE:
      return 0;
    case CUPTI_ACTIVITY_MEMORY_KIND_PINNED:
      return 1;
    case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE:
      return 2;
    case CUPTI_ACTIVITY_MEMORY_KIND_ARRAY:
      return 3;
    case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED:
      return 4;
    case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE_STATIC:
      return 5;
    case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED_STATIC:
      return 6;
    default:
      return 7;
  }
}

std::int64_t on_host_clock(std::uint64_t time, std::int64_t offset) {
  return time == 0 ? 0 : static_cast<std::int64_t>(time) + offset;
}

template <class Record>
void read_head(const Record& from, std::int64_t offset, DeviceRecord& to) {
  to.start = on_host_clock(from.start, offset);
  to.end = on_host_clock(from.end, offset);
  to.device = from.deviceId;
  to.context = from.contextId;
  to.stream = from.streamId;
  to.correlation = from.correlationId;
  to.graph_node = from.graphNodeId;
}

}  // namespace

void ActivityParser::start_batch(ActivityBatch& batch) {
  batch.strings = {""};
  strings_ = {{"", 0}};
  calls_.clear();
}

int ActivityParser::intern(ActivityBatch& batch, const char* text) {
  const auto [it, added] = strings_.try_emplace(text ? text : "", static_cast<int>(batch.strings.size()));
  if (added) batch.strings.push_back(it->first);
  return it->second;
}

int ActivityParser::call_name(ActivityBatch& batch, bool driver, std::uint32_t id) {
  const auto [it, added] = calls_.try_emplace(std::uint64_t{driver} << 32 | id, 0);
  if (added) {
    const char* name = nullptr;
    if (api_.get_callback_name(driver ? CUPTI_CB_DOMAIN_DRIVER_API : CUPTI_CB_DOMAIN_RUNTIME_API, id, &name) !=
        CUPTI_SUCCESS)
      name = nullptr;
    const std::string unknown = (driver ? "driver call " : "runtime call ") + std::to_string(id);
    it->second = intern(batch, name ? name : unknown.c_str());
  }
  return it->second;
}

void ActivityParser::add(const CUpti_Activity& record, std::int64_t offset, ActivityBatch& batch) {
  switch (record.kind) {
    case CUPTI_ACTIVITY_KIND_KERNEL:
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
      const auto& from = reinterpret_cast<const Kernel&>(record);
      RawKernel to;
      read_head(from, offset, to);
      to.name = intern(batch, from.name);
      to.grid[0] = from.gridX, to.grid[1] = from.gridY, to.grid[2] = from.gridZ;
      to.block[0] = from.blockX, to.block[1] = from.blockY, to.block[2] = from.blockZ;
      to.registers = from.registersPerThread;
      to.static_shared = from.staticSharedMemory;
      to.dynamic_shared = from.dynamicSharedMemory;
      to.shared_executed = from.sharedMemoryExecuted;
      to.local_per_thread = from.localMemoryPerThread;
      to.local_total = static_cast<std::int64_t>(from.localMemoryTotal_v2);
      to.grid_id = from.gridId;
      to.launch_type = from.launchType;
      to.cache_config = from.cacheConfig.config.executed;
      to.shared_limit = static_cast<int>(from.shmemLimitConfig);
      batch.kernels.push_back(to);
      return;
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
      const auto& from = reinterpret_cast<const Copy&>(record);
      RawCopy to;
      read_head(from, offset, to);
      to.bytes = static_cast<std::int64_t>(from.bytes);
      to.copy_kind = from.copyKind;
      to.src_kind = memory_kind(from.srcKind);
      to.dst_kind = memory_kind(from.dstKind);
      batch.copies.push_back(to);
      return;
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
      const auto& from = reinterpret_cast<const Set&>(record);
      RawSet to;
      read_head(from, offset, to);
      to.bytes = static_cast<std::int64_t>(from.bytes);
      to.value = from.value;
      to.memory_kind = memory_kind(from.memoryKind);
      batch.sets.push_back(to);
      return;
    }
    case CUPTI_ACTIVITY_KIND_RUNTIME:
    case CUPTI_ACTIVITY_KIND_DRIVER: {
      const auto& from = reinterpret_cast<const CUpti_ActivityAPI&>(record);
      RawCall to;
      to.start = on_host_clock(from.start, offset);
      to.end = on_host_clock(from.end, offset);
      to.process = from.processId;
      to.thread = from.threadId;
      to.correlation = from.correlationId;
      to.driver = record.kind == CUPTI_ACTIVITY_KIND_DRIVER;
      to.name = call_name(batch, to.driver, static_cast<std::uint32_t>(from.cbid));
      to.result = from.returnValue;
      batch.calls.push_back(to);
      return;
    }
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION: {
      const auto& from = reinterpret_cast<const CUpti_ActivityExternalCorrelation&>(record);
      if (from.externalKind == CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0)
        batch.links.push_back({from.correlationId, from.externalId});
      return;
    }
    case CUPTI_ACTIVITY_KIND_OVERHEAD: {
      const auto& from = reinterpret_cast<const Overhead&>(record);
      RawOverhead to;
      to.start = on_host_clock(from.start, offset);
      to.end = on_host_clock(from.end, offset);
      to.name = intern(batch, overhead_name(from.overheadKind));
      to.thread = from.objectKind == CUPTI_ACTIVITY_OBJECT_THREAD ? from.objectId.pt.threadId : 0;
      batch.overheads.push_back(to);
      return;
    }
    default:
      return;
  }
}

Status ActivityParser::parse(const FilledBuffer& buffer, std::int64_t offset, ActivityBatch& batch) {
  if (buffer.bytes == 0) return {};
  CUpti_Activity* record = nullptr;
  while (true) {
    const CUptiResult result = api_.activity_get_next_record(buffer.memory, buffer.bytes, &record);
    if (result == CUPTI_ERROR_MAX_LIMIT_REACHED) return {};
    ISO_TRY(api_.check(result, "to read its records"));
    add(*record, offset, batch);
  }
}

}  // namespace isotherm::cupti
