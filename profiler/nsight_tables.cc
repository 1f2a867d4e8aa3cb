#include "profiler/nsight_tables.h"

#include <unistd.h>

#include <string>

namespace isotherm {
namespace {

constexpr const char* kAlways = R"sql(
CREATE TABLE StringIds(id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE META_DATA_EXPORT(name TEXT, value TEXT);
CREATE TABLE META_DATA_CAPTURE(name TEXT, value TEXT);
CREATE TABLE TARGET_INFO_GPU(vmId INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT, busLocation TEXT, isDiscrete INTEGER, l2CacheSize INTEGER,
  totalMemory INTEGER, memoryBandwidth INTEGER, clockRate INTEGER, smCount INTEGER, pwGpuId INTEGER, uuid TEXT, luid INTEGER, chipName TEXT,
  cuDevice INTEGER, ctxswDevPath TEXT, ctrlDevPath TEXT, revision INTEGER, nodeMask INTEGER, constantMemory INTEGER, maxIPC INTEGER,
  maxRegistersPerBlock INTEGER, maxShmemPerBlock INTEGER, maxShmemPerBlockOptin INTEGER, maxShmemPerSm INTEGER, maxRegistersPerSm INTEGER,
  threadsPerWarp INTEGER, asyncEngines INTEGER, maxWarpsPerSm INTEGER, maxBlocksPerSm INTEGER, maxThreadsPerBlock INTEGER, computeMajor INTEGER, computeMinor INTEGER);
CREATE TABLE TARGET_INFO_CUDA_DEVICE(gpuId INTEGER NOT NULL, cudaId INTEGER NOT NULL, pid INTEGER NOT NULL, uuid TEXT, numMultiprocessors INTEGER);
CREATE TABLE ENUM_CUDA_MEMCPY_OPER(id INTEGER PRIMARY KEY, name TEXT, label TEXT);
INSERT INTO ENUM_CUDA_MEMCPY_OPER VALUES(0,'CUDA_MEMCPY_KIND_UNKNOWN','Unknown'),(1,'CUDA_MEMCPY_KIND_HTOD','Host-to-Device'),(2,'CUDA_MEMCPY_KIND_DTOH','Device-to-Host'),
  (3,'CUDA_MEMCPY_KIND_HTOA','Host-to-Array'),(4,'CUDA_MEMCPY_KIND_ATOH','Array-to-Host'),(5,'CUDA_MEMCPY_KIND_ATOA','Array-to-Array'),(6,'CUDA_MEMCPY_KIND_ATOD','Array-to-Device'),
  (7,'CUDA_MEMCPY_KIND_DTOA','Device-to-Array'),(8,'CUDA_MEMCPY_KIND_DTOD','Device-to-Device'),(9,'CUDA_MEMCPY_KIND_HTOH','Host-to-Host'),(10,'CUDA_MEMCPY_KIND_PTOP','Peer-to-Peer');
CREATE TABLE ENUM_CUDA_MEM_KIND(id INTEGER PRIMARY KEY, name TEXT, label TEXT);
INSERT INTO ENUM_CUDA_MEM_KIND VALUES(0,'CUDA_MEMOPR_MEMORY_KIND_PAGEABLE','Pageable'),(1,'CUDA_MEMOPR_MEMORY_KIND_PINNED','Pinned'),(2,'CUDA_MEMOPR_MEMORY_KIND_DEVICE','Device'),
  (3,'CUDA_MEMOPR_MEMORY_KIND_ARRAY','Array'),(4,'CUDA_MEMOPR_MEMORY_KIND_MANAGED','Managed'),(5,'CUDA_MEMOPR_MEMORY_KIND_DEVICE_STATIC','Device Static'),
  (6,'CUDA_MEMOPR_MEMORY_KIND_MANAGED_STATIC','Managed Static'),(7,'CUDA_MEMOPR_MEMORY_KIND_UNKNOWN','Unknown');
CREATE TABLE ENUM_CUDA_KERNEL_LAUNCH_TYPE(id INTEGER PRIMARY KEY, name TEXT, label TEXT);
INSERT INTO ENUM_CUDA_KERNEL_LAUNCH_TYPE VALUES(0,'CUDA_KERNEL_LAUNCH_TYPE_REGULAR','Regular'),(1,'CUDA_KERNEL_LAUNCH_TYPE_COOPERATIVE_SINGLE_DEVICE','Coop. Single Device'),
  (2,'CUDA_KERNEL_LAUNCH_TYPE_COOPERATIVE_MULTI_DEVICE','Coop. Multi Device');
CREATE TABLE ENUM_CUDA_FUNC_CACHE_CONFIG(id INTEGER PRIMARY KEY, name TEXT, label TEXT);
INSERT INTO ENUM_CUDA_FUNC_CACHE_CONFIG VALUES(0,'CU_FUNC_CACHE_PREFER_NONE','None'),(1,'CU_FUNC_CACHE_PREFER_SHARED','Shared'),(2,'CU_FUNC_CACHE_PREFER_L1','L1'),(3,'CU_FUNC_CACHE_PREFER_EQUAL','Equal');
CREATE TABLE ENUM_NSYS_EVENT_CLASS(id INTEGER PRIMARY KEY, name TEXT, label TEXT);
INSERT INTO ENUM_NSYS_EVENT_CLASS VALUES(0,'TRACE_PROCESS_EVENT_CUDA_RUNTIME','CUDA runtime'),(1,'TRACE_PROCESS_EVENT_CUDA_DRIVER','CUDA driver');
CREATE TABLE ISOTHERM_COVERAGE(mode TEXT NOT NULL, record TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(mode, record, what)) WITHOUT ROWID;
)sql";

/// Columns that a table of device records and the one that joins it with nodes are made of.
std::string with_node_table(const char* table, const char* columns, const char* join, const char* key) {
  return std::string("CREATE TABLE ") + table + "(" + columns + ");\nCREATE TABLE " + join + "(" + key +
         " INTEGER PRIMARY KEY, run INTEGER NOT NULL, kind TEXT NOT NULL, node INTEGER, engine INTEGER, layer "
         "INTEGER);\n";
}

constexpr const char* kKernelColumns =
    "start INTEGER NOT NULL, \"end\" INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, "
    "greenContextId INTEGER, streamId INTEGER NOT NULL, "
    "correlationId INTEGER, globalPid INTEGER, demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, mangledName "
    "INTEGER, launchType INTEGER, cacheConfig INTEGER, "
    "registersPerThread INTEGER NOT NULL, gridX INTEGER NOT NULL, gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL, "
    "blockX INTEGER NOT NULL, blockY INTEGER NOT NULL, "
    "blockZ INTEGER NOT NULL, staticSharedMemory INTEGER NOT NULL, dynamicSharedMemory INTEGER NOT NULL, "
    "localMemoryPerThread INTEGER NOT NULL, "
    "localMemoryTotal INTEGER NOT NULL, gridId INTEGER NOT NULL, sharedMemoryExecuted INTEGER, graphNodeId INTEGER, "
    "sharedMemoryLimitConfig INTEGER";
constexpr const char* kCopyColumns =
    "start INTEGER NOT NULL, \"end\" INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, "
    "greenContextId INTEGER, streamId INTEGER NOT NULL, "
    "correlationId INTEGER, globalPid INTEGER, bytes INTEGER NOT NULL, copyKind INTEGER NOT NULL, deprecatedSrcId "
    "INTEGER, srcKind INTEGER, dstKind INTEGER, "
    "srcDeviceId INTEGER, srcContextId INTEGER, dstDeviceId INTEGER, dstContextId INTEGER, migrationCause INTEGER, "
    "graphNodeId INTEGER, virtualAddress INTEGER";
constexpr const char* kSetColumns =
    "start INTEGER NOT NULL, \"end\" INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, "
    "greenContextId INTEGER, streamId INTEGER NOT NULL, "
    "correlationId INTEGER, globalPid INTEGER, value INTEGER NOT NULL, bytes INTEGER NOT NULL, graphNodeId INTEGER, "
    "memKind INTEGER";
constexpr const char* kCallColumns =
    "start INTEGER NOT NULL, \"end\" INTEGER NOT NULL, eventClass INTEGER NOT NULL, globalTid INTEGER, correlationId "
    "INTEGER, nameId INTEGER NOT NULL, "
    "returnValue INTEGER NOT NULL, callchainId INTEGER";

constexpr const char* kKernelView = R"sql(
CREATE INDEX ISOTHERM_KERNEL_START ON CUPTI_ACTIVITY_KIND_KERNEL(start);
CREATE INDEX ISOTHERM_KERNEL_CORRELATION ON CUPTI_ACTIVITY_KIND_KERNEL(correlationId);
CREATE VIEW ISOTHERM_KERNEL_TIME AS
  SELECT r.mode, r.id AS run, s.value AS kernel, n.name AS node, n.op, e.name AS engine, l.name AS layer, l.tactic, k.start, k."end", k."end" - k.start AS ns
  FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN ISOTHERM_KERNEL_NODE p ON p.kernel = k.rowid JOIN StringIds s ON s.id = k.shortName
  LEFT JOIN ISOTHERM_RUN r ON r.id = p.run
  LEFT JOIN ISOTHERM_NODE n ON n.id = p.node AND n.graph = CASE r.mode WHEN 'native' THEN 'before' ELSE 'after' END
  LEFT JOIN ISOTHERM_ENGINE e ON e.id = p.engine LEFT JOIN ISOTHERM_LAYER l ON l.id = p.layer;
)sql";

std::int64_t global_pid(std::int64_t process) { return process << 24; }

std::string_view place_name(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::none:
      return "none";
    case PlaceKind::run:
      return "run";
    case PlaceKind::copy:
      return "copy";
    case PlaceKind::node:
      return "node";
    case PlaceKind::layer:
      return "layer";
  }
  return "none";
}

