// The device's records as tables of the session file. Kernel, copy, memset, API and string tables have the names and
// columns of Nsight Systems' SQLite export (schema 3.16), so that scripts written for it read them; as there, a table
// is made only when there is something to put into it. Ours are joined by rowid:
//   ISOTHERM_KERNEL_NODE(kernel, run, kind, node, engine, layer)   and the same for copies, memsets and API calls
//   ISOTHERM_COVERAGE(mode, record, what, count)                   how complete the records are
// kind is 'node', 'layer', 'copy', 'run' or 'none'; node is the NodeId in the graph of the run's mode, engine and layer
// are ids of ISOTHERM_ENGINE and ISOTHERM_LAYER. The view ISOTHERM_KERNEL_TIME joins all that with names.
#pragma once

#include <functional>
#include <map>

#include "profiler/database.h"
#include "profiler/session_data.h"

namespace isotherm {

/// Ids of ISOTHERM_ENGINE and ISOTHERM_LAYER by engine node; layers of an engine are numbered on from its first.
struct LayerIds {
  std::map<NodeId, std::int64_t> engine, first_layer;
};

/// Appends what a session gained since the last call; knows what it has written.
class NsightTables {
 public:
  Status write(Database& database, const SessionData& data, const LayerIds& ids);

 private:
  Status create(Database& database, const SessionData& data);
  Status write_strings(Database& database, const SessionData& data);
  Status write_kernels(Database& database, const SessionData& data, const LayerIds& ids);
  Status write_copies(Database& database, const SessionData& data, const LayerIds& ids);
  Status write_sets(Database& database, const SessionData& data, const LayerIds& ids);
  Status write_calls(Database& database, const SessionData& data, const LayerIds& ids);
  Status write_overheads(Database& database, const SessionData& data);
  Status write_coverage(Database& database, const SessionData& data);

  bool created_ = false;
  std::size_t strings_ = 0, kernels_ = 0, copies_ = 0, sets_ = 0, calls_ = 0, overheads_ = 0;
};

/// Engine node and position of a layer, by its id in ISOTHERM_LAYER.
using LayerPlaces = std::map<std::int64_t, std::pair<NodeId, int>>;

/// Reads them back into `data`, whose engines and runs are read already. A file without device records reads as none.
Status read_nsight_tables(Database& database, const LayerPlaces& layers, SessionData& data);

}  // namespace isotherm
