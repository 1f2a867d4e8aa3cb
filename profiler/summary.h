// Tables over a session: where the time of a run went.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/workbench/statistics.h"
#include "profiler/session_data.h"

namespace isotherm {

enum class GroupBy { node, layer, engine, op, scope };
std::optional<GroupBy> group_by_from_name(std::string_view name);

/// One row. Times are nanoseconds; an instance is one execution of the row's member, except for `op`, `scope` and
/// `engine`, where all members of one run are one instance.
struct SummaryRow {
  std::string name;
  std::string op;        ///< op of a node, kind of a layer
  std::string engine;    ///< engine that it belongs to; empty: native
  std::string detail;    ///< layer: its tactic
  std::vector<std::string> sources;  ///< layer: nodes of the graph before the conversion
  NodeId node = kNoNode; ///< of `node` rows: in the graph of the mode
  Statistics time;
  double per_run = 0;    ///< total over the number of traced runs
  double share = 0;      ///< of all rows' total, 0 to 1
};

struct Summary {
  RunMode mode = RunMode::engines;
  GroupBy by = GroupBy::node;
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
/// `limit` rows at most, 0: all; what is left out is said in the last line (not in csv and json, which hold all).
std::string format_summary(const Summary& summary, TableFormat format, int limit = 0);

/// "214.7 µs", "1.235 ms", "12 ns".
std::string format_time(double nanoseconds);

}  // namespace isotherm
