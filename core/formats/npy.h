// NumPy's .npy files: one tensor each (format versions 1.0 to 3.0,
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once

#include <memory>
#include <string>

#include "core/graph/tensor.h"

namespace isotherm {

/// Reads numbers, bools, complex numbers, `S` (trailing zero bytes are padding) and `U` (as UTF-8) arrays, of either
/// byte order, row-major or Fortran. Row-major arrays of a large file stay mapped. An error names the file, what was
/// found and what was expected: other dtypes (objects, structures, dates), damaged headers, files too short or too
/// long.
Result<Tensor> read_npy(const std::string& path);
/// The same from memory; `name` stands for the path in errors.
Result<Tensor> read_npy(std::shared_ptr<Buffer> bytes, const std::string& name);

/// Writes a host tensor, beside `path` and renamed over it. Strings become an `S` array as wide as the longest, which
/// keeps no zero bytes at a string's end; bfloat16 and the 8-bit floats are written as float32, quantized integers as
/// plain ones, int4 and uint4 as int8 and uint8. Resources and variants are an error.
Status write_npy(const std::string& path, const Tensor& tensor);

}  // namespace isotherm
