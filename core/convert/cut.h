// Cuts a graph at tensors that are to become its inputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"

namespace isotherm {

struct CutGraph {
  std::shared_ptr<const Graph> graph;
  std::vector<std::string> notes;  ///< what got another name than asked for, and what depends on nothing
};

/// Those of `outputs` that depend on none of `inputs`, not even through control edges.
std::vector<std::string> independent_outputs(const Graph& graph, const std::vector<NodeId>& inputs,
                                             const std::vector<std::string>& outputs);
/// "output 'a' depends", "outputs 'a', 'b', 'c' and 5 more depend".
std::string outputs_depend(const std::vector<std::string>& names);

/// The graph in which each of `inputs` is a Placeholder of the tensor's dtype and shape (`shapes`, those of `graph`),
/// without the nodes that `outputs` then no longer need; a note names an output that depends on none of the inputs. A
/// tensor of port 0 gives its name to the Placeholder; port p of node n becomes "n_p". Placeholders are taken as they
/// are. Errors: names that do not exist, a tensor of unknown dtype, outputs none of which depends on any of the inputs.
Result<CutGraph> cut_graph(const Graph& graph, const GraphShapes& shapes, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs);

}  // namespace isotherm
