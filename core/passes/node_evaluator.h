// How passes compute a node whose inputs are all constants: whoever has a device that can run it lends it to them.
#pragma once

#include <span>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/tensor.h"

namespace isotherm {

class NodeEvaluator {
 public:
  virtual ~NodeEvaluator() = default;
  /// The values of all outputs of the node, on the host; an invalid tensor for an output that stays dead (of a Switch).
  /// `inputs`: of the data inputs, on the host, aligned to kHostAlignment. An error is a node that cannot be computed:
  /// `unsupported` where the device does not know the op.
  [[nodiscard]] virtual Result<std::vector<Tensor>> evaluate(const NodeRecord& node,
                                                             std::span<const Tensor> inputs) const = 0;
};

}  // namespace isotherm