Status write_place(Statement& join, std::int64_t row, int run, const Place& place, const LayerIds& ids) {
  join.bind(1, row).bind(2, std::int64_t{run}).bind(3, place_name(place.kind)).bind_null(4).bind_null(5).bind_null(6);
  if (place.node != kNoNode) join.bind(4, std::int64_t{place.node});
  if (const auto engine = ids.engine.find(place.engine); engine != ids.engine.end()) join.bind(5, engine->second);
  if (const auto first = ids.first_layer.find(place.engine); place.layer >= 0 && first != ids.first_layer.end())
    join.bind(6, first->second + place.layer);
  return join.execute();
}

/// start .. correlationId and globalPid: the head of every table of device work.
void bind_head(Statement& s, const DeviceRecord& r) {
  s.bind(1, r.start)
      .bind(2, r.end)
      .bind(3, std::int64_t{r.device})
      .bind(4, std::int64_t{r.context})
      .bind_null(5)
      .bind(6, std::int64_t{r.stream});
  s.bind(7, std::int64_t{r.correlation}).bind(8, global_pid(getpid()));
}

void bind_graph_node(Statement& s, int parameter, std::uint64_t id) {
  if (id == 0)
    s.bind_null(parameter);
  else
    s.bind(parameter, static_cast<std::int64_t>(id));
}

}  // namespace

