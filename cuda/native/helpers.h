// What kernels share: typed pointers, scratch, errors of launches.
#pragma once

#include <span>

#include "core/cpu/kernel_helpers.h"
#include "cuda/device/device.h"
#include "cuda/device/error.h"
#include "cuda/native/registry.h"

namespace isotherm::cuda {

// Sizes, axes and strides are reckoned as the CPU device reckons them.
using cpu::axes_of;
using cpu::expect_inputs;
using cpu::expect_rank;
using cpu::integer_of;
using cpu::integers_of;
using cpu::normalise_axis;
using cpu::product;
using cpu::reuse_or_allocate;
using cpu::shape_from;
using cpu::strides_of;

inline const float* floats(const Tensor& tensor) { return reinterpret_cast<const float*>(tensor.raw()); }
inline float* floats_out(const Tensor& tensor) { return reinterpret_cast<float*>(tensor.raw()); }

/// An int that a kernel's geometry takes; an error names `what`.
inline Status fits_int(std::int64_t value, const char* what) {
  if (value >= 0 && value < (std::int64_t{1} << 31)) return {};
  return unsupported(std::string(what) + " is " + std::to_string(value) + "; the CUDA device takes less than 2^31");
}

}  // namespace isotherm::cuda
