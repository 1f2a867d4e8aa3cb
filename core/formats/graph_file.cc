#include "core/formats/graph_file.h"

#include <cstring>
#include <new>

#include <sys/stat.h>

#include "core/formats/atomic_file.h"
#include "core/formats/file_kind.h"
#include "core/formats/graph_codec.h"
#include "core/formats/mapped_file.h"
#include "core/formats/text_format.h"
#include "core/ops/op_def.h"

namespace isotherm {
namespace {

constexpr std::string_view kBinary = "GraphDef (binary)";
constexpr std::string_view kText = "GraphDef (text)";
constexpr std::string_view kExpected = " where a GraphDef, binary or text, was expected";

Result<std::shared_ptr<Buffer>> copy_to_buffer(std::string_view bytes) {
  auto buffer = allocate_host(bytes.size());
  if (!buffer) return exhausted("no memory for " + std::to_string(bytes.size()) + " bytes");
  if (!bytes.empty()) std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return buffer;
}

std::string_view text_of(const Buffer& buffer) { return {reinterpret_cast<const char*>(buffer.data()), buffer.size()}; }

/// Names in a damaged file may hold line feeds and worse; an error is one line.
std::string one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

/// `text` without "byte 123: ", which counts in the binary form of a text file.
std::string without_positions(std::string text) {
  constexpr std::string_view kWord = "byte ";
  for (std::size_t at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at)) {
    const std::size_t end = text.find_first_not_of("0123456789", at + kWord.size());
    if (end != std::string::npos && end > at + kWord.size() && text.compare(end, 2, ": ") == 0)
      text.erase(at, end + 2 - at);
    else
      at += kWord.size();
    if (at >= text.size()) break;
  }
  return text;
}

/// The buffer that the binary GraphDef lies in: `bytes`, or one made from the text in it.
Result<ByteSource> find_graph_def(std::shared_ptr<Buffer> bytes, LoadedGraph& out) {
  if (bytes->size() == 0) return invalid_input("the file is empty" + std::string(kExpected));
  const FileGuess guess = guess_file_kind(text_of(*bytes));
  switch (guess.kind) {
    case FileKind::graph_def:
      out.kind = kBinary;
      return ByteSource{std::move(bytes)};
    case FileKind::graph_def_text: {
      out.kind = kText;
      ISO_ASSIGN(const std::string binary, text_to_binary(text_of(*bytes), out.warnings));
      ISO_ASSIGN(auto buffer, copy_to_buffer(binary));
      return ByteSource{std::move(buffer)};
    }
    case FileKind::other: {
      const std::string advice = guess.advice.empty() ? "" : "; " + std::string(guess.advice);
      return unsupported("found " + std::string(guess.name) + std::string(kExpected) + advice);
    }
    case FileKind::unknown:
      break;
  }
  return invalid_input("found bytes of no known kind" + std::string(kExpected));
}

Result<LoadedGraph> load(std::shared_ptr<Buffer> bytes) {
  LoadedGraph out;
  out.file_bytes = bytes->size();
  ISO_ASSIGN(const ByteSource source, find_graph_def(std::move(bytes), out));
  auto decoded = decode_graph_def(source);
  const bool is_text = out.kind == kText;
  if (!decoded.ok())
    return is_text ? Error{decoded.error().code, without_positions(decoded.error().message)} : decoded.error();
  Graph::Parts parts = std::move(decoded).value();
  if (parts.nodes.empty() && parts.functions->functions().empty())
    return invalid_input("found a GraphDef without nodes where at least one was expected");
  add_default_attrs(parts);
  ISO_ASSIGN(out.graph, Graph::build(std::move(parts)));
  ISO_TRY(check_against_op_defs(*out.graph));
  ISO_TRY(out.graph->topological_order().status());
  return out;
}

Result<LoadedGraph> load_named(std::shared_ptr<Buffer> bytes, const std::string& name) {
  try {
    auto loaded = load(std::move(bytes));
    if (!loaded.ok()) return Error{loaded.error().code, one_line(loaded.error().message)}.at(name);
    for (std::string& warning : loaded->warnings) warning = one_line(warning);
    return loaded;
  } catch (const std::bad_alloc&) {
    return exhausted(name + ": no memory for the graph");
  } catch (const std::exception& e) {
    return internal_error(name + ": " + e.what());
  }
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace

Result<LoadedGraph> load_graph(const std::string& path) {
  if (is_folder(path)) {
    const bool saved_model = exists(path + "/saved_model.pb") || exists(path + "/saved_model.pbtxt");
    return unsupported(path + ": found " + (saved_model ? "a SavedModel folder" : "a folder") +
                       " where a GraphDef file was expected" +
                       (saved_model ? "; give a frozen GraphDef made from it" : ""));
  }
  ISO_ASSIGN(auto file, MappedFile::open(path));
  auto loaded = load_named(file, path);
  // What was read from a file cut meanwhile may be anything.
  if (!file->intact())
    return io_error(path + ": the file was cut short while it was read; " + std::to_string(file->size()) +
                    " bytes were expected");
  if (loaded.ok() && file->is_mapped() && file.use_count() > 1) loaded->mapped_bytes = file->size();
  return loaded;
}

Result<LoadedGraph> load_graph(std::shared_ptr<Buffer> bytes, const std::string& name) {
  return load_named(std::move(bytes), name);
}

Result<std::shared_ptr<const Graph>> parse_graph(std::string_view bytes, const std::string& name) {
  auto buffer = copy_to_buffer(bytes);
  if (!buffer.ok()) return buffer.error().at(name);
  ISO_ASSIGN(LoadedGraph loaded, load_named(*std::move(buffer), name));
  return loaded.graph;
}

Result<GraphFormat> graph_format_from_path(const std::string& path) {
  if (path.ends_with(".pb")) return GraphFormat::binary;
  if (path.ends_with(".pbtxt")) return GraphFormat::text;
  return invalid_input("cannot tell the format of '" + path +
                       "' by its name: .pb (binary) or .pbtxt (text) was expected");
}

Status save_graph(const Graph& graph, const std::string& path, GraphFormat format) {
  try {
    ISO_ASSIGN(AtomicFile file, AtomicFile::create(path));
    const ByteSink sink = [&file](std::string_view piece) { return file.write(piece); };
    ISO_TRY(format == GraphFormat::binary ? encode_graph_def(graph, sink) : encode_graph_text(graph, sink));
    return file.commit();
  } catch (const std::bad_alloc&) {
    return exhausted("cannot write '" + path + "': no memory for the graph's text");
  } catch (const std::exception& e) {
    return internal_error("cannot write '" + path + "': " + e.what());
  }
}

Result<std::string> serialize_graph(const Graph& graph) {
  try {
    std::string out;
    ISO_TRY(encode_graph_def(graph, [&out](std::string_view piece) -> Status {
      out.append(piece);
      return {};
    }));
    return out;
  } catch (const std::exception& e) {
    return exhausted(std::string("no memory for a copy of the graph: ") + e.what());
  }
}

}  // namespace isotherm
