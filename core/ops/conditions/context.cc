#include "core/ops/conditions/context.h"

#include <algorithm>

namespace isotherm::conditions {

std::string Context::name(int i) const {
  const Input& in = node.inputs[static_cast<std::size_t>(i)];
  return "'" + graph.tensor_name({in.node, in.port}) + "'";
}

Refusal implicit_refusal(const Context& c, std::string_view what) {
  return refuse("Convertion for ", what, ": '", c.op(), "' is not supported in implicit batch mode, at ", c.node.name);
}

Verdict check_input_count(const Context& c, int expected, Style style) {
  if (c.count() == expected) return {};
  return refuse(style == Style::structured ? "TRT_ENSURE failure: " : "", c.op(), " got ", c.count(),
                " inputs but expected ", expected);
}

Verdict check_role(const Context& c, int i, const Role& role, Style style) {
  const Operand& operand = c.in(i);
  const bool fits = role.kind == RoleKind::tensor    ? operand.is_tensor()
                    : role.kind == RoleKind::weights ? operand.is_weights()
                                                     : operand.kind != Operand::Kind::resource;
  if (fits) return {};
  std::string text = concat("The input \"", role.name, "\" for ", c.op(), " must be a ",
                            role.kind == RoleKind::tensor    ? "tensor"
                            : role.kind == RoleKind::weights ? "constant"
                                                             : "tensor or a constant");
  if (style == Style::structured) text += ", at " + c.node.name;
  return refuse(text, "; ", c.name(i), " is a ",
                operand.is_tensor()    ? "tensor"
                : operand.is_weights() ? "constant"
                                       : "resource");
}

Verdict check_roles(const Context& c, std::span<const Role> roles, Style style) {
  if (auto v = check_input_count(c, static_cast<int>(roles.size()), style)) return v;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (auto v = check_role(c, static_cast<int>(i), roles[i], style)) return v;
  }
  return {};
}

Verdict allowed_type(const Node& node, std::string_view attr, std::span<const DType> allowed) {
  const DType found = node.attrs.get_type(attr);
  if (std::find(allowed.begin(), allowed.end(), found) != allowed.end()) return {};
  if (found == DType::invalid && !node.attrs.contains(attr)) {
    return refuse("Attribute with name ", attr, " not found in ", node.op, " '", node.name, "'");
  }
  std::string list;
  for (const DType type : allowed) {
    if (!list.empty()) list += ", ";
    list += dtype_short_name(type);
  }
  return refuse("Data type ", dtype_short_name(found), " is not supported for ", node.op, ", must be one of [", list,
                "] (attribute '", attr, "')");
}

Verdict check(const Context& c, const Conditions& conditions) {
  const auto roles = [&]() -> Verdict {
    return conditions.roles.empty() ? Verdict() : check_roles(c, conditions.roles, conditions.style);
  };
  const auto types = [&]() -> Verdict {
    return conditions.types.empty() ? Verdict() : allowed_type(c.node, conditions.type_attr, conditions.types);
  };
  const bool roles_first = conditions.style == Style::function;
  if (auto v = roles_first ? roles() : types()) return v;
  if (auto v = roles_first ? types() : roles()) return v;
  return conditions.rest != nullptr ? conditions.rest(c) : Verdict();
}

}  // namespace isotherm::conditions
