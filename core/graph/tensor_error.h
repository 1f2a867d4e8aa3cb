// How far a tensor is from what it should be, as this project measures it everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/graph/tensor.h"

namespace isotherm {

struct TensorError {
  /// Max |a - b| over max |b|, over finite values; where b is all zeros max |a - b| itself. NaN where `mismatch` says
  /// that something differs which may not.
  double error = 0;
  double difference = 0;      ///< max |a - b|
  double largest = 0;         ///< max |b|
  std::int64_t elements = 0;  ///< of b
  std::int64_t tied = 0;      ///< integers that differ and may: see TieCheck
  std::string mismatch;       ///< "NaN or infinity at 3 of 8 places in one of the two alone, the first at 5"
};

/// Whether index `a`, found at `element` of an index tensor (argmax, NMS), is as good as `b`: their scores tie.
using TieCheck = std::function<bool(std::int64_t element, std::int64_t a, std::int64_t b)>;

/// Of host tensors. `b` is the one that is right. Shapes must be the same, NaN and infinities at the same places;
/// integers, booleans and strings equal, but for integers that `tied` lets differ. Types must be the same, but that any
/// two floating-point types compare. Values that are no arrays (resources, variants) cannot be compared: a mismatch
/// that says so.
TensorError tensor_error(const Tensor& a, const Tensor& b, const TieCheck& tied = {});

}  // namespace isotherm
