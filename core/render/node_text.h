// The words on a node: its display name, its op with the sizes that matter, its shape.
#pragma once

#include <string>
#include <string_view>

#include "core/convert/converter.h"
#include "core/graph/graph.h"

namespace isotherm::render {

struct NodeWords {
  std::string title;  ///< the name's last scope inside its frame
  std::string op;     ///< "Conv2D", "BatchNorm", "Depthwise": the op as narrow pictures call it
  std::string sizes;  ///< "3×3 /2"; empty where the op has none
};

/// `shapes` may be null. `prefix`: what the names of the surrounding frame begin with.
NodeWords node_words(const Graph& graph, const GraphShapes* shapes, NodeId node, std::string_view prefix);

/// "224×224×3" with the batch dimension left out, "?×1000" with it; "scalar"; empty for an unknown rank.
/// A dtype other than float32 stands before it: "int32 10".
std::string shape_words(const TensorInfo& info, bool without_batch);

/// Whether the last part of a name is only its op: "conv1/Conv2D", "add/AddV2_1".
bool ends_in_op(std::string_view last_part, std::string_view op);

}  // namespace isotherm::render
