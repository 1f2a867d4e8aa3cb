// What the graph passes before a conversion did.
#pragma once

#include <string>
#include <vector>

#include "app/json.h"
#include "core/passes/graph_passes.h"

namespace isotherm::app {

/// [{"pass", "nodes_before", "nodes_after", "steps": [{"kind", "node", "op", ..}]}]; of a merged node `into` names the
/// one that stays, of a rewritten one `new_op` its op now.
Json passes_json(const std::vector<PassReport>& passes);
/// A line for each pass: nodes before and after, and how many it removed, merged, added and rewrote. Empty without passes.
std::string passes_text(const std::vector<PassReport>& passes);

}  // namespace isotherm::app
