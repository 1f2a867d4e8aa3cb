#include "core/formats/graph_codec.h"

#include <algorithm>

namespace isotherm {
namespace {

using wire::Field;
using wire::Type;

enum GraphField : std::uint32_t { kNode = 1, kLibrary = 2, kVersions = 4 };

Status decode_library(std::string_view message, const ByteSource& source, FunctionLibrary& library) {
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number != 1) {
      library.extra.append(field.whole);
      continue;
    }
    if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "a function", Type::bytes);
    ISO_ASSIGN(Function function, decode_function(field.bytes, source));
    if (library.find(function.name))
      return invalid_input(wire::position(field.whole, source.file()) + ": found function '" +
                           function.name.substr(0, 200) + "' a second time; names of functions must be unique");
    library.add(std::move(function));
  }
  return reader.status();
}

Status decode_versions(std::string_view message, const ByteSource& source, GraphVersions& versions) {
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == Type::varint) versions.producer = field.as_int32();
    if (field.number == 2 && field.type == Type::varint) versions.min_consumer = field.as_int32();
    if (field.number == 3)
      ISO_TRY(wire::for_each_varint(field, source.file(), [&](std::uint64_t v) {
        versions.bad_consumers.push_back(static_cast<int>(static_cast<std::uint32_t>(v)));
      }));
  }
  return reader.status();
}

std::uint64_t signed_varint(int value) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)); }

/// Tag and length of a message field, then the message.
Status emit_message(std::uint32_t number, const wire::Writer& message, const ByteSink& sink) {
  std::string head;
  wire::Writer::append_varint(head, (std::uint64_t{number} << 3) | static_cast<std::uint64_t>(Type::bytes));
  wire::Writer::append_varint(head, message.size());
  ISO_TRY(sink(head));
  return message.emit(sink);
}

}  // namespace

Result<Graph::Parts> decode_graph_def(const ByteSource& source) {
  Graph::Parts parts;
  auto library = std::make_shared<FunctionLibrary>();
  wire::Reader reader(source.bytes(), source.file());
  Field field;
  while (reader.next(field)) {
    const bool is_message = field.number == kNode || field.number == kLibrary || field.number == kVersions;
    if (is_message && field.type != Type::bytes) {
      const std::string_view name = field.number == kNode      ? "a node"
                                    : field.number == kLibrary ? "the function library"
                                                               : "the versions";
      return wire::wrong_type(field, source.file(), name, Type::bytes);
    }
    if (field.number == kNode) {
      ISO_ASSIGN(NodeRecord node, decode_node(field.bytes, source, parts.nodes.size()));
      parts.nodes.push_back(std::move(node));
    } else if (field.number == kLibrary) {
      ISO_TRY(decode_library(field.bytes, source, *library));
    } else if (field.number == kVersions) {
      ISO_TRY(decode_versions(field.bytes, source, parts.versions));
    } else {
      parts.extra.append(field.whole);
    }
  }
  ISO_TRY(reader.status());
  parts.functions = std::move(library);
  return parts;
}

wire::Writer encode_graph_tail(const Graph& graph) {
  wire::Writer out;
  const FunctionLibrary& library = graph.functions();
  if (!library.functions().empty() || !library.extra.empty()) {
    wire::Writer functions;
    for (const auto& function : library.functions()) functions.message_field(1, encode_function(*function));
    functions.raw(library.extra);
    out.message_field(kLibrary, functions);
  }
  const GraphVersions& v = graph.versions();
  wire::Writer versions;
  if (v.producer != 0) versions.varint_field(1, signed_varint(v.producer));
  if (v.min_consumer != 0) versions.varint_field(2, signed_varint(v.min_consumer));
  std::string bad;
  for (const int consumer : v.bad_consumers) wire::Writer::append_varint(bad, signed_varint(consumer));
  if (!bad.empty()) versions.bytes_field(3, bad);
  if (versions.size() > 0) out.message_field(kVersions, versions);
  return out;
}

Status encode_graph_def(const Graph& graph, const ByteSink& sink) {
  for (NodeId id = 0; id < graph.size(); ++id) ISO_TRY(emit_message(kNode, encode_node(graph.record(id)), sink));
  ISO_TRY(encode_graph_tail(graph).emit(sink));
  return graph.extra().empty() ? Status() : sink(graph.extra());
}

}  // namespace isotherm
