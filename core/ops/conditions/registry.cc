#include "core/ops/conditions/registry.h"

namespace isotherm::conditions {

const Registry& registry() {
  static const Registry all = [] {
    Registry r;
    register_sources(r);
    register_arithmetic(r);
    register_convolutions(r);
    register_pooling(r);
    register_matrix_products(r);
    register_layout(r);
    register_slicing(r);
    register_joining(r);
    register_selection(r);
    register_images(r);
    register_quantization(r);
    return r;
  }();
  return all;
}

}  // namespace isotherm::conditions
