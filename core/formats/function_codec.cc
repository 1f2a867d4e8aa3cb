#include "core/formats/function_codec.h"

#include <algorithm>
#include <map>

namespace isotherm {
namespace {

using wire::Field;
using wire::Type;

Status need_message(const Field& field, const ByteSource& source, std::string_view name) {
  if (field.type == Type::bytes) return {};
  return wire::wrong_type(field, source.file(), name, Type::bytes);
}

/// A map<string, string> entry.
Result<std::pair<std::string, std::string>> decode_pair(std::string_view message, const ByteSource& source) {
  std::pair<std::string, std::string> out;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1) {
      ISO_ASSIGN(out.first, decode_text(field, source, "the name of a result"));
    } else if (field.number == 2) {
      ISO_ASSIGN(out.second, decode_text(field, source, "a result"));
    }
  }
  ISO_TRY(reader.status());
  return out;
}

wire::Writer encode_pair(const std::pair<std::string, std::string>& pair) {
  wire::Writer out;
  out.bytes_field(1, pair.first);
  out.bytes_field(2, pair.second);
  return out;
}

Result<ArgDef> decode_arg(std::string_view message, const ByteSource& source) {
  ArgDef out;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    switch (field.number) {
      case 1: {
        ISO_ASSIGN(out.name, decode_text(field, source, "an argument's name"));
        break;
      }
      case 3:
        if (field.type == Type::varint) out.type = type_from_number(field.as_int32());
        break;
      case 4: {
        ISO_ASSIGN(out.type_attr, decode_text(field, source, "an attribute's name"));
        break;
      }
      case 5: {
        ISO_ASSIGN(out.number_attr, decode_text(field, source, "an attribute's name"));
        break;
      }
      case 6: {
        ISO_ASSIGN(out.type_list_attr, decode_text(field, source, "an attribute's name"));
        break;
      }
      case 16:
        if (field.type == Type::varint) out.is_ref = field.as_bool();
        break;
      default:
        out.extra.append(field.whole);
    }
  }
  ISO_TRY(reader.status());
  return out;
}

wire::Writer encode_arg(const ArgDef& arg) {
  wire::Writer out;
  out.bytes_field(1, arg.name);
  if (arg.type.number != 0) out.varint_field(3, static_cast<std::uint64_t>(static_cast<std::int64_t>(arg.type.number)));
  if (!arg.type_attr.empty()) out.bytes_field(4, arg.type_attr);
  if (!arg.number_attr.empty()) out.bytes_field(5, arg.number_attr);
  if (!arg.type_list_attr.empty()) out.bytes_field(6, arg.type_list_attr);
  if (arg.is_ref) out.varint_field(16, 1);
  out.raw(arg.extra);
  return out;
}

/// The function's OpDef: its name and arguments; the rest is carried.
Status decode_signature(std::string_view message, const ByteSource& source, Function& function) {
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1) {
      ISO_ASSIGN(function.name, decode_text(field, source, "a function's name"));
    } else if (field.number == 2 || field.number == 3) {
      ISO_TRY(need_message(field, source, "an argument of a function"));
      ISO_ASSIGN(ArgDef arg, decode_arg(field.bytes, source));
      (field.number == 2 ? function.inputs : function.outputs).push_back(std::move(arg));
    } else {
      function.signature_extra.append(field.whole);
    }
  }
  return reader.status();
}

/// An entry of map<uint32, ArgAttrs>.
Status decode_arg_attrs(std::string_view message, const ByteSource& source, std::map<int, AttrMap>& out) {
  int index = 0;
  AttrCollector attrs;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == Type::varint) index = field.as_int32();
    if (field.number != 2) continue;
    ISO_TRY(need_message(field, source, "attributes of an argument"));
    wire::Reader inner(field.bytes, source.file());
    Field attr;
    while (inner.next(attr)) {
      if (attr.number != 1) continue;
      ISO_TRY(need_message(attr, source, "an attribute of an argument"));
      ISO_TRY(attrs.add(attr.bytes, source));
    }
    ISO_TRY(inner.status());
  }
  ISO_TRY(reader.status());
  out[index] = attrs.take();
  return {};
}

/// The fields of a FunctionDef as they come; maps are put in order afterwards.
struct FunctionReader {
  const ByteSource& source;
  Function function;
  AttrCollector attrs;
  std::map<int, AttrMap> arg_attrs;

