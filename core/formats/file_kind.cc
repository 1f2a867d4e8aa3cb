#include "core/formats/file_kind.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/formats/wire.h"

namespace isotherm {
namespace {

using wire::Field;
using wire::Type;
using namespace std::string_view_literals;

constexpr std::string_view kFreeze = "freeze it to a GraphDef first";
constexpr std::string_view kSavedModelAdvice = "give a frozen GraphDef made from it";

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
  std::string_view advice;
};

constexpr std::array kMagics = {
    Magic{4, "TFL3"sv, "a TensorFlow Lite model", "give the frozen GraphDef it was made from"},
    Magic{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file (a Keras model or its weights)", kFreeze},
    Magic{0, "PK\x03\x04"sv, "a zip archive (a Keras model, .npz or PyTorch file)",
          "unpack it or freeze the model in it"},
    Magic{0, "\x1f\x8b"sv, "a gzip file", "unpack it"},
    Magic{0,
          "\xfd"
          "7zXZ\0"sv,
          "an xz file", "unpack it"},
    Magic{0, "BZh"sv, "a bzip2 file", "unpack it"},
    Magic{0, "\x28\xb5\x2f\xfd"sv, "a zstd file", "unpack it"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", "unpack it"},
    Magic{257, "ustar"sv, "a tar archive", "unpack it"},
    Magic{0, "\x89PNG\r\n\x1a\n"sv, "a PNG picture", ""},
    Magic{0, "\xff\xd8\xff"sv, "a JPEG picture", ""},
    Magic{0, "GIF8"sv, "a GIF picture", ""},
    Magic{0, "%PDF"sv, "a PDF file", ""},
    Magic{0, "\x93NUMPY"sv, "a NumPy array", ""},
    Magic{0, "SQLite format 3\0"sv, "an SQLite file (a profiling session)", "open it as a session"},
    Magic{0,
          "\x7f"
          "ELF"sv,
          "a program or shared library", ""},
    Magic{0, "GGUF"sv, "a GGUF model", ""},
    Magic{0, "ftrt"sv, "a TensorRT plan", "give the graph it was built from"},
    Magic{0, "ptrt"sv, "a TensorRT plan", "give the graph it was built from"},
    Magic{0, "\x80\x02"sv, "a Python pickle", ""},
    Magic{0, "\x80\x03"sv, "a Python pickle", ""},
    Magic{0, "\x80\x04"sv, "a Python pickle", ""},
    Magic{0, "<!DOCTYPE"sv, "an HTML page", "the download may have given a page instead of the file"},
    Magic{0, "<html"sv, "an HTML page", "the download may have given a page instead of the file"},
    Magic{0, "<?xml"sv, "an XML file", ""},
    Magic{0, "<svg"sv, "an SVG picture", ""},
    Magic{0, "version https://git-lfs"sv, "a Git LFS pointer", "fetch the file it stands for"},
};

/// The footer of a LevelDB table, which TensorFlow's checkpoint indexes are.
constexpr std::string_view kTableFooter = "\x57\xfb\x80\x8b\x24\x75\x47\xdb"sv;

bool matches(std::string_view file, const Magic& magic) {
  return file.size() >= magic.offset + magic.bytes.size() &&
         file.substr(magic.offset, magic.bytes.size()) == magic.bytes;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

/// Text has no control characters but white space; the top of the file tells.
bool looks_like_text(std::string_view file) {
  const std::string_view top = file.substr(0, 512);
  return std::all_of(top.begin(), top.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f';
  });
}

/// What the first fields of a message say. A GraphDef begins with a node (1), library (2), version (3) or versions (4).
FileGuess guess_message(std::string_view file) {
  wire::Reader reader(file, file.data());
  Field first;
  if (!reader.next(first)) {
    // A first field that its file cuts short: whoever reads it names the place.
    const bool begins_well = file.starts_with('\x0a') || file.starts_with('\x12') || file.starts_with('\x22');
    return begins_well && !looks_like_text(file) ? FileGuess{FileKind::graph_def, {}, {}} : FileGuess{};
  }
  if (first.number == 1 && first.type == Type::varint) {
    // Both carry a version first: a SavedModel's meta graphs, or the strings and the graph of an ONNX model.
    Field second;
    const bool more = reader.next(second) && second.type == Type::bytes;
    if (first.value == 1 && more && second.number == 2 && !is_printable(second.bytes.substr(0, 64)))
      return {FileKind::other, "a SavedModel", kSavedModelAdvice};
    if (more && second.number >= 2 && second.number <= 8 && first.value <= 100)
      return {FileKind::other, "an ONNX model", "give the TensorFlow graph it was made from"};
    return {};
  }
  if (first.number == 1 && first.type == Type::bytes) {
    // A node has an op; a MetaGraphDef's first field holds its versions and tags.
    wire::Reader inner(first.bytes, file.data());
    Field field;
    bool has_op = false;
    bool has_version = false;
    while (inner.next(field)) {
      if (field.number == 2 && field.type == Type::bytes && is_printable(field.bytes)) has_op = true;
      // meta_info_def.tensorflow_version, where a NodeDef has an attribute, which is no text.
      if (field.number == 5 && field.type == Type::bytes && !field.bytes.empty() &&
          std::isdigit(static_cast<unsigned char>(field.bytes.front())) && is_printable(field.bytes))
        has_version = true;
    }
    if (!has_op && has_version) return {FileKind::other, "a MetaGraphDef", kSavedModelAdvice};
    return {FileKind::graph_def, {}, {}};
  }
  if (first.number == 2 && first.type == Type::bytes) {
    // A library has fields 1 to 3, a SavedModel's meta graph (its version left out) more.
    wire::Reader inner(first.bytes, file.data());
    Field field;
    while (inner.next(field))
      if (field.number > 3) return {FileKind::other, "a SavedModel", kSavedModelAdvice};
  }
  if ((first.number == 2 || first.number == 4 || first.number == 5) && first.type == Type::bytes)
    return {FileKind::graph_def, {}, {}};
  if (first.number == 3 && first.type == Type::varint) return {FileKind::graph_def, {}, {}};
  return {};
}

/// The text without the white space and comments at its begin.
std::string_view skip_to_first_word(std::string_view text) {
  while (!text.empty()) {
    if (std::isspace(static_cast<unsigned char>(text.front()))) {
      text.remove_prefix(1);
    } else if (text.front() == '#') {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else {
      break;
    }
  }
  return text;
}

struct TextKind {
  std::string_view word;
  std::string_view name;  ///< empty: a GraphDef
  std::string_view advice;
};

constexpr std::array kTextKinds = {
    TextKind{"node", "", ""},
    TextKind{"library", "", ""},
    TextKind{"versions", "", ""},
    TextKind{"version", "", ""},
    TextKind{"meta_info_def", "a MetaGraphDef in text", kSavedModelAdvice},
    TextKind{"graph_def", "a MetaGraphDef in text", kSavedModelAdvice},
    TextKind{"saved_model_schema_version", "a SavedModel in text", kSavedModelAdvice},
    TextKind{"meta_graphs", "a SavedModel in text", kSavedModelAdvice},
    TextKind{"model_checkpoint_path", "the list of checkpoints of a folder", kFreeze},
    TextKind{"ir_version", "an ONNX model in text", ""},
    TextKind{"layer", "a Caffe network", ""},
    TextKind{"layers", "a Caffe network", ""},
    TextKind{"item", "a label map", ""},
};

FileGuess guess_text(std::string_view file) {
  const std::string_view text = skip_to_first_word(file.starts_with("\xef\xbb\xbf") ? file.substr(3) : file);
  std::size_t end = 0;
  while (end < text.size() && end < 64 && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
    ++end;
  const std::string_view word = text.substr(0, end);
  const std::string_view after = skip_to_first_word(text.substr(end));
  if (word.empty()) {
    if (text.starts_with('{') || text.starts_with('[')) return {FileKind::other, "a JSON file", ""};
    return {};
  }
  if (!after.starts_with('{') && !after.starts_with(':') && !after.starts_with('<')) return {};
  for (const TextKind& kind : kTextKinds)
    if (kind.word == word)
      return kind.name.empty() ? FileGuess{FileKind::graph_def_text, {}, {}}
                               : FileGuess{FileKind::other, kind.name, kind.advice};
  return {FileKind::unknown, {}, {}};
}

}  // namespace

FileGuess guess_file_kind(std::string_view file) {
  for (const Magic& magic : kMagics)
    if (matches(file, magic)) return {FileKind::other, magic.name, magic.advice};
  if (file.size() >= 48 && file.ends_with(kTableFooter)) return {FileKind::other, "the index of a checkpoint", kFreeze};
  // A GraphDef's first byte is a control character, so no text is taken for one, except after a line feed (a node's
  // tag).
  if (looks_like_text(file)) {
    const FileGuess text = guess_text(file);
    if (text.kind != FileKind::unknown) return text;
  }
  return guess_message(file);
}

}  // namespace isotherm
