// Expansion of argument definitions, shared by the checks, the defaults and function bodies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ops/op_def.h"

namespace isotherm {

/// A node for messages: "node 'conv1' (Conv2D)".
std::string describe_node(std::string_view name, std::string_view op);

/// An attribute's value, the op's default where the node has none; null if there is neither. `def` may be null.
const AttrValue* attr_or_default(const AttrMap& attrs, const OpDef* def, std::string_view name);

/// Number of tensors that an argument stands for. An error names the attribute, what was found and what was expected;
/// the caller puts the node before it.
Result<std::int64_t> arg_count(const ArgDef& arg, const AttrMap& attrs, const OpDef* def);

/// Appends the dtypes of all tensors of `args` to `types`.
Status append_types(const std::vector<ArgDef>& args, const AttrMap& attrs, const OpDef* def,
                    std::vector<TypeValue>& types);

/// As output_port(), for a node whose outputs are `outputs`.
Result<int> output_port_of(const std::vector<ArgDef>& outputs, const AttrMap& attrs, const OpDef* def,
                           std::string_view output_name, int index);

/// The other way round: how a function's body names output `port` of the node `name`, "relu:activations:0".
Result<std::string> body_tensor_name(std::string_view name, const std::vector<ArgDef>& outputs, const AttrMap& attrs,
                                     const OpDef* def, int port);

/// "int", "list(type)", ..: the kind of a value as op definitions name it; "no value" for none.
std::string_view attr_kind(const AttrValue& value);

}  // namespace isotherm
