// TF-TRT's environment variables.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm {

/// TF-TRT's variables as they are set. An empty one is as if it were not there.
struct TrtEnvironment {
  std::set<std::string> denied_ops;  ///< TF_TRT_OP_DENYLIST=OP,..
  std::set<std::string> fake_ops;    ///< TF_TRT_OP_FAKELIST=OP,..: look convertible
  std::optional<int> max_engines;    ///< TF_TRT_MAX_ALLOWED_ENGINES
  /// TF_TRT_SHOW_DETAILED_REPORT: a number above 0 asks for a report of what stayed native, anything else is the path
  /// of a file for it.
  bool detailed_report = false;
  std::string report_path;
  std::string graph_viz_path;         ///< TF_TRT_EXPORT_GRAPH_VIZ_PATH: a DOT file of the converted graph
  bool allow_native_segments = true;  ///< TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION
  /// A sentence for each variable TF_TRT_* that has no effect: unknown here, or its value means nothing.
  std::vector<std::string> without_effect;
};

/// `variables`: "NAME=VALUE" each; others than TF_TRT_* are passed over.
TrtEnvironment read_trt_environment(const std::vector<std::string>& variables);

/// The variables of this process.
std::vector<std::string> process_environment();

/// Which settings were given in another way, which wins.
struct GivenSettings {
  bool denied_ops = false, max_engines = false;
};

/// Puts what the environment says into `params`, and into `params.environment` a sentence for each variable that acts
/// there, that is overruled, or that has no effect.
void apply_environment(const TrtEnvironment& environment, const GivenSettings& given, ConversionParams& params);

}  // namespace isotherm
