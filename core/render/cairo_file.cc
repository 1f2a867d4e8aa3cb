#include <cairo-pdf.h>
#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/render/cairo_fonts.h"
#include "core/render/png_chunks.h"
#include "core/render/render_file.h"

namespace isotherm::render {
namespace {

constexpr double kMostPixels = 32767;  // Cairo's limit for an image's side

struct Surface {
  cairo_surface_t* surface = nullptr;
  cairo_t* context = nullptr;
  explicit Surface(cairo_surface_t* s) : surface(s), context(cairo_create(s)) {}
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;
  ~Surface() {
    cairo_destroy(context);
    cairo_surface_destroy(surface);
  }
};

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  try {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);  // NOLINT: bytes are bytes
  } catch (...) {
    return CAIRO_STATUS_NO_MEMORY;  // no exception may cross Cairo
  }
  return CAIRO_STATUS_SUCCESS;
}

class Player {
 public:
  Player(cairo_t* context, const DisplayList& list) : c_(context), list_(list) {}

  void run() {
    source(list_.background);
    cairo_paint(c_);
    for (const Command& command : list_.commands) play(command);
  }

 private:
  void source(Color c) { cairo_set_source_rgba(c_, c.r / 255.0, c.g / 255.0, c.b / 255.0, c.a / 255.0); }

  void round_rect(const Command& r) {
    if (r.radius <= 0) {
      cairo_rectangle(c_, r.x, r.y, r.w, r.h);
      return;
    }
    constexpr double kQuarter = 1.5707963267948966;
    cairo_new_sub_path(c_);
    cairo_arc(c_, r.x + r.w - r.radius, r.y + r.radius, r.radius, -kQuarter, 0);
    cairo_arc(c_, r.x + r.w - r.radius, r.y + r.h - r.radius, r.radius, 0, kQuarter);
    cairo_arc(c_, r.x + r.radius, r.y + r.h - r.radius, r.radius, kQuarter, 2 * kQuarter);
    cairo_arc(c_, r.x + r.radius, r.y + r.radius, r.radius, 2 * kQuarter, 3 * kQuarter);
    cairo_close_path(c_);
  }

  void fill_and_stroke(const Command& command) {
    const Stroke& s = command.stroke;
    const bool stroked = s.width > 0 && s.color.a != 0;
    if (command.fill.a != 0) {
      source(command.fill);
      stroked ? cairo_fill_preserve(c_) : cairo_fill(c_);
    }
    if (stroked) {
      source(s.color);
      cairo_set_line_width(c_, s.width);
      const double dashes[2] = {s.dash, s.gap};
      cairo_set_dash(c_, dashes, s.dash > 0 ? 2 : 0, 0);
      cairo_set_line_cap(c_, s.round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
      cairo_set_line_join(c_, s.round ? CAIRO_LINE_JOIN_ROUND : CAIRO_LINE_JOIN_MITER);
      cairo_stroke(c_);
    }
    cairo_new_path(c_);
  }

  void path(const Command& command) {
    const float* n = list_.numbers.data() + command.number;
    double x = 0, y = 0;
    for (std::int32_t i = 0; i < command.count; ++i) {
      switch (list_.verbs[static_cast<std::size_t>(command.first + i)]) {
        case 'M':
          cairo_move_to(c_, x = n[0], y = n[1]), n += 2;
          break;
        case 'L':
          cairo_line_to(c_, x = n[0], y = n[1]), n += 2;
          break;
        case 'Q': {
          // A quadratic as a cubic.
          const double cx = n[0], cy = n[1], ex = n[2], ey = n[3];
          cairo_curve_to(c_, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, ex + (cx - ex) * 2 / 3, ey + (cy - ey) * 2 / 3,
                         ex, ey);
          x = ex, y = ey;
          n += 4;
          break;
        }
        case 'C':
          cairo_curve_to(c_, n[0], n[1], n[2], n[3], n[4], n[5]);
          x = n[4], y = n[5];
          n += 6;
          break;
        default:
          cairo_close_path(c_);
          break;
      }
    }
  }

  void play(const Command& command) {
    switch (command.kind) {
      case Command::Kind::rect:
        round_rect(command);
        fill_and_stroke(command);
        break;
      case Command::Kind::path:
        path(command);
        fill_and_stroke(command);
        break;
      case Command::Kind::ramp: {
        cairo_pattern_t* pattern = cairo_pattern_create_linear(command.x, 0, command.x + command.w, 0);
        for (std::int32_t i = 0; i < command.count; ++i) {
          const Color color = list_.colors[static_cast<std::size_t>(command.first + i)];
          cairo_pattern_add_color_stop_rgb(pattern, command.count > 1 ? i / static_cast<double>(command.count - 1) : 0,
                                           color.r / 255.0, color.g / 255.0, color.b / 255.0);
        }
        cairo_set_source(c_, pattern);
        round_rect(command);
        cairo_fill(c_);
        cairo_pattern_destroy(pattern);
        break;
      }
      case Command::Kind::text:
        source(command.fill);
        fonts_.draw(c_, command.x, command.y, list_.strings[static_cast<std::size_t>(command.text)], command.font,
                    command.anchor);
        cairo_new_path(c_);
        break;
      case Command::Kind::begin_group:
      case Command::Kind::end_group:
        break;
    }
  }

  cairo_t* c_;
  const DisplayList& list_;
  CairoFonts fonts_;
};

}  // namespace

