// One execution of a prepared node, the same for both executors.
#pragma once

#include "core/runtime/graph_program.h"
#include "core/runtime/node_context.h"

namespace isotherm {

/// An input as the executors keep it.
struct NodeInput {
  Cell* cell = nullptr;
  bool last_reader = false;
};

/// Brings the inputs to the side the kernel wants them on, runs it and tells the observer. Every output that `used`
/// marks (all if null) must have been set. An error names the node.
Status invoke(NodeContext& context, Run& run, PreparedKernel& prepared, const Node& node, const ScopeInfo& scope,
              std::span<const NodeInput> inputs, std::span<Cell> outputs, const std::uint8_t* used);

/// "placeholder 'x' (float32, [?,224]) is needed .. and not fed".
Error unfed_placeholder(const GraphProgram& program, NodeId node);

}  // namespace isotherm
