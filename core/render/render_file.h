// Pictures as files: SVG, PNG, PDF and DOT, without a window system.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/graph/status.h"
#include "core/render/display_list.h"
#include "core/render/scene.h"

namespace isotherm::render {

enum class Format { svg, png, pdf, dot };

/// "svg", "png", "pdf", "dot"; nothing for another word.
std::optional<Format> parse_format(std::string_view text);
/// By the ending of a file name; nothing where it is none of the four.
std::optional<Format> format_of_path(std::string_view path);

/// A width that the whole picture is scaled to. 96 px are an inch.
struct PictureWidth {
  double value = 0;
  bool millimetres = false;
  [[nodiscard]] double px() const { return millimetres ? value * 96 / 25.4 : value; }
};
/// "178mm", "1200px" or "1200"; nothing for another word, or for less than 10 px or more than 100000.
std::optional<PictureWidth> parse_width(std::string_view text);

struct FileOptions {
  float png_scale = 2;                ///< pixels per px of the picture
  std::optional<PictureWidth> width;  ///< none: as large as the drawing
  std::string about;                  ///< metadata: what was measured where, with which versions; empty: nothing
  std::string date;                   ///< metadata: of what is shown, ISO 8601; never the clock of the drawing
};

/// The file's bytes. The same scene and options give the same bytes.
/// Errors: a PNG beyond 32767 pixels a side; what Cairo says.
Result<std::string> render_bytes(const Scene& scene, Format format, const FileOptions& options = {});

/// Writes beside `path`, then renames: the file is whole or not there.
Status render_file(const Scene& scene, const std::string& path, Format format, const FileOptions& options = {});

/// A display list played into each kind. Used by render_bytes, and for what is not a scene. A list is no graph: `dot`
/// is an error.
Result<std::string> list_bytes(const DisplayList& list, Format format, const FileOptions& options = {});
std::string svg_bytes(const DisplayList& list, const FileOptions& options = {});
Result<std::string> png_bytes(const DisplayList& list, const FileOptions& options);
Result<std::string> pdf_bytes(const DisplayList& list, const FileOptions& options = {});
/// The scene's boxes, frames and edges as a graph that plain `dot` reads.
std::string dot_bytes(const Scene& scene, const FileOptions& options = {});

}  // namespace isotherm::render
