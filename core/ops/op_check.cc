// Defaults and checks of nodes against the op table.
#include <algorithm>

#include "core/ops/op_def.h"
#include "core/ops/signature.h"

namespace isotherm {
namespace {

void add_defaults(NodeRecord& node) {
  const OpDef* def = find_op(node.op);
  if (!def) return;
  for (const AttrDef& attr : def->attrs)
    if (attr.fallback && !node.attrs.contains(attr.name)) node.attrs.set(attr.name, *attr.fallback);
}

bool lacks_defaults(const NodeRecord& node) {
  const OpDef* def = find_op(node.op);
  return def && std::any_of(def->attrs.begin(), def->attrs.end(),
                            [&](const AttrDef& a) { return a.fallback && !node.attrs.contains(a.name); });
}

std::string type_text(const TypeValue& t) {
  if (t.dtype == DType::invalid) return t.number == 0 ? "no type" : "type " + std::to_string(t.number);
  return std::string(dtype_name(t.dtype)) + (t.is_ref ? " reference" : "");
}

/// Attributes may lawfully be lists of any kind, or have no value, where the list is empty.
bool kind_fits(const AttrDef& def, const AttrValue& value) {
  const std::string_view kind = attr_kind(value);
  if (kind == def.type) return true;
  return def.type.starts_with("list(") && (kind == "empty list" || kind == "no value");
}

std::string set_text(const auto& allowed, auto text) {
  std::string out;
  for (const auto& item : allowed) out += (out.empty() ? "" : ", ") + std::string(text(item));
  return out;
}

Status check_type(const AttrDef& def, const TypeValue& type) {
  if (def.allowed_types.empty() ||
      std::find(def.allowed_types.begin(), def.allowed_types.end(), type.dtype) != def.allowed_types.end())
    return {};
  return invalid_input("attribute '" + def.name + "' is " + type_text(type) + " where one of " +
                       set_text(def.allowed_types, dtype_name) + " was expected");
}

Status check_string(const AttrDef& def, const std::string& text) {
  if (def.allowed_strings.empty() ||
      std::find(def.allowed_strings.begin(), def.allowed_strings.end(), text) != def.allowed_strings.end())
    return {};
  return invalid_input("attribute '" + def.name + "' is '" + text.substr(0, 60) + "' where one of " +
                       set_text(def.allowed_strings, [](const std::string& s) { return s; }) + " was expected");
}

/// A constant's value must have the type that its node promises.
Status check_constant(const Node& node) {
  const Constant* value = node.attrs.get_constant("value");
  const DType dtype = node.attrs.get_type("dtype");
  if (node.op != "Const" || !value || value->dtype() == dtype) return {};
  return invalid_input("attribute 'value' is a tensor of " + std::string(dtype_name(value->dtype())) +
                       " where attribute 'dtype' expects " + std::string(dtype_name(dtype)));
}

std::int64_t list_size(const AttrList& l) {
  return static_cast<std::int64_t>(std::max(
      {l.s.size(), l.i.size(), l.f.size(), l.b.size(), l.type.size(), l.shape.size(), l.tensor.size(), l.func.size()}));
}

Status check_minimum(const AttrDef& def, std::int64_t found, const char* what) {
  if (!def.minimum || found >= *def.minimum) return {};
  return invalid_input("attribute '" + def.name + "' " + what + " " + std::to_string(found) + " where at least " +
                       std::to_string(*def.minimum) + " was expected");
}

/// `lengths`: whether lists must have their least length.
Status check_attr(const AttrDef& def, const AttrMap& attrs, bool lengths) {
  const AttrValue* value = attrs.find(def.name);
  if (!value) {
    if (def.fallback) return {};
    return invalid_input("attribute '" + def.name + "' is missing where a value of kind " + def.type + " was expected");
  }
  // A placeholder is bound when its function is instantiated.
  if (std::holds_alternative<AttrPlaceholder>(*value)) return {};
  if (!kind_fits(def, *value))
    return invalid_input("attribute '" + def.name + "' is " + to_string(*value, 60) + " (" +
                         std::string(attr_kind(*value)) + ") where a value of kind " + def.type + " was expected");
  if (const auto* type = std::get_if<TypeValue>(value)) return check_type(def, *type);
  if (const auto* text = std::get_if<std::string>(value)) return check_string(def, *text);
  if (const auto* number = std::get_if<std::int64_t>(value)) return check_minimum(def, *number, "is");
  if (std::holds_alternative<std::monostate>(*value)) return lengths ? check_minimum(def, 0, "has length") : Status();
  if (const auto* shared = std::get_if<std::shared_ptr<const AttrList>>(value)) {
    const AttrList& list = **shared;
    if (lengths) ISO_TRY(check_minimum(def, list_size(list), "has length"));
    for (const TypeValue& type : list.type) ISO_TRY(check_type(def, type));
    for (const std::string& text : list.s) ISO_TRY(check_string(def, text));
  }
  return {};
}

/// Outputs of every node of a known op, one after another.
struct OutputTypes {
  std::vector<TypeValue> types;
  std::vector<std::size_t> begin;
  std::vector<bool> known;