namespace {

/// How much larger than its list a picture becomes.
double factor(const DisplayList& list, const FileOptions& options) {
  return options.width && list.width > 0 ? options.width->px() / static_cast<double>(list.width) : 1;
}

}  // namespace

Result<std::string> png_bytes(const DisplayList& list, const FileOptions& options) {
  const double scale = options.png_scale * factor(list, options);
  const double width = std::ceil(static_cast<double>(list.width) * scale - 0.01),
               height = std::ceil(static_cast<double>(list.height) * scale - 0.01);
  if (width > kMostPixels || height > kMostPixels || width * height > 1.2e9)
    return exhausted(
        "a PNG of " + std::to_string(static_cast<long long>(width)) + "×" +
        std::to_string(static_cast<long long>(height)) +
        " pixels is more than the 32767 a side that Cairo draws: use a smaller scale, fewer nodes, SVG or PDF");
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  cairo_scale(surface.context, scale, scale);
  // Unhinted text keeps the widths that the layout counted with, on every machine.
  cairo_font_options_t* fonts = cairo_font_options_create();
  cairo_font_options_set_hint_style(fonts, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(fonts, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(fonts, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(surface.context, fonts);
  cairo_font_options_destroy(fonts);
  Player(surface.context, list).run();
  std::string out;
  cairo_status_t status = cairo_status(surface.context);
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_write_to_png_stream(surface.surface, append, &out);
  if (status != CAIRO_STATUS_SUCCESS)
    return exhausted(std::string("the PNG could not be drawn: ") + cairo_status_to_string(status));
  return with_png_chunks(std::move(out), list.title, options);
}

Result<std::string> pdf_bytes(const DisplayList& list, const FileOptions& options) {
  // Cairo would write the time of the drawing. A date that stands for none is blanked afterwards, in its place, so that
  // the offsets in the file hold.
  constexpr std::string_view kNoDate = "1970-01-01T00:00:00Z";
  std::string out;
  {
    // 96 px are an inch on a screen, 72 points on paper.
    const double points = 0.75 * factor(list, options);
    Surface surface(cairo_pdf_surface_create_for_stream(append, &out, list.width * points, list.height * points));
    cairo_pdf_surface_set_metadata(surface.surface, CAIRO_PDF_METADATA_TITLE, list.title.c_str());
    cairo_pdf_surface_set_metadata(surface.surface, CAIRO_PDF_METADATA_CREATOR, "Isotherm");
    if (!options.about.empty())
      cairo_pdf_surface_set_metadata(surface.surface, CAIRO_PDF_METADATA_SUBJECT, clean_text(options.about).c_str());
    if (!list.keywords.empty())
      cairo_pdf_surface_set_metadata(surface.surface, CAIRO_PDF_METADATA_KEYWORDS, clean_text(list.keywords).c_str());
    const std::string date = options.date.empty() ? std::string(kNoDate) : clean_text(options.date);
    cairo_pdf_surface_set_metadata(surface.surface, CAIRO_PDF_METADATA_CREATE_DATE, date.c_str());
    cairo_scale(surface.context, points, points);
    Player(surface.context, list).run();
    cairo_show_page(surface.context);
    cairo_surface_finish(surface.surface);
    cairo_status_t status = cairo_status(surface.context);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface.surface);
    if (status != CAIRO_STATUS_SUCCESS)
      return exhausted(std::string("the PDF could not be drawn: ") + cairo_status_to_string(status));
  }
  if (options.date.empty()) {
    // Cairo 1.16 writes "(1970...", later ones "(D:1970...".
    constexpr std::string_view kName = "/CreationDate (";
    const std::size_t at = out.rfind(kName), end = at == std::string::npos ? at : out.find(')', at);
    if (end != std::string::npos && out.find("1970", at) < end)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(end) + 1, ' ');
  }
  return out;
}

}  // namespace isotherm::render
