// What other settings would make of a graph: the segmentation alone, asked again and again.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/convert/plan.h"

namespace isotherm {

/// Answers as plan_conversion() does, without doing twice what two questions share: the edited graph and its shapes
/// are kept for settings that edit it alike (inputs, shapes, cleared devices, FP16). Threads may share one.
class WhatIf {
 public:
  explicit WhatIf(std::shared_ptr<const Graph> graph) : graph_(std::move(graph)) {}
  /// Begins with the shapes that a conversion of the same graph has found.
  WhatIf(std::shared_ptr<const Graph> graph, const Conversion& known);

  /// Segments, engines and reasons; nothing is built. `lift`: see plan_prepared(). Errors: those of plan_conversion();
  /// cancelled.
  Result<Conversion> plan(const ConversionParams& params, const std::function<bool()>& cancelled = {},
                          const LiftRefusal& lift = {}) const;
  /// Adds the converted graph to what plan() answered for `params`: together they are convert().
  Result<Conversion> finish(Conversion planned, const ConversionParams& params) const;

  [[nodiscard]] const std::shared_ptr<const Graph>& graph() const { return graph_; }

 private:
  /// A graph as settings edit it.
  struct Edited {
    ConversionParams params;  ///< as used
    std::shared_ptr<const Graph> graph;
    GraphShapes shapes;
  };
  [[nodiscard]] std::shared_ptr<const Edited> known(const ConversionParams& params) const;
  void keep(std::shared_ptr<const Edited> edited) const;

  std::shared_ptr<const Graph> graph_;
  mutable std::mutex mutex_;
  mutable std::vector<std::shared_ptr<const Edited>> edited_;  ///< latest used first
};

}  // namespace isotherm
