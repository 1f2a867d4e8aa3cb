// What a graph is rewritten for: what must still be there, under its name, when the passes are done.
#pragma once

#include <vector>

#include "core/passes/work_graph.h"

namespace isotherm::passes {

struct PassTarget {
  std::vector<NameId> fetches;  ///< nodes whose tensors are asked for
  std::vector<NameId> feeds;    ///< nodes whose first output may be replaced by a value of any shape
  std::vector<NameId> kept;     ///< other nodes that must stay
  /// In a function every stateful node runs, whether something reads it or not.
  bool keeps_stateful = false;
};

/// A set of names.
class NameSet {
 public:
  void insert(NameId name) {
    if (static_cast<std::size_t>(name) >= bits_.size()) bits_.resize(static_cast<std::size_t>(name) + 1);
    bits_[static_cast<std::size_t>(name)] = true;
  }
  [[nodiscard]] bool contains(NameId name) const {
    return static_cast<std::size_t>(name) < bits_.size() && bits_[static_cast<std::size_t>(name)];
  }

 private:
  std::vector<bool> bits_;
};

/// Names of the nodes that a pass must leave: the target's, and those that carry `_grappler_do_not_remove`.
NameSet nodes_to_preserve(const WorkGraph& graph, const PassTarget& target);

}  // namespace isotherm::passes
