// GraphDef in protobuf's text format.
#pragma once

#include "core/formats/graph_codec.h"

namespace isotherm {

/// The text as a binary GraphDef. Unknown fields are left out, with a warning for each kind. An error names line and
/// column.
Result<std::string> text_to_binary(std::string_view text, std::vector<std::string>& warnings);

/// Writes `graph` as text, node by node.
Status encode_graph_text(const Graph& graph, const ByteSink& sink);

}  // namespace isotherm
