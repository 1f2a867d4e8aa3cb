#include <string>

#include "profiler/nsight_tables.h"

namespace isotherm {
namespace {

class Reader {
 public:
  Reader(Database& database, const LayerPlaces& layers, SessionData& data)
      : database_(database), layers_(layers), data_(data) {}

  Status read() {
    if (!database_.has_table("ISOTHERM_COVERAGE")) return {};
    ISO_TRY(read_coverage());
    if (data_.coverage.empty()) return {};
    ISO_TRY(read_gpus());
    ISO_TRY(rows("SELECT id, value FROM StringIds ORDER BY id", [&](Statement& s) -> Status {
      if (s.integer(0) != static_cast<std::int64_t>(data_.strings.size()))
        return damaged("its strings are not numbered in order");
      data_.strings.push_back(s.text(1));
      return {};
    }));
    ISO_TRY(read_kernels());
    ISO_TRY(read_copies());
    ISO_TRY(read_sets());
    return read_calls();
  }

 private:
  Error damaged(const std::string& what) const {
    return invalid_input("session file '" + database_.path() + "' is damaged: " + what);
  }

  Status rows(const std::string& sql, const std::function<Status(Statement&)>& row) {
    ISO_ASSIGN(Statement query, database_.prepare(sql));
    while (true) {
      ISO_ASSIGN(const bool more, query.next());
      if (!more) return {};
      ISO_TRY(row(query));
    }
  }

  static std::string with_places(const char* columns, const char* table, const char* join, const char* key) {
    return std::string("SELECT p.run, p.kind, p.node, p.engine, p.layer, ") + columns + " FROM " + table + " t JOIN " +
           join + " p ON p." + key + " = t.rowid ORDER BY t.rowid";
  }
  /// Columns 0 to 4 of such a query.
  Status read_place(Statement& s, int& run, Place& place) const {
    const std::int64_t id = s.integer(0);
    if (id < -1 || id >= static_cast<std::int64_t>(data_.runs.size()))
      return damaged("a device record belongs to no run");
    run = static_cast<int>(id);
    const std::string kind = s.text(1);
    place.kind = kind == "layer"  ? PlaceKind::layer
                 : kind == "node" ? PlaceKind::node
                 : kind == "copy" ? PlaceKind::copy
                 : kind == "run"  ? PlaceKind::run
                                  : PlaceKind::none;
    if (!s.is_null(2)) place.node = static_cast<NodeId>(s.integer(2));
    if (!s.is_null(3)) {
      const std::int64_t engine = s.integer(3);
      if (engine < 0 || engine >= static_cast<std::int64_t>(data_.engines.size()))
        return damaged("a device record belongs to an engine that does not exist");
      place.engine = data_.engines[static_cast<std::size_t>(engine)].node;
    }
    if (!s.is_null(4)) {
      const auto layer = layers_.find(s.integer(4));
      if (layer == layers_.end()) return damaged("a device record belongs to a layer that does not exist");
      place.engine = layer->second.first;
      place.layer = layer->second.second;
    }
    return {};
  }
  /// Seven columns from `column`: start, end, deviceId, contextId, streamId, correlationId, graphNodeId.
  static void read_head(Statement& s, int column, DeviceRecord& r) {
    r.start = s.integer(column);
    r.end = s.integer(column + 1);
    r.device = static_cast<std::uint32_t>(s.integer(column + 2));
    r.context = static_cast<std::uint32_t>(s.integer(column + 3));
    r.stream = static_cast<std::uint32_t>(s.integer(column + 4));
    r.correlation = static_cast<std::uint32_t>(s.integer(column + 5));
    r.graph_node = static_cast<std::uint64_t>(s.integer(column + 6));
  }

  Status read_kernels() {
    if (!database_.has_table("CUPTI_ACTIVITY_KIND_KERNEL")) return {};
    const std::string sql = with_places(
        "t.start, t.\"end\", t.deviceId, t.contextId, t.streamId, t.correlationId, t.graphNodeId, t.demangledName, "
        "t.shortName, t.mangledName, t.launchType, "
        "t.cacheConfig, t.registersPerThread, t.gridX, t.gridY, t.gridZ, t.blockX, t.blockY, t.blockZ, "
        "t.staticSharedMemory, t.dynamicSharedMemory, "
        "t.localMemoryPerThread, t.localMemoryTotal, t.gridId, t.sharedMemoryExecuted, t.sharedMemoryLimitConfig",
        "CUPTI_ACTIVITY_KIND_KERNEL", "ISOTHERM_KERNEL_NODE", "kernel");
    return rows(sql, [&](Statement& s) -> Status {
      KernelRecord k;
      ISO_TRY(read_place(s, k.run, k.place));
      read_head(s, 5, k);
      const auto small = [&](int column) { return static_cast<int>(s.integer(column)); };
      k.demangled = small(12);
      k.short_name = small(13);
      k.name = small(14);
      k.launch_type = small(15);
      k.cache_config = small(16);
      k.registers = small(17);
      for (int d = 0; d < 3; ++d) k.grid[d] = small(18 + d), k.block[d] = small(21 + d);
      k.static_shared = s.integer(24);
      k.dynamic_shared = s.integer(25);
      k.local_per_thread = s.integer(26);
      k.local_total = s.integer(27);
      k.grid_id = s.integer(28);
      k.shared_executed = s.integer(29);
      k.shared_limit = small(30);
      data_.kernels.push_back(k);
      return {};
    });
  }

