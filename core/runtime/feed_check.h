// Feeds and fetches as the user names them, checked against the graph.
#pragma once

#include "core/runtime/graph_program.h"

namespace isotherm {

/// The tensor of a feed's name. Errors: no such node (nearest names offered), no such output, a control name.
Result<TensorRef> resolve_feed(GraphProgram& program, const std::string& name);
/// The same for a fetch. The name of a node without outputs, or "^name", gives kControlPort: the node is to run.
Result<TensorRef> resolve_fetch(GraphProgram& program, const std::string& name);
/// Whether a value can stand for that tensor: dtype and every dimension that is known before the run.
Status check_feed(const GraphProgram& program, const TensorRef& tensor, const Tensor& value);

}  // namespace isotherm
