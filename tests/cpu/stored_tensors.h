// Tensors that TensorFlow stored as .npy files, and the comparison with ours.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/graph/tensor.h"

namespace isotherm::test {

/// The same values as `dtype` where a file cannot say it: quantized types, bfloat16.
Result<Tensor> as_dtype(const Tensor& stored, DType dtype);

/// All .npy files below `folder`: tensor name ("a/b", "a/b:1") -> file.
std::map<std::string, std::filesystem::path> npy_files(const std::filesystem::path& folder);

struct Tolerance {
  double rtol = 1e-4, atol = 1e-5;
  bool ignore_sign = false;  ///< vectors are unique up to sign
  bool any_order = false;    ///< along the last axis
};

struct Difference {
  bool same = false;
  std::string why;
  double worst = 0;  ///< max |a - b| over max |b|, over finite values
};

/// Shape and dtype class must agree; numbers within rtol and atol each, or all within rtol of the largest.
Difference compare(const Tensor& expected, const Tensor& found, const Tolerance& tolerance);

}  // namespace isotherm::test
