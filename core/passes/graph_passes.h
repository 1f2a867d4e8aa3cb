// The graph passes that TF-TRT's converter has TensorFlow's optimiser (grappler, 2.17.1) run around its own:
// model_pruner, debug_stripper, layout, dependency_optimizer, constant_folding, common_subgraph_elimination, then
// TF-TRT's pass, then constant_folding once more. Each leaves the graph as TensorFlow would, names included. Layout
// does nothing where the optimiser sees no GPU, which is assumed here. The remapper is off. Within constant folding
// three rewrites of training graphs are left out: BroadcastGradientArgs, Case of a constant branch, updates by nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/passes/node_evaluator.h"

namespace isotherm {

/// Graphs of fewer nodes are left alone, by TF-TRT's own pass too.
inline constexpr NodeId kFewestNodesForPasses = 4;

/// What a pass did with one node.
struct PassStep {
  enum class Kind { removed, merged, added, rewritten };
  Kind kind = Kind::removed;
  std::string node;
  std::string op;     ///< before the pass; of an added node: its op
  std::string other;  ///< merged: the node that stays; rewritten: the op it has now
};

struct PassReport {
  std::string name;  ///< TensorFlow's, "model_pruner"
  int nodes_before = 0, nodes_after = 0;
  std::vector<PassStep> steps;  ///< by node name
};

struct PassedGraph {
  std::shared_ptr<const Graph> graph;
  std::vector<PassReport> passes;
  std::vector<std::string> notes;  ///< nodes of constant inputs that could not be computed, and why
};

/// The graph as TF-TRT's own pass gets it. `outputs`: tensors that must stay ("a", "a:1"); Placeholders stay too.
/// `evaluator` computes constants; null: none is computed. An error is an output that does not exist, or a graph in
/// which constant folding closes a cycle, as TensorFlow's can.
Result<PassedGraph> run_passes_before_trt(const std::shared_ptr<const Graph>& graph,
                                          const std::vector<std::string>& outputs, const NodeEvaluator* evaluator);

/// The converted graph after the last constant folding, which removes what nothing reads any more.
Result<PassedGraph> run_passes_after_trt(const std::shared_ptr<const Graph>& graph,
                                         const std::vector<std::string>& outputs, const NodeEvaluator* evaluator);

}  // namespace isotherm
