// Shapes and values of tensors as constant folding knows them: inferred once, before anything is folded, and kept by
// name. What an edit makes wrong is cleared; what it leaves is still believed.
#pragma once

#include "core/ops/shape_inference.h"
#include "core/passes/pass_target.h"

namespace isotherm::passes {

class Properties {
 public:
  /// Inferred for feeds of any shape. Empty where nothing can be inferred.
  Properties(const WorkGraph& graph, const PassTarget& target);

  [[nodiscard]] bool empty() const { return !graph_; }
  [[nodiscard]] bool has_inputs(NameId name) const {
    return node_of(name) != kNoNode && !inputs_cleared_.contains(name);
  }
  [[nodiscard]] bool has_outputs(NameId name) const {
    return node_of(name) != kNoNode && !outputs_cleared_.contains(name);
  }
  /// 0 where cleared or unknown.
  [[nodiscard]] int input_count(NameId name) const;
  [[nodiscard]] int output_count(NameId name) const;
  /// Require an index below the count.
  [[nodiscard]] const TensorInfo& input(NameId name, int i) const;
  [[nodiscard]] const TensorInfo& output(NameId name, int i) const;

  void clear_inputs(NameId name) { inputs_cleared_.insert(name); }
  void clear_outputs(NameId name) { outputs_cleared_.insert(name); }

 private:
  [[nodiscard]] NodeId node_of(NameId name) const {
    return static_cast<std::size_t>(name) < node_of_.size() ? node_of_[static_cast<std::size_t>(name)] : kNoNode;
  }

  std::shared_ptr<const Graph> graph_;  ///< as it was when shapes were inferred
  GraphShapes shapes_;
  std::vector<NodeId> node_of_;  ///< by name
  NameSet inputs_cleared_, outputs_cleared_;
};

/// Equal ranks and dimensions, unknown dimensions only where they have the same symbol.
bool symbolically_equal(const Shape& a, const Shape& b);

}  // namespace isotherm::passes
