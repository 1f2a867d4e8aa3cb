// Fonts for Cairo by role, weight and character, from the fonts that are installed.
#pragma once

#include <cairo.h>

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/render/display_list.h"

namespace isotherm::render {

/// Faces found through fontconfig: Inter or JetBrains Mono, and for a character that they lack the first installed font
/// that has it. One set per picture; not thread-safe.
class CairoFonts {
 public:
  CairoFonts() = default;
  CairoFonts(const CairoFonts&) = delete;
  CairoFonts& operator=(const CairoFonts&) = delete;
  ~CairoFonts();

  /// Draws one line with its baseline at (x, y).
  void draw(cairo_t* context, float x, float y, std::string_view text, const Font& font, Anchor anchor);

 private:
  struct Face {
    cairo_font_face_t* face = nullptr;
    void* charset = nullptr;  ///< FcCharSet
  };
  struct Key {
    FontRole role;
    int weight;
    char32_t character;  ///< 0: the role's own face
    auto operator<=>(const Key&) const = default;
  };
  const Face& face(const Key& key);
  const Face& face_for(const Font& font, char32_t character);

  std::map<Key, Face> faces_;
};

}  // namespace isotherm::render
