// From a native segment's body to a network of one layer per node, in topological order.
#pragma once

#include "core/engine/network.h"

namespace isotherm {

/// Every node that is no Const, argument or result becomes a layer of kind `native`. Shapes are inferred with the
/// arguments' `input_shapes`; a tensor whose value follows from constants and shapes is a constant, and the nodes that
/// made it are `folded` into it. `weights`: see NetworkOptions.
Result<Network> import_segment(const Graph& body, std::string_view name, const std::vector<Shape>& input_shapes,
                               const std::vector<Tensor>& weights = {});

/// Makes tensors whose value is a known constant constants of the network, in place of the layers that make them.
/// Used with shape inference's values and by fold_constants.
void set_constant(Network& network, int layer, std::vector<Tensor> values);

}  // namespace isotherm
