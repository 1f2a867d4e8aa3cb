// Optimiser steps: variables, slots and the gradient have one shape; the rest are scalars.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// What a resource refers to, or the input itself where it is a reference.
ShapeHandle variable(ShapeContext& c, int i) {
  if (c.outputs() > 0) return c.input(i);
  return c.handle(i) ? c.handle(i)->shape : c.unknown_shape();
}

/// `slots` variables first; the gradient is input `gradient`.
Status apply(ShapeContext& c, int slots, int gradient) {
  ShapeHandle s = variable(c, 0);
  for (int i = 1; i < slots; ++i) {
    ISO_ASSIGN(s, c.merge(s, variable(c, i)));
  }
  for (int i = slots; i < c.inputs(); ++i) {
    if (i == gradient) {
      ISO_ASSIGN(s, c.merge(s, c.input(i)));
    } else {
      ISO_TRY(c.with_rank(c.input(i), 0).status());
    }
  }
  c.set_output(0, s);
  return {};
}

template <int slots, int gradient>
Status apply_fn(ShapeContext& c) {
  return apply(c, slots, gradient);
}

}  // namespace

void register_training_shapes(ShapeRegistry& registry) {
  registry.add({"ApplyGradientDescent", "ResourceApplyGradientDescent"}, apply_fn<1, 2>);
  registry.add({"ApplyMomentum", "ResourceApplyMomentum", "ResourceApplyKerasMomentum"}, apply_fn<2, 3>);
  registry.add({"ApplyAdagrad", "ResourceApplyAdagrad"}, apply_fn<2, 3>);
  registry.add({"ApplyAdagradV2", "ResourceApplyAdagradV2"}, apply_fn<2, 4>);
  registry.add({"ApplyAdam", "ResourceApplyAdam"}, apply_fn<3, 9>);
  registry.add({"ApplyRMSProp", "ResourceApplyRMSProp"}, apply_fn<3, 7>);
}

}  // namespace isotherm::shapes
