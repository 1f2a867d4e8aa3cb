#include "core/formats/text_format.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>

#include <climits>
#include <mutex>
#include <set>

#include "core/formats/graph_def.pb.h"

namespace isotherm {
namespace {

namespace pb = google::protobuf;

/// As deep as protobuf's binary parser goes.
constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxWarnings = 20;

/// protobuf prints to stderr what it also returns.
void silence_log() {
  static std::once_flag once;
  std::call_once(once, [] { pb::SetLogHandler(nullptr); });
}

std::string place(int line, int column) {
  return "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": ";
}

/// Keeps the first error, and one warning of each kind.
class Collector final : public pb::io::ErrorCollector {
 public:
  explicit Collector(std::vector<std::string>& warnings) : warnings_(warnings) {}
  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    if (error_.empty()) error_ = (line < 0 ? std::string() : place(line, column)) + sentence(message);
  }
  void AddWarning(int line, pb::io::ColumnNumber column, const std::string& message) override {
    if (seen_.insert(message).second && warnings_.size() < kMaxWarnings)
      warnings_.push_back(place(line, column) + sentence(message) + " It was left out.");
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  /// The message on one line, without the package that only this program knows.
  static std::string sentence(std::string text) {
    constexpr std::string_view kPackage = "isotherm_proto.";
    for (std::size_t at = text.find(kPackage); at != std::string::npos; at = text.find(kPackage, at))
      text.erase(at, kPackage.size());
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    constexpr std::size_t kLimit = 400;
    if (text.size() > kLimit) text = text.substr(0, kLimit) + "...";
    return text;
  }
  std::vector<std::string>& warnings_;
  std::set<std::string> seen_;
  std::string error_;
};

/// protobuf's parser calls itself for each message, known or not; this looks first, without.
Status check_depth(std::string_view text) {
  int depth = 0;
  int line = 0;
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      line_begin = i + 1;
    } else if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      for (++i; i < text.size() && text[i] != c && text[i] != '\n'; ++i)
        if (text[i] == '\\') ++i;
      // The line feed of a string that does not end on its line counts; the parser will refuse it.
      if (i < text.size() && text[i] == '\n') --i;
    } else if (c == '{' || c == '<' || c == '[') {
      if (++depth > kMaxDepth)
        return invalid_input(place(line, static_cast<int>(i - line_begin)) + "found messages nested more than " +
                             std::to_string(kMaxDepth) + " deep");
    } else if ((c == '}' || c == '>' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return {};
}

/// Fields in the middle of a GraphDef's text, and their message.
template <class Message>
Status print_field(const char* name, const std::string& binary, const ByteSink& sink) {
  Message message;
  if (!message.ParseFromString(binary))
    return internal_error(std::string("a ") + name + " that was written does not parse");
  // As text they would be bare numbers, which no reader takes.
  message.DiscardUnknownFields();
  pb::TextFormat::Printer printer;
  printer.SetInitialIndentLevel(1);
  std::string text;
  if (!printer.PrintToString(message, &text)) return internal_error(std::string("a ") + name + " cannot be printed");
  ISO_TRY(sink(std::string(name) + " {\n"));
  ISO_TRY(sink(text));
  return sink("}\n");
}

/// Python's printer omits the key 0 of a map entry. Protobuf 3.21 then counts an entry read from text without its key
/// and writes it with one: the lengths around it are wrong. Entries copied through the map itself have their key.
void restore_omitted_keys(isotherm_proto::FunctionDefLibrary& library) {
  for (isotherm_proto::FunctionDef& function : *library.mutable_function()) {
    const auto arg_attr = function.arg_attr();
    *function.mutable_arg_attr() = arg_attr;
    const auto ids = function.resource_arg_unique_id();
    *function.mutable_resource_arg_unique_id() = ids;
  }
}

}  // namespace

Result<std::string> text_to_binary(std::string_view text, std::vector<std::string>& warnings) {
  silence_log();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.size() > static_cast<std::size_t>(INT_MAX))
    return exhausted("found a text of " + std::to_string(text.size()) +
                     " bytes where at most 2 GiB can be read; use the binary form");
  ISO_TRY(check_depth(text));
  isotherm_proto::GraphDef graph;
  Collector collector(warnings);
  pb::TextFormat::Parser parser;
  parser.AllowUnknownField(true);
  parser.RecordErrorsTo(&collector);
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  const bool parsed = parser.Parse(&stream, &graph);
  if (!parsed || !collector.error().empty())
    return invalid_input(collector.error().empty() ? "the text is no GraphDef" : collector.error());
  if (graph.has_library()) restore_omitted_keys(*graph.mutable_library());
  if (graph.ByteSizeLong() > static_cast<std::size_t>(INT_MAX))
    return exhausted("found more than 2 GiB of values where a text may hold less; use the binary form");
  std::string out;
  // Fails only for a message that breaks protobuf's own rules, as text that is no UTF-8; the decoder names the place.
  if (!graph.SerializeToString(&out))
    return invalid_input("found a string that is not UTF-8 where a name was expected");
  return out;
}

Status encode_graph_text(const Graph& graph, const ByteSink& sink) {
  silence_log();
  for (NodeId id = 0; id < graph.size(); ++id) {
    const wire::Writer node = encode_node(graph.record(id));
    if (node.size() > static_cast<std::uint64_t>(INT_MAX))
      return exhausted("node '" + graph[id].name + "' is larger than the 2 GiB that text allows; use the binary form");
    ISO_TRY(print_field<isotherm_proto::NodeDef>("node", node.str(), sink));
  }
  const wire::Writer tail = encode_graph_tail(graph);
  if (tail.size() > static_cast<std::uint64_t>(INT_MAX))
    return exhausted("the function library is larger than the 2 GiB that text allows; use the binary form");
  isotherm_proto::GraphDef rest;
  if (!rest.ParseFromString(tail.str())) return internal_error("the function library that was written does not parse");
  if (rest.has_library())
    ISO_TRY(print_field<isotherm_proto::FunctionDefLibrary>("library", rest.library().SerializeAsString(), sink));
  if (rest.has_versions())
    ISO_TRY(print_field<isotherm_proto::VersionDef>("versions", rest.versions().SerializeAsString(), sink));
  return {};
}

}  // namespace isotherm
