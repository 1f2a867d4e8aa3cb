// Tables over a session: where the time of a run went.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/workbench/statistics.h"
#include "profiler/session_data.h"

namespace isotherm {

/// `kernel` to `api` exist for runs on a GPU alone: kernels by name, kernels by name and node (or layer), copies and
/// memsets by direction, API calls by name.
enum class GroupBy { node, layer, engine, op, scope, kernel, kernel_node, copy, api };
/// "node", .., "kernel-node", "copy", "api"; nothing for another word.
std::optional<GroupBy> group_by_from_name(std::string_view name);
inline constexpr bool needs_device(GroupBy by) { return by >= GroupBy::kernel; }

/// One row. Times are nanoseconds; an instance is one execution of the row's member, except for `op`, `scope` and
/// `engine`, where all members of one run are one instance. In runs on a GPU the time of a node or layer is that of its
/// kernels, memsets and copies on the device, and all of one run are one instance there too.
struct SummaryRow {
  std::string name;
  std::string op;        ///< op of a node, kind of a layer
  std::string engine;    ///< engine that it belongs to; empty: native
  std::string detail;    ///< layer: its tactic; kernel: its launch geometry
  std::vector<std::string> sources;  ///< layer: nodes of the graph before the conversion; kernel: the nodes that launch it
  NodeId node = kNoNode; ///< of `node` and `kernel_node` rows: in the graph of the mode
  int layer = -1;        ///< of `layer` and `kernel_node` rows: index in its engine's plan
  double bytes = 0;      ///< of `copy` rows: moved by all instances
  // Of `node` rows where the session has them, else -1.
  std::int64_t output_bytes = -1, arena_peak = -1;  ///< NodeMemory::outputs, ::peak
  double error = -1;     ///< the worst numeric error of its tensors (an engine: of those inside too); NaN: one differs in kind
  Statistics time;
  double per_run = 0;    ///< total over the number of traced runs
  double share = 0;      ///< of all rows' total, 0 to 1
};

struct Summary {
  RunMode mode = RunMode::engines;
  GroupBy by = GroupBy::node;
  bool on_device = false;          ///< times are those of kernels on the device
  std::string clock;               ///< what the times are, in words: "on the device", "between events of the device"; empty: the host's
  std::vector<SummaryRow> rows;    ///< longest total first
  int runs = 0;                    ///< traced runs
  double rows_per_run = 0;         ///< sum of the rows' per_run
  Statistics traced_wall;          ///< of whole traced runs
  Statistics untraced_wall;
};

/// Tables of the traced runs of one mode. Layers exist for engines alone; an engine that fell back has none.
Summary summarise(const SessionData& data, RunMode mode, GroupBy by);

/// Nanoseconds per run by node id, -1 where nothing was measured; for an overlay.
std::vector<double> time_per_node(const SessionData& data, RunMode mode);

enum class TableFormat { table, csv, json, markdown, latex };
std::optional<TableFormat> table_format_from_name(std::string_view name);
/// `limit` rows at most, 0: all; what is left out is said in the last line (not in csv and json, which hold all). A table
/// is 160 characters wide at most: names are cut in the middle, and kernels have their labels; csv and json hold them in
/// full.
std::string format_summary(const Summary& summary, TableFormat format, int limit = 0);

/// "10 traced runs, median 1.235 ms; untraced median 1.200 ms, tracing cost 2.9 %".
std::string tracing_line(const Summary& summary);

/// "214.7 µs", "1.235 ms", "12 ns".
std::string format_time(double nanoseconds);

/// "[CUDA memcpy HtoD]" and so on: the names that nvprof gave copies.
std::string copy_name(int copy_kind);

/// One line on how complete a device's records are: "kernels: 530 of 530 expected, all on their node; 0 records dropped".
std::string coverage_line(const Coverage& coverage);

/// The table that nvprof printed, of one mode's traced runs: GPU activities, then API calls.
std::string nvprof_table(const SessionData& data, RunMode mode);

}  // namespace isotherm