Status NsightTables::create(Database& database, const SessionData& data) {
  ISO_TRY(database.execute(kAlways));
  ISO_ASSIGN(Statement export_meta, database.prepare("INSERT INTO META_DATA_EXPORT VALUES(?, ?)"));
  ISO_ASSIGN(Statement capture, database.prepare("INSERT INTO META_DATA_CAPTURE VALUES(?, ?)"));
  const auto meta = [&](const char* name) {
    const auto it = data.meta.find(name);
    return it == data.meta.end() ? std::string() : it->second;
  };
  ISO_TRY(export_meta.bind(1, "EXPORT_SCHEMA_VERSION").bind(2, "3.16.1").execute());
  ISO_TRY(export_meta.bind(1, "EXPORT_PRODUCT_NAME").bind(2, "Isotherm").execute());
  ISO_TRY(export_meta.bind(1, "EXPORT_PRODUCT_VERSION").bind(2, meta("program")).execute());
  for (const char* event : {"CudaKernel", "CudaMemcpy", "CudaApi"})
    ISO_TRY(capture.bind(1, "CAPTURE_EVENT_TYPE").bind(2, event).execute());
  ISO_TRY(capture.bind(1, "COLLECTION_TARGET").bind(2, meta("model")).execute());
  ISO_ASSIGN(Statement gpu,
             database.prepare("INSERT INTO TARGET_INFO_GPU(vmId, id, name, busLocation, isDiscrete, l2CacheSize, "
                              "totalMemory, memoryBandwidth, clockRate, smCount, "
                              "uuid, cuDevice, maxRegistersPerBlock, maxShmemPerBlock, maxShmemPerSm, threadsPerWarp, "
                              "maxWarpsPerSm, maxBlocksPerSm, computeMajor, computeMinor) "
                              "VALUES(0, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  ISO_ASSIGN(Statement device, database.prepare("INSERT INTO TARGET_INFO_CUDA_DEVICE VALUES(?, ?, ?, ?, ?)"));
  for (const GpuInfo& g : data.gpus) {
    gpu.bind(1, std::int64_t{g.id})
        .bind(2, g.name)
        .bind(3, g.bus)
        .bind(4, g.l2_bytes)
        .bind(5, g.memory_bytes)
        .bind(6, g.memory_bandwidth());
    gpu.bind(7, g.clock_hz)
        .bind(8, std::int64_t{g.multiprocessors})
        .bind(9, g.uuid)
        .bind(10, std::int64_t{g.id})
        .bind(11, std::int64_t{g.registers_per_block});
    gpu.bind(12, g.shared_per_block).bind(13, g.shared_per_multiprocessor).bind(14, std::int64_t{g.threads_per_warp});
    gpu.bind(15, std::int64_t{g.warps_per_multiprocessor}).bind(16, std::int64_t{g.blocks_per_multiprocessor});
    ISO_TRY(gpu.bind(17, std::int64_t{g.compute_major}).bind(18, std::int64_t{g.compute_minor}).execute());
    device.bind(1, std::int64_t{g.id}).bind(2, std::int64_t{g.id}).bind(3, std::int64_t{getpid()}).bind(4, g.uuid);
    ISO_TRY(device.bind(5, std::int64_t{g.multiprocessors}).execute());
  }
  created_ = true;
  return {};
}

Status NsightTables::write(Database& database, const SessionData& data, const LayerIds& ids) {
  if (data.coverage.empty()) return {};
  if (!created_) ISO_TRY(create(database, data));
  ISO_TRY(write_strings(database, data));
  ISO_TRY(write_kernels(database, data, ids));
  ISO_TRY(write_copies(database, data, ids));
  ISO_TRY(write_sets(database, data, ids));
  ISO_TRY(write_calls(database, data, ids));
  ISO_TRY(write_overheads(database, data));
  return write_coverage(database, data);
}

Status NsightTables::write_strings(Database& database, const SessionData& data) {
  ISO_ASSIGN(Statement insert, database.prepare("INSERT INTO StringIds VALUES(?, ?)"));
  for (; strings_ < data.strings.size(); ++strings_)
    ISO_TRY(insert.bind(1, static_cast<std::int64_t>(strings_)).bind(2, data.strings[strings_]).execute());
  return {};
}

Status NsightTables::write_kernels(Database& database, const SessionData& data, const LayerIds& ids) {
  if (kernels_ == data.kernels.size()) return {};
  if (kernels_ == 0)
    ISO_TRY(database.execute(
        with_node_table("CUPTI_ACTIVITY_KIND_KERNEL", kKernelColumns, "ISOTHERM_KERNEL_NODE", "kernel") + kKernelView));
  ISO_ASSIGN(
      Statement insert,
      database.prepare(
          "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  ISO_ASSIGN(Statement join, database.prepare("INSERT INTO ISOTHERM_KERNEL_NODE VALUES(?, ?, ?, ?, ?, ?)"));
  for (; kernels_ < data.kernels.size(); ++kernels_) {
    const KernelRecord& k = data.kernels[kernels_];
    bind_head(insert, k);
    const std::int64_t rest[] = {k.demangled,   k.short_name, k.name,           k.launch_type,    k.cache_config,
                                 k.registers,   k.grid[0],    k.grid[1],        k.grid[2],        k.block[0],
                                 k.block[1],    k.block[2],   k.static_shared,  k.dynamic_shared, k.local_per_thread,
                                 k.local_total, k.grid_id,    k.shared_executed};
    int parameter = 9;
    for (const std::int64_t value : rest) insert.bind(parameter++, value);
    bind_graph_node(insert, parameter++, k.graph_node);
    ISO_TRY(insert.bind(parameter, std::int64_t{k.shared_limit}).execute());
    ISO_TRY(write_place(join, static_cast<std::int64_t>(kernels_) + 1, k.run, k.place, ids));
  }
  return {};
}

Status NsightTables::write_copies(Database& database, const SessionData& data, const LayerIds& ids) {
  if (copies_ == data.copies.size()) return {};
  if (copies_ == 0)
    ISO_TRY(
        database.execute(with_node_table("CUPTI_ACTIVITY_KIND_MEMCPY", kCopyColumns, "ISOTHERM_COPY_NODE", "copy")));
  ISO_ASSIGN(Statement insert,
             database.prepare("INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY "
                              "VALUES(?,?,?,?,?,?,?,?,?,?,NULL,?,?,NULL,NULL,NULL,NULL,NULL,?,NULL)"));
  ISO_ASSIGN(Statement join, database.prepare("INSERT INTO ISOTHERM_COPY_NODE VALUES(?, ?, ?, ?, ?, ?)"));
  for (; copies_ < data.copies.size(); ++copies_) {
    const CopyRecord& c = data.copies[copies_];
    bind_head(insert, c);
    insert.bind(9, c.bytes)
        .bind(10, std::int64_t{c.copy_kind})
        .bind(11, std::int64_t{c.src_kind})
        .bind(12, std::int64_t{c.dst_kind});
    bind_graph_node(insert, 13, c.graph_node);
    ISO_TRY(insert.execute());
    ISO_TRY(write_place(join, static_cast<std::int64_t>(copies_) + 1, c.run, c.place, ids));
  }
  return {};
}

Status NsightTables::write_sets(Database& database, const SessionData& data, const LayerIds& ids) {
  if (sets_ == data.sets.size()) return {};
  if (sets_ == 0)
    ISO_TRY(
        database.execute(with_node_table("CUPTI_ACTIVITY_KIND_MEMSET", kSetColumns, "ISOTHERM_MEMSET_NODE", "memset")));
  ISO_ASSIGN(Statement insert,
             database.prepare("INSERT INTO CUPTI_ACTIVITY_KIND_MEMSET VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  ISO_ASSIGN(Statement join, database.prepare("INSERT INTO ISOTHERM_MEMSET_NODE VALUES(?, ?, ?, ?, ?, ?)"));
  for (; sets_ < data.sets.size(); ++sets_) {
    const SetRecord& r = data.sets[sets_];
    bind_head(insert, r);
    insert.bind(9, std::int64_t{r.value}).bind(10, r.bytes);
    bind_graph_node(insert, 11, r.graph_node);
    ISO_TRY(insert.bind(12, std::int64_t{r.memory_kind}).execute());
    ISO_TRY(write_place(join, static_cast<std::int64_t>(sets_) + 1, r.run, r.place, ids));
  }
  return {};
}

Status NsightTables::write_calls(Database& database, const SessionData& data, const LayerIds& ids) {
  if (calls_ == data.calls.size()) return {};
  if (calls_ == 0)
    ISO_TRY(database.execute(with_node_table("CUPTI_ACTIVITY_KIND_RUNTIME", kCallColumns, "ISOTHERM_API_NODE", "call") +
                             "CREATE INDEX ISOTHERM_API_CORRELATION ON CUPTI_ACTIVITY_KIND_RUNTIME(correlationId);"));
  ISO_ASSIGN(Statement insert, database.prepare("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES(?,?,?,?,?,?,?,NULL)"));
  ISO_ASSIGN(Statement join, database.prepare("INSERT INTO ISOTHERM_API_NODE VALUES(?, ?, ?, ?, ?, ?)"));
  for (; calls_ < data.calls.size(); ++calls_) {
    const CallRecord& c = data.calls[calls_];
    insert.bind(1, c.start)
        .bind(2, c.end)
        .bind(3, std::int64_t{c.driver})
        .bind(4, global_pid(getpid()) | (c.thread & 0xffffffU));
    ISO_TRY(insert.bind(5, std::int64_t{c.correlation})
                .bind(6, std::int64_t{c.name})
                .bind(7, std::int64_t{c.result})
                .execute());
    ISO_TRY(write_place(join, static_cast<std::int64_t>(calls_) + 1, c.run, c.place, ids));
  }
  return {};
}

Status NsightTables::write_overheads(Database& database, const SessionData& data) {
  if (overheads_ == data.overheads.size()) return {};
  if (overheads_ == 0)
    ISO_TRY(
        database.execute("CREATE TABLE PROFILER_OVERHEAD(start INTEGER NOT NULL, \"end\" INTEGER NOT NULL, globalTid "
                         "INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL, "
                         "returnValue INTEGER NOT NULL)"));
  ISO_ASSIGN(Statement insert, database.prepare("INSERT INTO PROFILER_OVERHEAD VALUES(?, ?, ?, NULL, ?, 0)"));
  for (; overheads_ < data.overheads.size(); ++overheads_) {
    const RawOverhead& o = data.overheads[overheads_];
    ISO_TRY(insert.bind(1, o.start)
                .bind(2, o.end)
                .bind(3, global_pid(getpid()) | (o.thread & 0xffffffU))
                .bind(4, std::int64_t{o.name})
                .execute());
  }
  return {};
}

Status NsightTables::write_coverage(Database& database, const SessionData& data) {
  ISO_ASSIGN(Statement insert, database.prepare("INSERT OR REPLACE INTO ISOTHERM_COVERAGE VALUES(?, ?, ?, ?)"));
  for (const auto& [mode, coverage] : data.coverage) {
    const auto put = [&](std::string_view record, std::string_view what, std::int64_t count) -> Status {
      return insert.bind(1, run_mode_name(mode)).bind(2, record).bind(3, what).bind(4, count).execute();
    };
    const std::pair<const char*, const RecordCount*> kinds[] = {
        {"kernel", &coverage.kernels}, {"copy", &coverage.copies}, {"memset", &coverage.sets}};
    for (const auto& [record, count] : kinds) {
      if (count->expected >= 0) ISO_TRY(put(record, "expected", count->expected));
      ISO_TRY(put(record, "seen", count->seen));
      ISO_TRY(put(record, "attributed", count->attributed));
      ISO_TRY(put(record, "unattributed", count->unattributed));
      ISO_TRY(put(record, "without layer", count->without_layer));
      ISO_TRY(put(record, "in overhead", count->in_overhead));
      for (std::size_t f = 0; f < kFaults; ++f)
        ISO_TRY(put(record, "invalid: " + std::string(fault_name(static_cast<Fault>(f))), count->invalid[f]));
    }
    ISO_TRY(put("all", "API calls", coverage.calls));
    ISO_TRY(put("all", "dropped", coverage.dropped));
    ISO_TRY(put("all", "unknown replays", coverage.unknown_replays));
    ISO_TRY(put("all", "overhead ns", coverage.overhead_ns));
  }
  return {};
}

}  // namespace isotherm
