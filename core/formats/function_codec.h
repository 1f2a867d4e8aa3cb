// Nodes and functions between TensorFlow's messages and ours.
#pragma once

#include "core/formats/attr_codec.h"
#include "core/graph/graph.h"

namespace isotherm {

/// A NodeDef. Debug information, full types and unknown fields go to `extra` unread. An error names the node, or
/// `index` where it has no name.
Result<NodeRecord> decode_node(std::string_view message, const ByteSource& source, std::size_t index);
wire::Writer encode_node(const NodeRecord& node);

/// A FunctionDef. An error names the function.
Result<Function> decode_function(std::string_view message, const ByteSource& source);
wire::Writer encode_function(const Function& function);

}  // namespace isotherm
