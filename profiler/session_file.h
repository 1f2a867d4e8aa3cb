// The session file: SQLite, readable with any SQLite tool, also after the program that wrote it was killed.
//
// Tables (all times in nanoseconds of the recording host's monotonic clock):
//   ISOTHERM_META(name, value)          schema version, program version, model path, date, device, ..
//   ISOTHERM_SETTING(position, name, value), ISOTHERM_MACHINE(position, name, value)
//   ISOTHERM_GRAPH(graph, graphdef)     'before' and 'after' as GraphDef; weights are left out, shapes stay
//   ISOTHERM_NODE(graph, id, name, op, engine, reason, detail)   engine: id of ISOTHERM_ENGINE; reason: why native
//   ISOTHERM_NODE_MAP(before, after)    the conversion's node map, by node id
//   ISOTHERM_ENGINE(id, node, name, node_count, fallback)
//   ISOTHERM_LAYER(id, engine, position, name, kind, tactic, precision, output_shape, flops, bytes, workspace, output_dtype)
//   ISOTHERM_LAYER_SOURCE(layer, node)  nodes of 'before' that a layer computes
//   ISOTHERM_RUN(id, mode, iteration, traced, start, end)
//   ISOTHERM_OP(run, node, start, end, frame, iteration)
//   ISOTHERM_LAYER_TIME(run, layer, start, end)
//   ISOTHERM_MEMORY(mode, node, outputs, in_use, peak, plan_arena, plan_weights)   bytes, as NodeMemory of session_data.h
//                                       says; of a node in a loop the largest over all iterations, column by column
//   ISOTHERM_MEMORY_RUN(mode, peak, reserved, plan_arena, plan_weights)   the same of the whole run
//   ISOTHERM_PRECISION(mode, node, precision, dtype)   what each node computed in: FP32, FP16, INT8, other
//   ISOTHERM_ERROR(node, port, engine, layer, engine_output, error, difference, largest, elements, mismatch)
//                                       of `profile --numeric-error`: one row for each tensor that native run and run
//                                       with engines both computed, by its node in 'before'; engine and layer: ids, where
//                                       one computed it; error NULL: mismatch says what differs and may not
// Views: ISOTHERM_OP_TIME and ISOTHERM_LAYER_SUMMARY join them with names.
// Runs on a GPU add the tables of nsight_tables.h; ISOTHERM_OP then holds when the host issued a node's work.
//
// Schema version 2 added those; version 3 memory, precision, numeric error and the output_dtype of layers. Versions 1
// and 2 are still read: what they lack is empty.
#pragma once

#include <memory>
#include <string>

#include "profiler/session_data.h"

namespace isotherm {

/// Whether the file's first bytes are SQLite's.
bool is_session_file(const std::string& path);

/// Writes a session step by step. The file grows beside its final name and takes it in finish(); what was there before
/// stays until then, and what was written is readable at any time under `partial_path()`.
class SessionWriter {
 public:
  /// Writes meta, settings, machine, graphs, nodes and node map of `data`: one transaction.
  static Result<std::unique_ptr<SessionWriter>> create(const std::string& path, const SessionData& data);
  virtual ~SessionWriter() = default;

  /// Engines and their layers, after the first run has built them: one transaction.
  virtual Status add_engines(const SessionData& data) = 0;
  /// The records of some runs: one transaction.
  virtual Status add_runs(const std::vector<RunRecord>& runs, const std::vector<OpRecord>& ops, const std::vector<LayerRecord>& layers) = 0;
  /// What the session gained of memory and precision since the last call: one transaction.
  virtual Status add_memory(const SessionData& data) = 0;
  /// The numeric errors; after add_engines, once. One transaction.
  virtual Status add_errors(const SessionData& data) = 0;
  /// What the session gained of device records since the last call; after add_engines. One transaction.
  virtual Status add_device_records(const SessionData& data) = 0;
  /// Adds to the meta, or changes it.
  virtual Status set_meta(const std::string& name, const std::string& value) = 0;
  virtual Status finish() = 0;
  [[nodiscard]] virtual std::string partial_path() const = 0;
};

/// Reads a whole session. The conversion in it holds graphs, node map, segments and reasons; weights are gone and the
/// segmenter's steps are not kept.
Result<SessionData> read_session(const std::string& path);

}  // namespace isotherm