  Status read_copies() {
    if (!database_.has_table("CUPTI_ACTIVITY_KIND_MEMCPY")) return {};
    return rows(with_places("t.start, t.\"end\", t.deviceId, t.contextId, t.streamId, t.correlationId, t.graphNodeId, "
                            "t.bytes, t.copyKind, t.srcKind, t.dstKind",
                            "CUPTI_ACTIVITY_KIND_MEMCPY", "ISOTHERM_COPY_NODE", "copy"),
                [&](Statement& s) -> Status {
                  CopyRecord c;
                  ISO_TRY(read_place(s, c.run, c.place));
                  read_head(s, 5, c);
                  c.bytes = s.integer(12);
                  c.copy_kind = static_cast<int>(s.integer(13));
                  c.src_kind = static_cast<int>(s.integer(14));
                  c.dst_kind = static_cast<int>(s.integer(15));
                  data_.copies.push_back(c);
                  return {};
                });
  }

  Status read_sets() {
    if (!database_.has_table("CUPTI_ACTIVITY_KIND_MEMSET")) return {};
    return rows(with_places("t.start, t.\"end\", t.deviceId, t.contextId, t.streamId, t.correlationId, t.graphNodeId, "
                            "t.bytes, t.value, t.memKind",
                            "CUPTI_ACTIVITY_KIND_MEMSET", "ISOTHERM_MEMSET_NODE", "memset"),
                [&](Statement& s) -> Status {
                  SetRecord r;
                  ISO_TRY(read_place(s, r.run, r.place));
                  read_head(s, 5, r);
                  r.bytes = s.integer(12);
                  r.value = static_cast<std::uint32_t>(s.integer(13));
                  r.memory_kind = static_cast<int>(s.integer(14));
                  data_.sets.push_back(r);
                  return {};
                });
  }

  Status read_calls() {
    if (!database_.has_table("CUPTI_ACTIVITY_KIND_RUNTIME")) return {};
    return rows(with_places("t.start, t.\"end\", t.eventClass, t.globalTid, t.correlationId, t.nameId, t.returnValue",
                            "CUPTI_ACTIVITY_KIND_RUNTIME", "ISOTHERM_API_NODE", "call"),
                [&](Statement& s) -> Status {
                  CallRecord c;
                  ISO_TRY(read_place(s, c.run, c.place));
                  c.start = s.integer(5);
                  c.end = s.integer(6);
                  c.driver = s.integer(7) == 1;
                  c.thread = static_cast<std::uint32_t>(s.integer(8) & 0xffffff);
                  c.correlation = static_cast<std::uint32_t>(s.integer(9));
                  c.name = static_cast<int>(s.integer(10));
                  c.result = static_cast<std::uint32_t>(s.integer(11));
                  data_.calls.push_back(c);
                  return {};
                });
  }

  Status read_gpus() {
    return rows(
        "SELECT id, name, busLocation, l2CacheSize, totalMemory, clockRate, smCount, uuid, computeMajor, computeMinor "
        "FROM TARGET_INFO_GPU ORDER BY id",
        [&](Statement& s) -> Status {
          GpuInfo gpu;
          gpu.id = static_cast<int>(s.integer(0));
          gpu.name = s.text(1);
          gpu.bus = s.text(2);
          gpu.l2_bytes = s.integer(3);
          gpu.memory_bytes = s.integer(4);
          gpu.clock_hz = s.integer(5);
          gpu.multiprocessors = static_cast<int>(s.integer(6));
          gpu.uuid = s.text(7);
          gpu.compute_major = static_cast<int>(s.integer(8));
          gpu.compute_minor = static_cast<int>(s.integer(9));
          data_.gpus.push_back(std::move(gpu));
          return {};
        });
  }

  Status read_coverage() {
    return rows("SELECT mode, record, what, count FROM ISOTHERM_COVERAGE", [&](Statement& s) -> Status {
      Coverage& coverage = data_.coverage[s.text(0) == "native" ? RunMode::native : RunMode::engines];
      const std::string record = s.text(1), what = s.text(2);
      const std::int64_t n = s.integer(3);
      if (record == "all") {
        if (what == "API calls") coverage.calls = n;
        if (what == "dropped") coverage.dropped = n;
        if (what == "unknown replays") coverage.unknown_replays = n;
        if (what == "overhead ns") coverage.overhead_ns = n;
        return {};
      }
      RecordCount& count = record == "kernel" ? coverage.kernels : record == "copy" ? coverage.copies : coverage.sets;
      if (what == "expected") count.expected = n;
      if (what == "seen") count.seen = n;
      if (what == "attributed") count.attributed = n;
      if (what == "unattributed") count.unattributed = n;
      if (what == "without layer") count.without_layer = n;
      if (what == "in overhead") count.in_overhead = n;
      for (std::size_t f = 0; f < kFaults; ++f)
        if (what == "invalid: " + std::string(fault_name(static_cast<Fault>(f)))) count.invalid[f] = n;
      return {};
    });
  }

  Database& database_;
  const LayerPlaces& layers_;
  SessionData& data_;
};

}  // namespace

Status read_nsight_tables(Database& database, const LayerPlaces& layers, SessionData& data) {
  return Reader(database, layers, data).read();
}

}  // namespace isotherm
