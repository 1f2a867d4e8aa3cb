// The settings that a picture was made with, in a line beside its title.
#pragma once

#include <string>

#include "core/convert/converter.h"

namespace isotherm::render {

/// "explicit batch, FP32, minimum segment size 3, graph as it stands"; what else differs from TF-TRT's defaults follows.
std::string settings_words(const ConversionParams& params);

}  // namespace isotherm::render