  [[nodiscard]] std::span<const TypeValue> of(NodeId id) const {
    const auto i = static_cast<std::size_t>(id);
    return std::span(types).subspan(begin[i], begin[i + 1] - begin[i]);
  }
};

Status check_input(const Graph& graph, const Node& node, int i, const TypeValue& expected, const OutputTypes& outputs) {
  const Input& in = node.inputs[static_cast<std::size_t>(i)];
  const Node& source = graph[in.node];
  if (!outputs.known[static_cast<std::size_t>(in.node)]) return {};
  const auto types = outputs.of(in.node);
  const std::string place = "input " + std::to_string(i);
  if (static_cast<std::size_t>(in.port) >= types.size())
    return invalid_input(place + " is output " + std::to_string(in.port) + " of " +
                         describe_node(source.name, source.op) + ", which has " + std::to_string(types.size()) +
                         " output" + (types.size() == 1 ? "" : "s"));
  const TypeValue& found = types[static_cast<std::size_t>(in.port)];
  // A reference may be read as a value, not the other way round.
  if (found.number % 100 == expected.number % 100 && (found.is_ref || !expected.is_ref)) return {};
  return invalid_input(place + ", from " + describe_node(source.name, source.op) + " output " +
                       std::to_string(in.port) + ", is " + type_text(found) + " where " + type_text(expected) +
                       " was expected");
}

Status check_inputs(const Graph& graph, const Node& node, const OpDef& def, const OutputTypes& outputs,
                    std::vector<TypeValue>& expected) {
  expected.clear();
  ISO_TRY(append_types(def.inputs, node.attrs, &def, expected));
  if (expected.size() != static_cast<std::size_t>(node.data_inputs))
    return invalid_input("it has " + std::to_string(node.data_inputs) + " data input" +
                         (node.data_inputs == 1 ? "" : "s") + " where the op and its attributes expect " +
                         std::to_string(expected.size()));
  for (int i = 0; i < node.data_inputs; ++i)
    ISO_TRY(check_input(graph, node, i, expected[static_cast<std::size_t>(i)], outputs));
  return {};
}

}  // namespace

void add_default_attrs(Graph::Parts& parts) {
  for (NodeRecord& node : parts.nodes) add_defaults(node);
  if (!parts.functions) return;
  const auto& functions = parts.functions->functions();
  const auto incomplete = [](const std::shared_ptr<const Function>& f) {
    return std::any_of(f->nodes.begin(), f->nodes.end(), lacks_defaults);
  };
  if (std::none_of(functions.begin(), functions.end(), incomplete)) return;
  auto library = std::make_shared<FunctionLibrary>();
  library->extra = parts.functions->extra;
  for (const auto& function : functions) {
    Function copy = *function;
    for (NodeRecord& node : copy.nodes) add_defaults(node);
    library->add(std::move(copy));
  }
  parts.functions = std::move(library);
}

Status check_against_op_defs(const Graph& graph) {
  OutputTypes outputs;
  outputs.begin.reserve(static_cast<std::size_t>(graph.size()) + 1);
  outputs.known.reserve(static_cast<std::size_t>(graph.size()));
  std::vector<const OpDef*> defs(static_cast<std::size_t>(graph.size()));
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const OpDef* def = defs[static_cast<std::size_t>(id)] = find_op(node.op);
    outputs.begin.push_back(outputs.types.size());
    outputs.known.push_back(def != nullptr);
    if (!def) continue;
    // TF-TRT itself writes engines that have no outputs, against its own definition.
    const bool lengths = node.op != "TRTEngineOp";
    for (const AttrDef& attr : def->attrs)
      if (Status s = check_attr(attr, node.attrs, lengths); !s.ok())
        return s.error().at(describe_node(node.name, node.op));
    if (Status s = check_constant(node); !s.ok()) return s.error().at(describe_node(node.name, node.op));
    if (Status s = append_types(def->outputs, node.attrs, def, outputs.types); !s.ok())
      return s.error().at(describe_node(node.name, node.op));
  }
  outputs.begin.push_back(outputs.types.size());
  std::vector<TypeValue> expected;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const OpDef* def = defs[static_cast<std::size_t>(id)];
    if (!def) continue;
    const Node& node = graph[id];
    if (Status s = check_inputs(graph, node, *def, outputs, expected); !s.ok())
      return s.error().at(describe_node(node.name, node.op));
  }
  return {};
}

}  // namespace isotherm
