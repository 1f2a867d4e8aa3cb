// What happens to a graph and its parameters before it is segmented.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/convert/converter.h"

namespace isotherm {

struct Prepared {
  std::shared_ptr<const Graph> graph;
  ConversionParams params;  ///< as used: calibration and precision settled, outputs filled in
  std::set<NodeId> excluded;
  bool explicit_precision = false;
  bool has_quantization_ops = false;
  std::vector<PassReport> passes;
  std::vector<std::string> warnings;
  std::function<bool()> cancelled;  ///< asked while the graph is segmented; true stops with the error `cancelled`

  /// Whether engines are built when they run (TF-TRT's dynamic engines), not at conversion.
  [[nodiscard]] bool is_dynamic() const { return params.is_dynamic_op || params.use_calibration; }
};

/// Checks the parameters, settles precision and calibration, cuts at inputs, writes feed shapes into the Placeholders,
/// and in FP16 splits each Cast to float32 in two through half. The graph itself is returned where nothing changes.
Result<Prepared> prepare_conversion(std::shared_ptr<const Graph> graph, const ConversionParams& params);

/// Whether prepare_conversion() makes the same graph for both, of one and the same input. For parameters as used
/// (Prepared::params).
bool prepares_alike(const ConversionParams& a, const ConversionParams& b);

/// Shapes of the prepared graph. Graph passes may bring contradictions to light that nothing knew of in the graph as it
/// was; TF-TRT then goes on with unknown shapes, and so does this.
Result<GraphShapes> infer_prepared_shapes(const Prepared& prepared);

/// What graph passes must leave in the graph: the outputs and, as in TF-TRT, the excluded nodes.
std::vector<std::string> kept_tensors(const ConversionParams& params);

/// "Range", "Optimal", "Range+Optimal", "ImplicitBatchModeCompatible": TF-TRT's spelling of a strategy given in any
/// case.
Result<std::string> profile_strategy_name(const std::string& text);

}  // namespace isotherm
