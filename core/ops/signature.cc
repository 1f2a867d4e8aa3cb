#include "core/ops/signature.h"

namespace isotherm {
namespace {

/// More tensors than any node has; keeps a damaged file from asking for all memory.
constexpr std::int64_t kMaxTensors = 1 << 20;

TypeValue as_ref(TypeValue type, bool is_ref) {
  if (is_ref && !type.is_ref) {
    type.is_ref = true;
    type.number += 100;
  }
  return type;
}

Error missing(std::string_view attr, std::string_view kind) {
  return invalid_input("attribute '" + std::string(attr) + "' is missing where a value of kind " + std::string(kind) +
                       " was expected");
}

Error wrong_kind(std::string_view attr, const AttrValue& found, std::string_view kind) {
  return invalid_input("attribute '" + std::string(attr) + "' is " + to_string(found, 60) + " (" +
                       std::string(attr_kind(found)) + ") where a value of kind " + std::string(kind) +
                       " was expected");
}

template <class T>
Result<const T*> typed(const AttrMap& attrs, const OpDef* def, std::string_view name, std::string_view kind) {
  const AttrValue* value = attr_or_default(attrs, def, name);
  if (!value) return missing(name, kind);
  const T* out = std::get_if<T>(value);
  if (!out) return wrong_kind(name, *value, kind);
  return out;
}

/// An absent list and an empty one look alike in files: no value.
const std::vector<TypeValue>& no_types() {
  static const std::vector<TypeValue> none;
  return none;
}

Result<const std::vector<TypeValue>*> type_list(const AttrMap& attrs, const OpDef* def, std::string_view name) {
  const AttrValue* value = attr_or_default(attrs, def, name);
  if (!value) return missing(name, "list(type)");
  if (std::holds_alternative<std::monostate>(*value)) return &no_types();
  const auto* list = std::get_if<std::shared_ptr<const AttrList>>(value);
  if (!list) return wrong_kind(name, *value, "list(type)");
  if (static_cast<std::int64_t>((*list)->type.size()) > kMaxTensors)
    return exhausted("attribute '" + std::string(name) + "' lists " + std::to_string((*list)->type.size()) +
                     " types where at most " + std::to_string(kMaxTensors) + " were expected");
  return &(*list)->type;
}

}  // namespace

std::string describe_node(std::string_view name, std::string_view op) {
  return "node '" + std::string(name.substr(0, 200)) + "' (" + std::string(op.substr(0, 100)) + ")";
}

const AttrValue* attr_or_default(const AttrMap& attrs, const OpDef* def, std::string_view name) {
  if (const AttrValue* value = attrs.find(name)) return value;
  const AttrDef* attr = def ? def->attr(name) : nullptr;
  return attr && attr->fallback ? &*attr->fallback : nullptr;
}

Result<std::int64_t> arg_count(const ArgDef& arg, const AttrMap& attrs, const OpDef* def) {
  if (!arg.type_list_attr.empty()) {
    ISO_ASSIGN(const auto* types, type_list(attrs, def, arg.type_list_attr));
    return static_cast<std::int64_t>(types->size());
  }
  if (arg.number_attr.empty()) return std::int64_t{1};
  ISO_ASSIGN(const auto* number, typed<std::int64_t>(attrs, def, arg.number_attr, "int"));
  if (*number < 0 || *number > kMaxTensors)
    return invalid_input("attribute '" + arg.number_attr + "' is " + std::to_string(*number) +
                         " where a number of tensors from 0 to " + std::to_string(kMaxTensors) + " was expected");
  return *number;
}

Status append_types(const std::vector<ArgDef>& args, const AttrMap& attrs, const OpDef* def,
                    std::vector<TypeValue>& types) {
  for (const ArgDef& arg : args) {
    if (!arg.type_list_attr.empty()) {
      ISO_ASSIGN(const auto* list, type_list(attrs, def, arg.type_list_attr));
      for (const TypeValue& type : *list) types.push_back(as_ref(type, arg.is_ref));
      continue;
    }
    TypeValue type = arg.type;
    if (!arg.type_attr.empty()) {
      ISO_ASSIGN(const auto* value, typed<TypeValue>(attrs, def, arg.type_attr, "type"));
      type = *value;
    }
    std::int64_t count = 1;
    if (!arg.number_attr.empty()) {
      ISO_ASSIGN(count, arg_count(arg, attrs, def));
    }
    types.insert(types.end(), static_cast<std::size_t>(count), as_ref(type, arg.is_ref));
  }
  return {};
}

Result<int> output_port_of(const std::vector<ArgDef>& outputs, const AttrMap& attrs, const OpDef* def,
                           std::string_view output_name, int index) {
  std::int64_t port = 0;
  for (const ArgDef& arg : outputs) {
    ISO_ASSIGN(const std::int64_t count, arg_count(arg, attrs, def));
    if (arg.name != output_name) {
      port += count;
      continue;
    }
    if (index < 0 || index >= count)
      return invalid_input("output '" + arg.name + "' has no tensor " + std::to_string(index) + "; it has " +
                           std::to_string(count));
    return static_cast<int>(port) + index;
  }
  std::string known;
  for (const ArgDef& arg : outputs) known += (known.empty() ? "" : ", ") + arg.name;
  return invalid_input("there is no output '" + std::string(output_name.substr(0, 100)) + "'; expected " +
                       (known.empty() ? "none" : "one of: " + known));
}

Result<std::string> body_tensor_name(std::string_view name, const std::vector<ArgDef>& outputs, const AttrMap& attrs,
                                     const OpDef* def, int port) {
  std::int64_t first = 0;
  for (const ArgDef& arg : outputs) {
    ISO_ASSIGN(const std::int64_t count, arg_count(arg, attrs, def));
    if (port < first + count) return std::string(name) + ":" + arg.name + ":" + std::to_string(port - first);
    first += count;
  }
  return invalid_input("output " + std::to_string(port) + " of node '" + std::string(name) + "' is read, but it has " +
                       std::to_string(first));
}

Result<Signature> signature_of(const Node& node) {
  const OpDef* def = find_op(node.op);
  if (!def)
    return unsupported(describe_node(node.name, node.op) +
                       ": the op is not known, so its inputs and outputs are not either");
  Signature out;
  if (Status s = append_types(def->inputs, node.attrs, def, out.inputs); !s.ok())
    return s.error().at(describe_node(node.name, node.op));
  if (Status s = append_types(def->outputs, node.attrs, def, out.outputs); !s.ok())
    return s.error().at(describe_node(node.name, node.op));
  return out;
}

Result<int> output_port(const NodeRecord& node, std::string_view output_name, int index) {
  const OpDef* def = find_op(node.op);
  if (!def)
    return unsupported(describe_node(node.name, node.op) + ": the op is not known, so its outputs have no names");
  auto port = output_port_of(def->outputs, node.attrs, def, output_name, index);
  if (!port.ok()) return port.error().at(describe_node(node.name, node.op));
  return port;
}

std::string_view attr_kind(const AttrValue& value) {
  struct Kind {
    std::string_view operator()(std::monostate) const { return "no value"; }
    std::string_view operator()(const std::string&) const { return "string"; }
    std::string_view operator()(std::int64_t) const { return "int"; }
    std::string_view operator()(float) const { return "float"; }
    std::string_view operator()(bool) const { return "bool"; }
    std::string_view operator()(const TypeValue&) const { return "type"; }
    std::string_view operator()(const Shape&) const { return "shape"; }
    std::string_view operator()(const std::shared_ptr<const Constant>&) const { return "tensor"; }
    std::string_view operator()(const FunctionRef&) const { return "func"; }
    std::string_view operator()(const AttrPlaceholder&) const { return "placeholder"; }
    std::string_view operator()(const UnknownAttr&) const { return "unknown"; }
    std::string_view operator()(const std::shared_ptr<const AttrList>& l) const {
      if (!l->s.empty()) return "list(string)";
      if (!l->i.empty()) return "list(int)";
      if (!l->f.empty()) return "list(float)";
      if (!l->b.empty()) return "list(bool)";
      if (!l->type.empty()) return "list(type)";
      if (!l->shape.empty()) return "list(shape)";
      if (!l->tensor.empty()) return "list(tensor)";
      if (!l->func.empty()) return "list(func)";
      return "empty list";
    }
  };
  return std::visit(Kind{}, value);
}

}  // namespace isotherm