  Status take(const Field& field) {
    switch (field.number) {
      case 1:
        ISO_TRY(need_message(field, source, "a function's signature"));
        return decode_signature(field.bytes, source, function);
      case 3: {
        ISO_TRY(need_message(field, source, "a node of a function"));
        ISO_ASSIGN(NodeRecord node, decode_node(field.bytes, source, function.nodes.size()));
        function.nodes.push_back(std::move(node));
        return {};
      }
      case 4:
      case 6: {
        ISO_TRY(need_message(field, source, "a result of a function"));
        ISO_ASSIGN(auto pair, decode_pair(field.bytes, source));
        (field.number == 4 ? function.ret : function.control_ret).push_back(std::move(pair));
        return {};
      }
      case 5:
        ISO_TRY(need_message(field, source, "an attribute of a function"));
        return attrs.add(field.bytes, source);
      case 7:
        ISO_TRY(need_message(field, source, "attributes of an argument"));
        return decode_arg_attrs(field.bytes, source, arg_attrs);
      default:
        function.extra.append(field.whole);
        return {};
    }
  }
};

}  // namespace

Result<NodeRecord> decode_node(std::string_view message, const ByteSource& source, std::size_t index) {
  NodeRecord node;
  AttrCollector attrs;
  wire::Reader reader(message, source.file());
  const auto take = [&](const Field& field) -> Status {
    switch (field.number) {
      case 1: {
        ISO_ASSIGN(node.name, decode_text(field, source, "a node's name"));
        return {};
      }
      case 2: {
        ISO_ASSIGN(node.op, decode_text(field, source, "a node's op"));
        return {};
      }
      case 3: {
        ISO_ASSIGN(std::string input, decode_text(field, source, "a node's input"));
        node.inputs.push_back(std::move(input));
        return {};
      }
      case 4: {
        ISO_ASSIGN(node.device, decode_text(field, source, "a node's device"));
        return {};
      }
      case 5:
        ISO_TRY(need_message(field, source, "an attribute"));
        return attrs.add(field.bytes, source);
      default:
        node.extra.append(field.whole);
        return {};
    }
  };
  Field field;
  Status status;
  while (status.ok() && reader.next(field)) status = take(field);
  if (status.ok()) status = reader.status();
  if (status.ok() && node.name.empty())
    status = invalid_input(wire::position(message, source.file()) + ": found a node without a name");
  if (!status.ok())
    return status.error().at("node " + std::to_string(index) +
                             (node.name.empty() ? "" : " '" + node.name.substr(0, 200) + "'"));
  node.attrs = attrs.take();
  return node;
}

wire::Writer encode_node(const NodeRecord& node) {
  wire::Writer out;
  out.bytes_field(1, node.name);
  out.bytes_field(2, node.op);
  for (const std::string& input : node.inputs) out.bytes_field(3, input);
  if (!node.device.empty()) out.bytes_field(4, node.device);
  encode_attr_map(out, 5, node.attrs);
  out.raw(node.extra);
  return out;
}

Result<Function> decode_function(std::string_view message, const ByteSource& source) {
  FunctionReader function{source, {}, {}, {}};
  wire::Reader reader(message, source.file());
  Field field;
  Status status;
  while (status.ok() && reader.next(field)) status = function.take(field);
  if (status.ok()) status = reader.status();
  if (status.ok() && function.function.name.empty())
    status = invalid_input(wire::position(message, source.file()) + ": found a function without a name");
  if (!status.ok()) return status.error().at("function '" + function.function.name.substr(0, 200) + "'");
  function.function.attrs = function.attrs.take();
  for (auto& [index, attrs] : function.arg_attrs) function.function.arg_attrs.emplace_back(index, std::move(attrs));
  // Maps come in any order; the graph must not depend on it.
  std::stable_sort(function.function.ret.begin(), function.function.ret.end());
  std::stable_sort(function.function.control_ret.begin(), function.function.control_ret.end());
  return std::move(function.function);
}

wire::Writer encode_function(const Function& function) {
  wire::Writer signature;
  signature.bytes_field(1, function.name);
  for (const ArgDef& arg : function.inputs) signature.message_field(2, encode_arg(arg));
  for (const ArgDef& arg : function.outputs) signature.message_field(3, encode_arg(arg));
  signature.raw(function.signature_extra);

  wire::Writer out;
  out.message_field(1, signature);
  for (const NodeRecord& node : function.nodes) out.message_field(3, encode_node(node));
  for (const auto& pair : function.ret) out.message_field(4, encode_pair(pair));
  encode_attr_map(out, 5, function.attrs);
  for (const auto& pair : function.control_ret) out.message_field(6, encode_pair(pair));
  for (const auto& [index, attrs] : function.arg_attrs) {
    wire::Writer value;
    encode_attr_map(value, 1, attrs);
    wire::Writer entry;
    entry.varint_field(1, static_cast<std::uint64_t>(index));
    entry.message_field(2, value);
    out.message_field(7, entry);
  }
  out.raw(function.extra);
  return out;
}

}  // namespace isotherm
