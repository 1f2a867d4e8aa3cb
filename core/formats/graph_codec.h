// GraphDef between its binary form and a graph's parts.
#pragma once

#include <functional>

#include "core/formats/function_codec.h"

namespace isotherm {

/// All of a binary GraphDef. Constants view `source`. An error names the byte, node and attribute.
Result<Graph::Parts> decode_graph_def(const ByteSource& source);

/// Takes the pieces of a file, in order.
using ByteSink = std::function<Status(std::string_view)>;

/// Writes `graph` as a binary GraphDef, node by node: weights go from where they lie to the sink.
Status encode_graph_def(const Graph& graph, const ByteSink& sink);

/// What follows the nodes: library and versions, as fields of a GraphDef; without `extra`.
wire::Writer encode_graph_tail(const Graph& graph);

}  // namespace isotherm
