// Feeds and fetches as the user names them, checked against the graph.
#pragma once

#include "core/runtime/graph_program.h"

namespace isotherm {

/// The tensor of a feed's name. Errors: no such node (nearest names offered), no such output, a control name.
Result<TensorRef> resolve_feed(GraphProgram& program, const std::string& name);
/// The same for a fetch. The name of a node without outputs, or "^name", gives kControlPort: the node is to run.
Result<TensorRef> resolve_fetch(GraphProgram& program, const std::string& name);
/// Whether a value can stand for that tensor: an error if its dtype differs, or a dimension that is known before the
/// run: for a placeholder what its attribute `shape` says, for any other tensor what was inferred. The result is false
/// for a placeholder's value that fits the attribute, but not what nodes that may not even run made inference conclude.
Result<bool> check_feed(const GraphProgram& program, const TensorRef& tensor, const Tensor& value);

}  // namespace isotherm
