#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include "core/formats/graph_file.h"
#include "profiler/database.h"
#include "profiler/memory_recorder.h"
#include "profiler/nsight_tables.h"
#include "profiler/session_file.h"

namespace isotherm {
namespace {

LayerKind kind_from_name(std::string_view name) {
  for (int k = 0; k < static_cast<int>(LayerKind::native); ++k)
    if (layer_kind_name(static_cast<LayerKind>(k)) == name) return static_cast<LayerKind>(k);
  return LayerKind::native;
}

std::optional<Reason> reason_from_name(std::string_view name) {
  for (int k = 0; k <= static_cast<int>(Reason::conversion_failed); ++k)
    if (reason_name(static_cast<Reason>(k)) == name) return static_cast<Reason>(k);
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(Database database) : database_(std::move(database)) {}

  Result<SessionData> read() {
    if (!database_.has_table("ISOTHERM_META"))
      return invalid_input("'" + database_.path() + "' is a SQLite file but no session of Isotherm: it has no table ISOTHERM_META");
    ISO_TRY(read_pairs());
    auto conversion = std::make_shared<Conversion>();
    ISO_TRY(read_graphs(*conversion));
    ISO_TRY(read_nodes(*conversion));
    ISO_TRY(read_map(*conversion));
    ISO_TRY(read_engines(*conversion));
    data_.conversion = std::move(conversion);
    ISO_TRY(read_records());
    if (database_.has_table("ISOTHERM_MEMORY")) {
      ISO_TRY(read_memory());
      ISO_TRY(read_errors());
    }
    LayerPlaces places;
    for (const auto& [id, at] : layer_at_) places[id] = {data_.engines[at.first].node, static_cast<int>(at.second)};
    ISO_TRY(read_nsight_tables(database_, places, data_));
    return std::move(data_);
  }

 private:
  Error damaged(const std::string& what) const { return invalid_input("session file '" + database_.path() + "' is damaged: " + what); }

  /// Calls `row` for each row of the query.
  Status rows(std::string_view sql, const std::function<Status(Statement&)>& row) {
    ISO_ASSIGN(Statement query, database_.prepare(sql));
    while (true) {
      ISO_ASSIGN(const bool more, query.next());
      if (!more) return {};
      ISO_TRY(row(query));
    }
  }

  Status read_pairs() {
    ISO_TRY(rows("SELECT name, value FROM ISOTHERM_META", [&](Statement& s) -> Status { data_.meta[s.text(0)] = s.text(1); return {}; }));
    if (data_.meta["schema"] != "1" && data_.meta["schema"] != "2" && data_.meta["schema"] != "3")
      return invalid_input("session file '" + database_.path() + "' has schema version '" + data_.meta["schema"] + "'; this program reads versions 1 to 3");
    ISO_TRY(rows("SELECT name, value FROM ISOTHERM_SETTING ORDER BY position", [&](Statement& s) -> Status { data_.settings.emplace_back(s.text(0), s.text(1)); return {}; }));
    return rows("SELECT name, value FROM ISOTHERM_MACHINE ORDER BY position", [&](Statement& s) -> Status { data_.machine.emplace_back(s.text(0), s.text(1)); return {}; });
  }

  Status read_graphs(Conversion& conversion) {
    ISO_TRY(rows("SELECT graph, graphdef FROM ISOTHERM_GRAPH", [&](Statement& s) -> Status {
      ISO_ASSIGN(std::shared_ptr<const Graph> graph, parse_graph(s.blob(1), "session file '" + database_.path() + "', graph '" + s.text(0) + "'"));
      (s.text(0) == "after" ? conversion.after : conversion.before) = std::move(graph);
      return {};
    }));
    if (!conversion.before || !conversion.after) return damaged("it holds no graph before or after the conversion");
    ISO_ASSIGN(conversion.shapes_before, infer_shapes(*conversion.before));
    ISO_ASSIGN(conversion.shapes_after, infer_shapes(*conversion.after));
    return {};
  }

  Status read_nodes(Conversion& c) {
    const auto before = static_cast<std::size_t>(c.before->size());
    c.map.engine_of.assign(before, -1);
    c.segmentation.segment_of.assign(before, -1);
    return rows("SELECT id, engine, reason, detail FROM ISOTHERM_NODE WHERE graph = 'before' ORDER BY id", [&](Statement& s) -> Status {
      const std::int64_t id = s.integer(0);
      if (id < 0 || id >= c.before->size()) return damaged("node " + std::to_string(id) + " is not in its graph");
      if (!s.is_null(1)) {
        const std::int64_t engine = s.integer(1);
        if (engine < 0 || engine >= c.before->size()) return damaged("engine " + std::to_string(engine) + " of a node does not exist");
        c.map.engine_of[static_cast<std::size_t>(id)] = static_cast<int>(engine);
        c.segmentation.segment_of[static_cast<std::size_t>(id)] = static_cast<int>(engine);
      }
      if (!s.is_null(2)) {
        const auto reason = reason_from_name(s.text(2));
        if (!reason) return damaged("'" + s.text(2) + "' is no class of reasons");
        c.segmentation.native.push_back({static_cast<NodeId>(id), {*reason, s.text(3)}});
      }
      return {};
    });
  }

  Status read_map(Conversion& c) {
    c.map.after_of.assign(static_cast<std::size_t>(c.before->size()), kNoNode);
    c.map.before_of.assign(static_cast<std::size_t>(c.after->size()), {});
    return rows("SELECT before, after FROM ISOTHERM_NODE_MAP WHERE after IS NOT NULL ORDER BY before", [&](Statement& s) -> Status {
      const std::int64_t from = s.integer(0), to = s.integer(1);
      if (from < 0 || from >= c.before->size() || to < 0 || to >= c.after->size()) return damaged("its node map names nodes that do not exist");
      c.map.after_of[static_cast<std::size_t>(from)] = static_cast<NodeId>(to);
      c.map.before_of[static_cast<std::size_t>(to)].push_back(static_cast<NodeId>(from));
      return {};
    });
  }

  Status read_engines(Conversion& c) {
    // The nodes of the converted graph say which engines there are, also where no run came far enough to add plans.
    ISO_TRY(rows("SELECT id, engine FROM ISOTHERM_NODE WHERE graph = 'after' AND engine IS NOT NULL ORDER BY engine", [&](Statement& s) -> Status {
      const std::int64_t id = s.integer(0);
      if (id < 0 || id >= c.after->size() || s.integer(1) != static_cast<std::int64_t>(c.map.engines.size())) return damaged("its engines are not numbered in order");
      c.map.engines.push_back(static_cast<NodeId>(id));
      EngineSummary engine;
      engine.name = (*c.after)[static_cast<NodeId>(id)].name;
      engine.node = static_cast<NodeId>(id);
      engine.segment = static_cast<int>(c.engines.size());
      engine.node_count = static_cast<int>(c.map.before_of[static_cast<std::size_t>(id)].size());
      c.engines.push_back(std::move(engine));
      return {};
    }));
    c.segmentation.segments.resize(c.engines.size());
    for (std::size_t e = 0; e < c.engines.size(); ++e) {
      c.segmentation.segments[e].nodes = c.map.before_of[static_cast<std::size_t>(c.engines[e].node)];
      c.segmentation.segments[e].index = static_cast<int>(e);
    }
    for (const int engine : c.map.engine_of)
      if (engine >= static_cast<int>(c.engines.size())) return damaged("a node belongs to engine " + std::to_string(engine) + ", which does not exist");
    ISO_TRY(rows("SELECT node, name, fallback FROM ISOTHERM_ENGINE ORDER BY id", [&](Statement& s) -> Status {
      ISO_ASSIGN(const NodeId node, node_of(*c.after, s.integer(0)));
      data_.engines.push_back({node, s.text(1), s.text(2), {}});
      return {};
    }));
    return read_layers();
  }

  Status read_layers() {
    const std::string dtype = data_.meta["schema"] == "3" ? "output_dtype" : "NULL";
    ISO_TRY(rows("SELECT id, engine, name, kind, tactic, precision, output_shape, flops, bytes, workspace, " + dtype + " FROM ISOTHERM_LAYER ORDER BY id", [&](Statement& s) -> Status {
      const std::int64_t engine = s.integer(1);
      if (engine < 0 || engine >= static_cast<std::int64_t>(data_.engines.size())) return damaged("a layer belongs to an engine that does not exist");
      PlanLayer layer;
      layer.name = s.text(2);
      layer.kind = kind_from_name(s.text(3));
      layer.tactic = s.text(4);
      layer.precision = precision_from_name(s.text(5)).value_or(Precision::fp32);
      if (auto shape = parse_shape(s.text(6)); shape.ok()) layer.output_shape = *shape;
      layer.flops = s.number(7);
      layer.bytes = s.number(8);
      layer.workspace_bytes = static_cast<std::size_t>(s.integer(9));
      if (!s.is_null(10)) layer.output_dtype = dtype_from_name(s.text(10)).value_or(DType::invalid);
      auto& layers = data_.engines[static_cast<std::size_t>(engine)].layers;
      layer_at_[s.integer(0)] = {static_cast<std::size_t>(engine), layers.size()};
      layers.push_back(std::move(layer));
      return {};
    }));
    return rows("SELECT layer, node FROM ISOTHERM_LAYER_SOURCE ORDER BY layer, position", [&](Statement& s) -> Status {
      const auto at = layer_at_.find(s.integer(0));
      if (at == layer_at_.end()) return damaged("a source node belongs to a layer that does not exist");
      data_.engines[at->second.first].layers[at->second.second].sources.push_back(s.text(1));
      return {};
    });
  }

  Status read_records() {
    std::int64_t last_run = -1;
    ISO_TRY(rows("SELECT id, mode, iteration, traced, start, \"end\" FROM ISOTHERM_RUN ORDER BY id", [&](Statement& s) -> Status {
      if (s.integer(0) != last_run + 1) return damaged("its runs are not numbered in order");
      last_run = s.integer(0);
      data_.runs.push_back({static_cast<int>(s.integer(0)), s.text(1) == "native" ? RunMode::native : RunMode::engines, static_cast<int>(s.integer(2)),
                            s.integer(3) != 0, s.integer(4), s.integer(5)});
      return {};
    }));
    const auto known_run = [&](std::int64_t run) { return run >= 0 && run <= last_run; };
    ISO_TRY(rows("SELECT run, node, start, \"end\", frame, iteration FROM ISOTHERM_OP", [&](Statement& s) -> Status {
      if (!known_run(s.integer(0))) return damaged("an op record belongs to no run");
      data_.ops.push_back({static_cast<int>(s.integer(0)), static_cast<NodeId>(s.integer(1)), s.integer(2), s.integer(3),
                           static_cast<std::uint64_t>(s.integer(4)), static_cast<std::uint64_t>(s.integer(5))});
      return {};
    }));
    return rows("SELECT run, layer, start, \"end\" FROM ISOTHERM_LAYER_TIME", [&](Statement& s) -> Status {
      const auto at = layer_at_.find(s.integer(1));
      if (!known_run(s.integer(0)) || at == layer_at_.end()) return damaged("a layer's time belongs to no run or layer");
      data_.layers.push_back({static_cast<int>(s.integer(0)), data_.engines[at->second.first].node, static_cast<int>(at->second.second), s.integer(2), s.integer(3)});
      return {};
    });
  }

  static RunMode mode_of(Statement& s, int column) { return s.text(column) == "native" ? RunMode::native : RunMode::engines; }
  Result<NodeId> node_of(const Graph& graph, std::int64_t id) const {
    if (id < 0 || id >= graph.size()) return damaged("a record belongs to node " + std::to_string(id) + ", which is not in its graph");
    return static_cast<NodeId>(id);
  }

  Status read_memory() {
    ISO_TRY(rows("SELECT mode, peak, reserved, plan_arena, plan_weights FROM ISOTHERM_MEMORY_RUN ORDER BY rowid", [&](Statement& s) -> Status {
      data_.run_memory.push_back({mode_of(s, 0), s.integer(1), s.integer(2), s.integer(3), s.integer(4)});
      return {};
    }));
    ISO_TRY(rows("SELECT mode, node, outputs, in_use, peak, plan_arena, plan_weights FROM ISOTHERM_MEMORY ORDER BY mode DESC, node", [&](Statement& s) -> Status {
      ISO_ASSIGN(const NodeId node, node_of(data_.graph_of(mode_of(s, 0)), s.integer(1)));
      data_.node_memory.push_back({mode_of(s, 0), node, s.integer(2), s.integer(3), s.integer(4), s.integer(5), s.integer(6)});
      return {};
    }));
    return rows("SELECT mode, node, precision, dtype FROM ISOTHERM_PRECISION ORDER BY mode DESC, node", [&](Statement& s) -> Status {
      ISO_ASSIGN(const NodeId node, node_of(data_.graph_of(mode_of(s, 0)), s.integer(1)));
      const auto precision = executed_precision_from_name(s.text(2));
      if (!precision) return damaged("'" + s.text(2) + "' is no precision");
      data_.precisions.push_back({mode_of(s, 0), node, *precision, dtype_from_name(s.text(3)).value_or(DType::invalid)});
      return {};
    });
  }

  Status read_errors() {
    return rows("SELECT node, port, engine, layer, engine_output, error, difference, largest, elements, mismatch FROM ISOTHERM_ERROR ORDER BY node, port", [&](Statement& s) -> Status {
      TensorErrorRecord e;
      ISO_ASSIGN(e.node, node_of(*data_.conversion->before, s.integer(0)));
      e.port = static_cast<int>(s.integer(1));
      if (!s.is_null(2)) {
        if (s.integer(2) < 0 || s.integer(2) >= static_cast<std::int64_t>(data_.engines.size())) return damaged("a numeric error belongs to an engine that does not exist");
        e.engine = data_.engines[static_cast<std::size_t>(s.integer(2))].node;
      }
      if (!s.is_null(3)) {
        const auto at = layer_at_.find(s.integer(3));
        if (at == layer_at_.end()) return damaged("a numeric error belongs to a layer that does not exist");
        e.layer = static_cast<int>(at->second.second);
      }
      e.engine_output = s.integer(4) != 0;
      e.error = s.is_null(5) ? std::numeric_limits<double>::quiet_NaN() : s.number(5);
      e.difference = s.number(6);
      e.largest = s.number(7);
      e.elements = s.integer(8);
      e.mismatch = s.text(9);
      // Only the reason makes it readable; a file that lacks it is damaged, not silent.
      if (s.is_null(5) && e.mismatch.empty()) return damaged("a numeric error without a value says no reason");
      data_.errors.push_back(std::move(e));
      return {};
    });
  }

  Database database_;
  SessionData data_;
  std::map<std::int64_t, std::pair<std::size_t, std::size_t>> layer_at_;  ///< engine and position, by layer id
};

}  // namespace

bool is_session_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 16> head{};
  file.read(head.data(), head.size());
  return file.gcount() == 16 && std::string_view(head.data(), 15) == "SQLite format 3";
}

Result<SessionData> read_session(const std::string& path) {
  ISO_ASSIGN(Database database, Database::open_readonly(path));
  return Reader(std::move(database)).read();
}

}  // namespace isotherm
