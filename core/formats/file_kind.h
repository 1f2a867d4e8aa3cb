// What a file is, told by its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace isotherm {

enum class FileKind : std::uint8_t {
  graph_def,       ///< binary GraphDef, or anything that could be one
  graph_def_text,  ///< GraphDef in protobuf's text format
  other,           ///< something else that has a name
  unknown,         ///< nothing known
};

struct FileGuess {
  FileKind kind = FileKind::unknown;
  /// For other: "a SavedModel", "an ONNX model", ..
  std::string_view name;
  /// What to do with it, a clause for the end of a sentence; may be empty.
  std::string_view advice;
};

/// Looks at no more than the top of each kind's structure; `file` is the whole file.
FileGuess guess_file_kind(std::string_view file);

}  // namespace isotherm
