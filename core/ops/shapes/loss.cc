// Losses.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Logits [n, classes], labels [n].
Status sparse_cross_entropy(ShapeContext& c) {
  ISO_ASSIGN(ShapeHandle logits, c.with_rank(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle labels, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const DimHandle batch, c.merge(c.dim(labels, 0), c.dim(logits, 0)));
  ISO_ASSIGN(logits, c.replace_dim(logits, 0, batch));
  c.set_output(0, c.vector(batch));
  c.set_output(1, logits);
  return {};
}

/// Logits and labels [n, classes]; they may broadcast.
Status cross_entropy(ShapeContext& c) {
  ShapeHandle both;
  const auto logits = c.with_rank(c.input(0), 2);
  const auto merged = logits.ok() ? c.merge(*logits, c.input(1)) : logits;
  if (merged.ok()) {
    both = *merged;
  } else {
    ISO_ASSIGN(both, broadcast(c, c.input(0), c.input(1)));
    ISO_ASSIGN(both, c.with_rank(both, 2));
  }
  c.set_output(0, c.vector(c.dim(both, 0)));
  c.set_output(1, both);
  return {};
}

}  // namespace

void register_loss_shapes(ShapeRegistry& registry) {
  registry.add("SparseSoftmaxCrossEntropyWithLogits", sparse_cross_entropy);
  registry.add("SoftmaxCrossEntropyWithLogits", cross_entropy);
  registry.add("L2Loss", all_scalar);
}

}  // namespace isotherm::shapes
