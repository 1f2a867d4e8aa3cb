#include "core/render/settings_words.h"

namespace isotherm::render {

std::string settings_words(const ConversionParams& params) {
  std::string out = params.implicit_batch ? "implicit batch" : "explicit batch";
  out += ", " + std::string(precision_name(params.precision_mode));
  out += ", minimum segment size " + std::to_string(params.minimum_segment_size);
  out += params.passes == GraphPasses::none ? ", graph as it stands" : ", after TF-TRT's graph passes";
  const ConversionParams defaults;
  if (params.is_dynamic_op) out += ", dynamic";
  if (params.max_engines != defaults.max_engines) out += ", at most " + std::to_string(params.max_engines) + " engines";
  if (!params.denied_ops.empty()) out += ", " + std::to_string(params.denied_ops.size()) + (params.denied_ops.size() == 1 ? " op denied" : " ops denied");
  if (!params.excluded_nodes.empty()) out += ", " + std::to_string(params.excluded_nodes.size()) + (params.excluded_nodes.size() == 1 ? " node excluded" : " nodes excluded");
  return out;
}

}  // namespace isotherm::render
