// Plans of one graph under changing settings: what if?
#pragma once

#include <functional>
#include <memory>

#include "core/convert/converter.h"
#include "core/convert/plan.h"

namespace isotherm {

/// plan_conversion() again and again, fast: the graph to be segmented and its shapes are kept as long as no setting
/// changes them (inputs, shapes of inputs, cleared devices, the casts that FP16 splits). One thread at a time.
class Planner {
 public:
  explicit Planner(std::shared_ptr<const Graph> graph) : graph_(std::move(graph)) {}

  /// As plan_conversion(). `lift`: see plan_prepared().
  Result<Conversion> plan(const ConversionParams& params, const LiftRefusal& lift = {});

  [[nodiscard]] const std::shared_ptr<const Graph>& graph() const { return graph_; }

 private:
  std::shared_ptr<const Graph> graph_;
  ConversionParams last_;                  ///< that `prepared_` was made with
  std::shared_ptr<const Graph> prepared_;  ///< the graph that was segmented; null before the first plan
  GraphShapes shapes_;                     ///< of `prepared_`
};

}  // namespace isotherm
