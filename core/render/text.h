// Text measured without a window system: advance widths of the fonts that diagrams are set in.
#pragma once

#include <string>
#include <string_view>

#include "core/render/display_list.h"

namespace isotherm::render {

/// Width in px of one line set in `font`, without kerning. A character that Inter or JetBrains Mono lacks is measured
/// as DejaVu Sans; one that the table lacks counts 1 em where it is wide (CJK, emoji), else 0.62 em.
float text_width(std::string_view text, const Font& font);

/// Text cut in its middle with "…" so that it fits `width`. What follows the last '/' survives longest. Never empty
/// for a text that is not: at the least "…".
std::string elide(std::string_view text, const Font& font, float width);

/// The next character of UTF-8 text; moves `at`. Invalid bytes give U+FFFD, one byte at a time.
char32_t next_char(std::string_view text, std::size_t& at);

}  // namespace isotherm::render
