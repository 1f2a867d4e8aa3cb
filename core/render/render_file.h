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

struct FileOptions {
  float png_scale = 2;  ///< pixels per px of the picture
};

/// The file's bytes. The same scene gives the same bytes (PDF: with SOURCE_DATE_EPOCH set; Cairo writes the date).
/// Errors: a PNG beyond 32767 pixels a side; what Cairo says.
Result<std::string> render_bytes(const Scene& scene, Format format, const FileOptions& options = {});

/// Writes beside `path`, then renames: the file is whole or not there.
Status render_file(const Scene& scene, const std::string& path, Format format, const FileOptions& options = {});

/// A display list played into each kind. Used by render_bytes, and for what is not a scene. A list is no graph: `dot`
/// is an error.
Result<std::string> list_bytes(const DisplayList& list, Format format, const FileOptions& options = {});
std::string svg_bytes(const DisplayList& list);
Result<std::string> png_bytes(const DisplayList& list, float scale);
Result<std::string> pdf_bytes(const DisplayList& list);
/// The scene's boxes, frames and edges as a graph that plain `dot` reads.
std::string dot_bytes(const Scene& scene);

}  // namespace isotherm::render
