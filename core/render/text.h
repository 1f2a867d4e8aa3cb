// Text measured without a window system: advance widths of the fonts that diagrams are set in.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/status.h"
#include "core/render/display_list.h"

namespace isotherm::render {

/// A family that stands for Inter, with its widths measured from the installed faces (measure_family).
struct MeasuredFamily {
  std::string name;
  std::array<std::vector<std::uint16_t>, 4>
      widths;  ///< weights 400 to 700; by table_characters(); 1/1000 em, 0: lacks it
};
/// Measures an installed family in the weights that pictures use; a weight that it lacks is its nearest one.
/// Error: no such family is installed, with the one that fontconfig would take instead.
Result<std::shared_ptr<const MeasuredFamily>> measure_family(const std::string& name);
/// The characters whose widths are known, in the order of the widths.
std::vector<char32_t> table_characters();
/// The sans family of all pictures of this program from now on; null: Inter. Not while anything is laid out or drawn.
void set_sans_family(std::shared_ptr<const MeasuredFamily> family);
/// Null: Inter.
const MeasuredFamily* sans_family();

/// Width in px of one line set in `font`, without kerning. A character that Inter or JetBrains Mono lacks is measured
/// as DejaVu Sans; one that the table lacks counts 1 em where it is wide (CJK, emoji), else 0.62 em.
float text_width(std::string_view text, const Font& font);

/// Text cut in its middle with "…" so that it fits `width`. What follows the last '/' survives longest. Never empty
/// for a text that is not: at the least "…".
std::string elide(std::string_view text, const Font& font, float width);

/// The next character of UTF-8 text; moves `at`. Invalid bytes give U+FFFD, one byte at a time.
char32_t next_char(std::string_view text, std::size_t& at);

}  // namespace isotherm::render
