// Text and size in a PNG: chunks put into a finished file.
#pragma once

#include <string>
#include <string_view>

#include "core/render/render_file.h"

namespace isotherm::render {

/// `png` with Title and Software, and where the options say so Description, Creation Time and the pixels per metre of a
/// width in mm, right after its header. Text is Latin-1 (tEXt) where it is ASCII, else UTF-8 (iTXt).
std::string with_png_chunks(std::string png, std::string_view title, const FileOptions& options);

}  // namespace isotherm::render
