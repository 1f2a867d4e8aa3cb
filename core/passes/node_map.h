// Nodes by name and the nodes that read them, kept up to date by the passes that edit the graph: an edit says which
// readers it moves. What it does not say stays as it was until a map is made anew, and the passes rely on that.
#pragma once

#include "core/passes/work_graph.h"

namespace isotherm::passes {

class NodeMap {
 public:
  explicit NodeMap(const WorkGraph& graph, const NodeList& nodes);

  /// Null for a name that no node has.
  [[nodiscard]] WorkNode* node(NameId name) const;
  [[nodiscard]] WorkNode* node(const WorkInput& input) const { return node(input.node); }
  /// Readers of a node, data and control, each once, in order of creation.
  [[nodiscard]] const NodeList& outputs(NameId name) const;
  [[nodiscard]] const NodeList& outputs(const WorkNode& node) const { return outputs(node.name); }
  /// The same ordered by name.
  [[nodiscard]] NodeList outputs_by_name(NameId name) const;

  /// Registers a node under its name; does nothing if the name is taken.
  void add_node(WorkNode& node);
  void add_output(NameId from, NameId reader);
  void remove_output(NameId from, NameId reader);
  /// `reader` reads `to` instead of `from`.
  void update_input(NameId reader, NameId from, NameId to);
  /// `reader_after` reads `from` instead of `reader_before`.
  void update_output(NameId from, NameId reader_before, NameId reader_after);
  /// The node reads nothing any more.
  void remove_inputs(NameId reader);
  /// Nothing reads the node any more.
  void remove_outputs(NameId from);

 private:
  NodeList& outputs_of(NameId name);

  const WorkGraph& graph_;
  std::vector<WorkNode*> nodes_;   ///< by name
  std::vector<NodeList> outputs_;  ///< by name
};

}  // namespace isotherm::passes
