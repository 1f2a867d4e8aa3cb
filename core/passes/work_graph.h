// A graph while passes rewrite it. Nodes refer to each other by name, as in the file: a node that takes over another's
// name takes over its readers.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/graph/graph.h"
#include "core/passes/op_traits.h"

namespace isotherm::passes {

/// A node's name, as a number.
using NameId = std::int32_t;

struct WorkInput {
  NameId node = -1;
  int port = 0;  ///< kControlPort for a control edge
  [[nodiscard]] bool is_control() const { return port == kControlPort; }
  friend bool operator==(const WorkInput&, const WorkInput&) = default;
};

inline WorkInput control_on(NameId node) { return {node, kControlPort}; }

struct WorkNode {
  int index = 0;  ///< order of creation
  NameId name = -1;
  const OpTraits* op = nullptr;
  std::string device;
  std::vector<WorkInput> inputs;  ///< data inputs, then control inputs
  AttrMap attrs;
  std::string extra;

  [[nodiscard]] bool is(std::string_view name_of_op) const { return op->name == name_of_op; }
  [[nodiscard]] bool has_control_inputs() const { return !inputs.empty() && inputs.back().is_control(); }
  [[nodiscard]] bool has_data_inputs() const { return !inputs.empty() && !inputs.front().is_control(); }
  [[nodiscard]] int data_inputs() const;
};

using NodeList = std::vector<WorkNode*>;

class WorkGraph {
 public:
  explicit WorkGraph(const Graph& graph);
  WorkGraph(const WorkGraph&) = delete;
  WorkGraph& operator=(const WorkGraph&) = delete;

  NodeList nodes;  ///< the graph's nodes in order; the WorkGraph owns them, those taken out included

  /// A new node, which the caller puts into `nodes`.
  WorkNode& make_node(std::string_view name, std::string_view op);
  WorkNode& copy_node(const WorkNode& node, std::string_view name);
  void set_op(WorkNode& node, std::string_view op) { node.op = &ops_.get(op); }

  [[nodiscard]] const std::string& text(NameId name) const { return names_[static_cast<std::size_t>(name)]; }
  [[nodiscard]] const std::string& text(const WorkNode& node) const { return text(node.name); }
  /// Nothing for a name that no node has or had.
  [[nodiscard]] std::optional<NameId> find(std::string_view name) const;
  NameId intern(std::string_view name);
  /// As a GraphDef writes it: "a", "a:1", "^a".
  [[nodiscard]] std::string text(const WorkInput& input) const {
    return format_input_name(text(input.node), input.port);
  }
  /// The order of those texts.
  [[nodiscard]] bool text_less(const WorkInput& a, const WorkInput& b) const;

  [[nodiscard]] const FunctionLibrary& functions() const { return *functions_; }
  [[nodiscard]] NodeRecord record(const WorkNode& node) const;
  /// The graph as it stands.
  [[nodiscard]] Result<std::shared_ptr<const Graph>> build() const;

 private:
  OpTraitsTable ops_;
  std::deque<WorkNode> pool_;
  std::deque<std::string> names_;
  std::unordered_map<std::string_view, NameId> index_;  ///< keys live in names_
  std::shared_ptr<const FunctionLibrary> functions_;
  GraphVersions versions_;
  std::string extra_;
};

}  // namespace isotherm::passes
