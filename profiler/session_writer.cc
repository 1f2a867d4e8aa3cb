#include <filesystem>

#include "core/formats/graph_file.h"
#include "profiler/database.h"
#include "profiler/memory_recorder.h"
#include "profiler/nsight_tables.h"
#include "profiler/session_file.h"

namespace isotherm {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE ISOTHERM_META(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE ISOTHERM_SETTING(position INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE ISOTHERM_MACHINE(position INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE ISOTHERM_GRAPH(graph TEXT PRIMARY KEY, graphdef BLOB NOT NULL);
CREATE TABLE ISOTHERM_NODE(graph TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, op TEXT NOT NULL, engine INTEGER, reason TEXT, detail TEXT,
                           PRIMARY KEY(graph, id)) WITHOUT ROWID;
CREATE TABLE ISOTHERM_NODE_MAP(before INTEGER PRIMARY KEY, after INTEGER);
CREATE TABLE ISOTHERM_ENGINE(id INTEGER PRIMARY KEY, node INTEGER NOT NULL, name TEXT NOT NULL, node_count INTEGER NOT NULL, fallback TEXT);
CREATE TABLE ISOTHERM_LAYER(id INTEGER PRIMARY KEY, engine INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                            tactic TEXT NOT NULL, precision TEXT NOT NULL, output_shape TEXT NOT NULL, flops REAL NOT NULL, bytes REAL NOT NULL, workspace INTEGER NOT NULL, output_dtype TEXT);
CREATE TABLE ISOTHERM_LAYER_SOURCE(layer INTEGER NOT NULL, position INTEGER NOT NULL, node TEXT NOT NULL, PRIMARY KEY(layer, position)) WITHOUT ROWID;
CREATE TABLE ISOTHERM_RUN(id INTEGER PRIMARY KEY, mode TEXT NOT NULL, iteration INTEGER NOT NULL, traced INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE TABLE ISOTHERM_OP(run INTEGER NOT NULL, node INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, frame INTEGER NOT NULL, iteration INTEGER NOT NULL);
CREATE TABLE ISOTHERM_LAYER_TIME(run INTEGER NOT NULL, layer INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE TABLE ISOTHERM_MEMORY(mode TEXT NOT NULL, node INTEGER NOT NULL, outputs INTEGER NOT NULL, in_use INTEGER NOT NULL, peak INTEGER NOT NULL,
                             plan_arena INTEGER NOT NULL, plan_weights INTEGER NOT NULL, PRIMARY KEY(mode, node)) WITHOUT ROWID;
CREATE TABLE ISOTHERM_MEMORY_RUN(mode TEXT PRIMARY KEY, peak INTEGER NOT NULL, reserved INTEGER NOT NULL, plan_arena INTEGER NOT NULL, plan_weights INTEGER NOT NULL);
CREATE TABLE ISOTHERM_PRECISION(mode TEXT NOT NULL, node INTEGER NOT NULL, precision TEXT NOT NULL, dtype TEXT NOT NULL, PRIMARY KEY(mode, node)) WITHOUT ROWID;
CREATE TABLE ISOTHERM_ERROR(node INTEGER NOT NULL, port INTEGER NOT NULL, engine INTEGER, layer INTEGER, engine_output INTEGER NOT NULL, error REAL,
                            difference REAL NOT NULL, largest REAL NOT NULL, elements INTEGER NOT NULL, mismatch TEXT, PRIMARY KEY(node, port)) WITHOUT ROWID;
CREATE VIEW ISOTHERM_OP_TIME AS
  SELECT r.mode, n.name AS node, n.op, count(*) AS instances, sum(o."end" - o.start) AS total_ns, min(o."end" - o.start) AS min_ns, max(o."end" - o.start) AS max_ns
  FROM ISOTHERM_OP o JOIN ISOTHERM_RUN r ON r.id = o.run
  JOIN ISOTHERM_NODE n ON n.id = o.node AND n.graph = CASE r.mode WHEN 'native' THEN 'before' ELSE 'after' END
  GROUP BY r.mode, o.node ORDER BY total_ns DESC;
CREATE VIEW ISOTHERM_LAYER_SUMMARY AS
  SELECT e.name AS engine, l.name AS layer, l.kind, l.tactic, count(*) AS instances, sum(t."end" - t.start) AS total_ns, min(t."end" - t.start) AS min_ns, max(t."end" - t.start) AS max_ns
  FROM ISOTHERM_LAYER_TIME t JOIN ISOTHERM_LAYER l ON l.id = t.layer JOIN ISOTHERM_ENGINE e ON e.id = l.engine
  GROUP BY t.layer ORDER BY total_ns DESC;
)sql";

void drop_weights(std::vector<NodeRecord>& nodes) {
  constexpr std::size_t kKept = 1024;
  for (NodeRecord& node : nodes) {
    if (node.op != "Const") continue;
    const Constant* value = node.attrs.get_constant("value");
    if (value && value->values().byte_size() > kKept) node.attrs.set("value", make_constant_attr(Constant(value->dtype(), value->shape(), Tensor())));
  }
}

/// Weights do not belong into a profile, neither the graph's nor those of its native segments; values small enough to
/// decide shapes stay.
Result<std::string> graph_without_weights(const Graph& graph) {
  Graph::Parts parts = graph.parts();
  drop_weights(parts.nodes);
  auto functions = std::make_shared<FunctionLibrary>(*parts.functions);
  for (const auto& function : parts.functions->functions()) {
    Function light = *function;
    drop_weights(light.nodes);
    functions->add(std::move(light));
  }
  parts.functions = std::move(functions);
  ISO_ASSIGN(const std::shared_ptr<const Graph> light, Graph::build(std::move(parts)));
  return serialize_graph(*light);
}

class FileSessionWriter final : public SessionWriter {
 public:
  FileSessionWriter(std::string path, Database database) : path_(std::move(path)), database_(std::move(database)) {}

  static std::string partial_of(const std::string& path) { return path + ".partial"; }
  [[nodiscard]] std::string partial_path() const override { return partial_of(path_); }

  Status write_head(const SessionData& data) {
    ISO_TRY(database_.execute(kSchema));
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement meta, database_.prepare("INSERT INTO ISOTHERM_META VALUES(?, ?)"));
      ISO_TRY(meta.bind(1, "schema").bind(2, "3").execute());
      for (const auto& [name, value] : data.meta) ISO_TRY(meta.bind(1, name).bind(2, value).execute());
      ISO_TRY(write_pairs("ISOTHERM_SETTING", data.settings));
      ISO_TRY(write_pairs("ISOTHERM_MACHINE", data.machine));
      return write_graphs(*data.conversion);
    });
  }

  Status add_engines(const SessionData& data) override {
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement engine, database_.prepare("INSERT INTO ISOTHERM_ENGINE VALUES(?, ?, ?, ?, ?)"));
      ISO_ASSIGN(Statement layer, database_.prepare("INSERT INTO ISOTHERM_LAYER VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
      ISO_ASSIGN(Statement source, database_.prepare("INSERT INTO ISOTHERM_LAYER_SOURCE VALUES(?, ?, ?)"));
      for (std::size_t e = 0; e < data.engines.size(); ++e) {
        const EngineRecord& record = data.engines[e];
        engine.bind(1, static_cast<std::int64_t>(e)).bind(2, std::int64_t{record.node}).bind(3, record.name);
        engine.bind(4, std::int64_t{e < data.conversion->engines.size() ? data.conversion->engines[e].node_count : 0});
        if (record.fallback.empty()) engine.bind_null(5);
        else engine.bind(5, record.fallback);
        ISO_TRY(engine.execute());
        ids_.engine[record.node] = static_cast<std::int64_t>(e);
        ids_.first_layer[record.node] = next_layer_;
        for (std::size_t k = 0; k < record.layers.size(); ++k, ++next_layer_) {
          const PlanLayer& l = record.layers[k];
          layer.bind(1, next_layer_).bind(2, static_cast<std::int64_t>(e)).bind(3, static_cast<std::int64_t>(k)).bind(4, l.name);
          layer.bind(5, layer_kind_name(l.kind)).bind(6, l.tactic).bind(7, precision_name(l.precision)).bind(8, l.output_shape.to_string());
          layer.bind(9, l.flops).bind(10, l.bytes).bind(11, static_cast<std::int64_t>(l.workspace_bytes));
          if (l.output_dtype == DType::invalid) layer.bind_null(12);
          else layer.bind(12, dtype_name(l.output_dtype));
          ISO_TRY(layer.execute());
          for (std::size_t s = 0; s < l.sources.size(); ++s)
            ISO_TRY(source.bind(1, next_layer_).bind(2, static_cast<std::int64_t>(s)).bind(3, l.sources[s]).execute());
        }
      }
      return Status();
    });
  }

  Status add_runs(const std::vector<RunRecord>& runs, const std::vector<OpRecord>& ops, const std::vector<LayerRecord>& layers) override {
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement run, database_.prepare("INSERT INTO ISOTHERM_RUN VALUES(?, ?, ?, ?, ?, ?)"));
      for (const RunRecord& r : runs) {
        run.bind(1, std::int64_t{r.id}).bind(2, run_mode_name(r.mode)).bind(3, std::int64_t{r.iteration});
        ISO_TRY(run.bind(4, std::int64_t{r.traced}).bind(5, r.start).bind(6, r.end).execute());
      }
      ISO_ASSIGN(Statement op, database_.prepare("INSERT INTO ISOTHERM_OP VALUES(?, ?, ?, ?, ?, ?)"));
      for (const OpRecord& r : ops) {
        op.bind(1, std::int64_t{r.run}).bind(2, std::int64_t{r.node}).bind(3, r.start).bind(4, r.end);
        ISO_TRY(op.bind(5, static_cast<std::int64_t>(r.frame)).bind(6, static_cast<std::int64_t>(r.iteration)).execute());
      }
      ISO_ASSIGN(Statement layer, database_.prepare("INSERT INTO ISOTHERM_LAYER_TIME VALUES(?, ?, ?, ?)"));
      for (const LayerRecord& r : layers) {
        const auto first = ids_.first_layer.find(r.engine);
        if (first == ids_.first_layer.end()) continue;
        ISO_TRY(layer.bind(1, std::int64_t{r.run}).bind(2, first->second + r.layer).bind(3, r.start).bind(4, r.end).execute());
      }
      return Status();
    });
  }

  Status add_memory(const SessionData& data) override {
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement run, database_.prepare("INSERT INTO ISOTHERM_MEMORY_RUN VALUES(?, ?, ?, ?, ?)"));
      for (; written_run_memory_ < data.run_memory.size(); ++written_run_memory_) {
        const RunMemory& m = data.run_memory[written_run_memory_];
        ISO_TRY(run.bind(1, run_mode_name(m.mode)).bind(2, m.peak).bind(3, m.reserved).bind(4, m.plan_arena).bind(5, m.plan_weights).execute());
      }
      ISO_ASSIGN(Statement node, database_.prepare("INSERT INTO ISOTHERM_MEMORY VALUES(?, ?, ?, ?, ?, ?, ?)"));
      for (; written_node_memory_ < data.node_memory.size(); ++written_node_memory_) {
        const NodeMemory& m = data.node_memory[written_node_memory_];
        node.bind(1, run_mode_name(m.mode)).bind(2, std::int64_t{m.node}).bind(3, m.outputs).bind(4, m.in_use);
        ISO_TRY(node.bind(5, m.peak).bind(6, m.plan_arena).bind(7, m.plan_weights).execute());
      }
      ISO_ASSIGN(Statement precision, database_.prepare("INSERT INTO ISOTHERM_PRECISION VALUES(?, ?, ?, ?)"));
      for (; written_precisions_ < data.precisions.size(); ++written_precisions_) {
        const NodePrecision& p = data.precisions[written_precisions_];
        precision.bind(1, run_mode_name(p.mode)).bind(2, std::int64_t{p.node});
        ISO_TRY(precision.bind(3, executed_precision_name(p.precision)).bind(4, dtype_name(p.dtype)).execute());
      }
      return Status();
    });
  }

  Status add_errors(const SessionData& data) override {
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement row, database_.prepare("INSERT INTO ISOTHERM_ERROR VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
      for (const TensorErrorRecord& e : data.errors) {
        row.bind(1, std::int64_t{e.node}).bind(2, std::int64_t{e.port}).bind_null(3).bind_null(4).bind(5, std::int64_t{e.engine_output});
        if (const auto engine = ids_.engine.find(e.engine); engine != ids_.engine.end()) {
          row.bind(3, engine->second);
          if (e.layer >= 0) row.bind(4, ids_.first_layer.at(e.engine) + e.layer);
        }
        if (e.mismatch.empty()) row.bind(6, e.error).bind_null(10);
        else row.bind_null(6).bind(10, e.mismatch);
        ISO_TRY(row.bind(7, e.difference).bind(8, e.largest).bind(9, e.elements).execute());
      }
      return Status();
    });
  }

  Status add_device_records(const SessionData& data) override {
    return database_.transaction([&] { return device_tables_.write(database_, data, ids_); });
  }

  Status set_meta(const std::string& name, const std::string& value) override {
    return database_.transaction([&]() -> Status {
      ISO_ASSIGN(Statement meta, database_.prepare("INSERT OR REPLACE INTO ISOTHERM_META VALUES(?, ?)"));
      return meta.bind(1, name).bind(2, value).execute();
    });
  }

  Status finish() override {
    database_ = Database();  // closes the file
    std::error_code failed;
    std::filesystem::rename(partial_path(), path_, failed);
    if (failed) return io_error("session file '" + path_ + "' cannot take the place of its partial form: " + failed.message());
    return {};
  }

 private:
  Status write_pairs(const std::string& table, const std::vector<std::pair<std::string, std::string>>& pairs) {
    ISO_ASSIGN(Statement insert, database_.prepare("INSERT INTO " + table + " VALUES(?, ?, ?)"));
    std::int64_t position = 0;
    for (const auto& [name, value] : pairs) ISO_TRY(insert.bind(1, position++).bind(2, name).bind(3, value).execute());
    return {};
  }

  Status write_graphs(const Conversion& conversion) {
    ISO_ASSIGN(Statement graph, database_.prepare("INSERT INTO ISOTHERM_GRAPH VALUES(?, ?)"));
    ISO_ASSIGN(Statement node, database_.prepare("INSERT INTO ISOTHERM_NODE VALUES(?, ?, ?, ?, ?, ?, ?)"));
    std::vector<const Refusal*> refusal(static_cast<std::size_t>(conversion.before->size()), nullptr);
    for (const NativeNode& native : conversion.segmentation.native) refusal[static_cast<std::size_t>(native.node)] = &native.refusal;
    for (const bool after : {false, true}) {
      const Graph& g = after ? *conversion.after : *conversion.before;
      const std::string_view which = after ? "after" : "before";
      ISO_ASSIGN(const std::string bytes, graph_without_weights(g));
      ISO_TRY(graph.bind(1, which).bind_blob(2, bytes).execute());
      for (NodeId id = 0; id < g.size(); ++id) {
        node.bind(1, which).bind(2, std::int64_t{id}).bind(3, g[id].name).bind(4, g[id].op).bind_null(5).bind_null(6).bind_null(7);
        const auto i = static_cast<std::size_t>(id);
        if (!after && conversion.map.engine_of[i] >= 0) node.bind(5, std::int64_t{conversion.map.engine_of[i]});
        if (!after && refusal[i]) node.bind(6, reason_name(refusal[i]->reason)).bind(7, refusal[i]->detail);
        if (after)
          for (std::size_t e = 0; e < conversion.map.engines.size(); ++e)
            if (conversion.map.engines[e] == id) node.bind(5, static_cast<std::int64_t>(e));
        ISO_TRY(node.execute());
      }
    }
    ISO_ASSIGN(Statement map, database_.prepare("INSERT INTO ISOTHERM_NODE_MAP VALUES(?, ?)"));
    for (std::size_t id = 0; id < conversion.map.after_of.size(); ++id) {
      map.bind(1, static_cast<std::int64_t>(id));
      if (conversion.map.after_of[id] == kNoNode) map.bind_null(2);
      else map.bind(2, std::int64_t{conversion.map.after_of[id]});
      ISO_TRY(map.execute());
    }
    return {};
  }

  std::string path_;
  Database database_;
  std::int64_t next_layer_ = 0;
  std::size_t written_run_memory_ = 0, written_node_memory_ = 0, written_precisions_ = 0;
  LayerIds ids_;
  NsightTables device_tables_;
};

}  // namespace

Result<std::unique_ptr<SessionWriter>> SessionWriter::create(const std::string& path, const SessionData& data) {
  const std::string partial = FileSessionWriter::partial_of(path);
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  std::filesystem::remove(partial + "-journal", ignored);
  ISO_ASSIGN(Database database, Database::create(partial));
  auto writer = std::make_unique<FileSessionWriter>(path, std::move(database));
  ISO_TRY(writer->write_head(data));
  return std::unique_ptr<SessionWriter>(std::move(writer));
}

}  // namespace isotherm
