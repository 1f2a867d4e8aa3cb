// The geometry of TensorFlow's convolution ops, from their attributes and shapes.
#pragma once

#include "core/cpu/convolution_reference.h"
#include "core/cpu/window.h"

namespace isotherm::cpu {

struct ConvolutionShapes {
  ConvolutionGeometry geometry;
  std::array<std::int64_t, 3> pad_end{0, 0, 0};
  int spatial = 2;
  Shape src, filter, dst;
};

/// `src` is the input image, `filter` [kernel.., in / groups, out], of a depthwise convolution [kernel.., in,
/// multiplier]. An error if they do not fit.
Result<ConvolutionShapes> convolution_shapes(const WindowAttributes& a, const Shape& src, const Shape& filter,
                                             bool depthwise);

}  // namespace isotherm::cpu
