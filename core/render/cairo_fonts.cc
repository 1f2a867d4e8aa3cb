#include "core/render/cairo_fonts.h"

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <string>

#include "core/render/text.h"

namespace isotherm::render {
namespace {

int fontconfig_weight(int weight) {
  if (weight >= 700) return FC_WEIGHT_BOLD;
  if (weight >= 600) return FC_WEIGHT_DEMIBOLD;
  if (weight >= 500) return FC_WEIGHT_MEDIUM;
  return FC_WEIGHT_REGULAR;
}

void add_family(FcPattern* pattern, const char* name) {
  FcPatternAddString(pattern, FC_FAMILY, reinterpret_cast<const FcChar8*>(name));  // NOLINT: FcChar8 is unsigned char
}

/// The installed face of a family nearest to a weight; its family's real name in `found`. Owned by the caller.
FcPattern* match_face(const std::string& name, int weight, std::string& found) {
  FcPattern* pattern = FcPatternCreate();
  add_family(pattern, name.c_str());
  FcPatternAddInteger(pattern, FC_WEIGHT, fontconfig_weight(weight));
  FcPatternAddInteger(pattern, FC_SLANT, FC_SLANT_ROMAN);
  FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
  FcConfigSubstitute(nullptr, pattern, FcMatchPattern);
  FcDefaultSubstitute(pattern);
  FcResult status = FcResultNoMatch;
  FcPattern* match = FcFontMatch(nullptr, pattern, &status);
  FcPatternDestroy(pattern);
  found.clear();
  FcChar8* family = nullptr;
  for (int i = 0; match != nullptr && FcPatternGetString(match, FC_FAMILY, i, &family) == FcResultMatch; ++i) {
    const std::string one = reinterpret_cast<const char*>(family);  // NOLINT: FcChar8 is unsigned char
    if (i == 0) found = one;
    if (FcStrCmpIgnoreCase(family, reinterpret_cast<const FcChar8*>(name.c_str())) == 0) found = one;  // NOLINT
  }
  return match;
}

}  // namespace

Result<std::shared_ptr<const MeasuredFamily>> measure_family(const std::string& name) {
  auto measured = std::make_shared<MeasuredFamily>();
  const std::vector<char32_t> characters = table_characters();
  cairo_surface_t* const surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
  cairo_t* const context = cairo_create(surface);
  cairo_font_options_t* const options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(context, options);
  Status status;
  for (std::size_t w = 0; w < measured->widths.size() && status.ok(); ++w) {
    std::string found;
    FcPattern* const match = match_face(name, 400 + 100 * static_cast<int>(w), found);
    if (match == nullptr || FcStrCmpIgnoreCase(reinterpret_cast<const FcChar8*>(found.c_str()),         // NOLINT
                                               reinterpret_cast<const FcChar8*>(name.c_str())) != 0) {  // NOLINT
      status = invalid_input("no font family '" + name + "' is installed" +
                             (found.empty() ? std::string() : "; the system would take '" + found + "' instead"));
    } else {
      measured->name = found;
      FcCharSet* set = nullptr;
      FcPatternGetCharSet(match, FC_CHARSET, 0, &set);
      cairo_font_face_t* const face = cairo_ft_font_face_create_for_pattern(match);
      cairo_set_font_face(context, face);
      cairo_set_font_size(context, 1000);
      for (const char32_t c : characters) {
        char text[5] = {};
        const int length = FcUcs4ToUtf8(c, reinterpret_cast<FcChar8*>(text));  // NOLINT
        text[length] = 0;
        cairo_text_extents_t extents{};
        if (set != nullptr && FcCharSetHasChar(set, c) == FcTrue) cairo_text_extents(context, text, &extents);
        measured->widths[w].push_back(static_cast<std::uint16_t>(std::clamp(extents.x_advance + 0.5, 0.0, 4000.0)));
      }
      cairo_font_face_destroy(face);
    }
    if (match != nullptr) FcPatternDestroy(match);
  }
  cairo_font_options_destroy(options);
  cairo_destroy(context);
  cairo_surface_destroy(surface);
  if (!status.ok()) return status.error();
  return std::shared_ptr<const MeasuredFamily>(std::move(measured));
}

CairoFonts::~CairoFonts() {
  for (auto& [key, face] : faces_) {
    if (face.face != nullptr) cairo_font_face_destroy(face.face);
    if (face.charset != nullptr) FcCharSetDestroy(static_cast<FcCharSet*>(face.charset));
  }
}

const CairoFonts::Face& CairoFonts::face(const Key& key) {
  const auto [it, added] = faces_.try_emplace(key);
  Face& face = it->second;
  if (!added) return face;
  FcPattern* pattern = FcPatternCreate();
  if (key.role == FontRole::sans) {
    if (const MeasuredFamily* family = sans_family(); family != nullptr) add_family(pattern, family->name.c_str());
    for (const char* name : {"Inter", "Noto Sans", "DejaVu Sans", "sans-serif"}) add_family(pattern, name);
  } else {
    for (const char* name : {"JetBrains Mono", "DejaVu Sans Mono", "monospace"}) add_family(pattern, name);
  }
  FcPatternAddInteger(pattern, FC_WEIGHT, fontconfig_weight(key.weight));
  FcPatternAddInteger(pattern, FC_SLANT, FC_SLANT_ROMAN);
  FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
  FcConfigSubstitute(nullptr, pattern, FcMatchPattern);
  FcDefaultSubstitute(pattern);
  FcResult status = FcResultNoMatch;
  FcPattern* match = nullptr;
  if (key.character == 0) {
    match = FcFontMatch(nullptr, pattern, &status);
  } else if (FcFontSet* sorted = FcFontSort(nullptr, pattern, FcFalse, nullptr, &status); sorted != nullptr) {
    for (int i = 0; i < sorted->nfont && match == nullptr; ++i) {
      FcCharSet* set = nullptr;
      if (FcPatternGetCharSet(sorted->fonts[i], FC_CHARSET, 0, &set) == FcResultMatch &&
          FcCharSetHasChar(set, key.character) == FcTrue)
        match = FcFontRenderPrepare(nullptr, pattern, sorted->fonts[i]);
    }
    FcFontSetDestroy(sorted);
  }
  if (match != nullptr) {
    FcCharSet* set = nullptr;
    if (FcPatternGetCharSet(match, FC_CHARSET, 0, &set) == FcResultMatch) face.charset = FcCharSetCopy(set);
    face.face = cairo_ft_font_face_create_for_pattern(match);
    FcPatternDestroy(match);
  }
  FcPatternDestroy(pattern);
  return face;
}

const CairoFonts::Face& CairoFonts::face_for(const Font& font, char32_t character) {
  const Face& own = face({font.role, font.weight, 0});
  if (character < 0x80 || own.charset == nullptr ||
      FcCharSetHasChar(static_cast<FcCharSet*>(own.charset), character) == FcTrue)
    return own;
  const Face& other = face({font.role, font.weight, character});
  return other.face == nullptr ? own : other;
}

void CairoFonts::draw(cairo_t* context, float x, float y, std::string_view text, const Font& font, Anchor anchor) {
  struct Run {
    const Face* face;
    std::string text;
    double width = 0;
  };
  std::vector<Run> runs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const Face& face = face_for(font, next_char(text, at));
    if (runs.empty() || runs.back().face != &face) runs.push_back({&face, {}, 0});
    runs.back().text += text.substr(from, at - from);
  }
  cairo_set_font_size(context, font.size);
  double width = 0;
  for (Run& run : runs) {
    if (run.face->face != nullptr) cairo_set_font_face(context, run.face->face);
    cairo_text_extents_t extents;
    cairo_text_extents(context, run.text.c_str(), &extents);
    run.width = extents.x_advance;
    width += run.width;
  }
  double at = x;
  if (anchor == Anchor::middle)
    at -= width / 2;
  else if (anchor == Anchor::end)
    at -= width;
  for (const Run& run : runs) {
    if (run.face->face != nullptr) cairo_set_font_face(context, run.face->face);
    cairo_move_to(context, at, y);
    cairo_show_text(context, run.text.c_str());
    at += run.width;
  }
}

}  // namespace isotherm::render
