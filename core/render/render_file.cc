#include "core/render/render_file.h"

#include <charconv>

#include "core/formats/atomic_file.h"
#include "core/render/paint.h"
#include "core/render/tips.h"

namespace isotherm::render {

std::optional<Format> parse_format(std::string_view text) {
  if (text == "svg") return Format::svg;
  if (text == "png") return Format::png;
  if (text == "pdf") return Format::pdf;
  if (text == "dot" || text == "gv") return Format::dot;
  return std::nullopt;
}

std::optional<Format> format_of_path(std::string_view path) {
  const std::size_t point = path.rfind('.');
  if (point == std::string_view::npos) return std::nullopt;
  std::string ending(path.substr(point + 1));
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return parse_format(ending);
}

std::optional<PictureWidth> parse_width(std::string_view text) {
  PictureWidth width;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), width.value);
  if (failed != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit != "mm" && unit != "px" && !unit.empty()) return std::nullopt;
  width.millimetres = unit == "mm";
  if (!(width.px() >= 10 && width.px() <= 100000)) return std::nullopt;
  return width;
}

Result<std::string> list_bytes(const DisplayList& list, Format format, const FileOptions& options) {
  switch (format) {
    case Format::svg:
      return svg_bytes(list, options);
    case Format::png:
      return png_bytes(list, options);
    case Format::pdf:
      return pdf_bytes(list, options);
    case Format::dot:
      break;
  }
  return invalid_input("this picture is no graph: it can be SVG, PNG or PDF, not DOT");
}

Result<std::string> render_bytes(const Scene& scene, Format format, const FileOptions& options) {
  if (format == Format::dot) return dot_bytes(scene, options);
  DisplayList list = paint_picture(scene);
  if (format == Format::svg) add_tips(scene, list);
  return list_bytes(list, format, options);
}

Status render_file(const Scene& scene, const std::string& path, Format format, const FileOptions& options) {
  ISO_ASSIGN(const std::string bytes, render_bytes(scene, format, options));
  return write_file(path, bytes);
}

}  // namespace isotherm::render
