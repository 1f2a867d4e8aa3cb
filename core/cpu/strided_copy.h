// Moves elements between tensors along strides: the one loop behind slices, transposes, pads, tiles, concatenations.
#pragma once

#include <string>
#include <vector>

#include "core/graph/tensor.h"

namespace isotherm::cpu {

/// for every index in dims: dst[dst_offset + index . dst_strides] = src[src_offset + index . src_strides], in elements.
/// Strides may be negative or, of the source, zero (repetition).
struct StridedCopy {
  std::vector<std::int64_t> dims, src_strides, dst_strides;
  std::int64_t src_offset = 0, dst_offset = 0;
};

/// Tensors of one dtype: numbers, strings, or objects. All indices must be inside.
void copy_strided(StridedCopy copy, const Tensor& src, Tensor& dst, int threads);

/// dst[i] = src[source(i)] for every element of dst; a negative source gives `fill` (one element; null: zero, "").
template <class F>
void copy_indexed(const Tensor& src, Tensor& dst, const Tensor* fill, F&& source);

/// The elements of a string tensor that was just allocated.
inline std::vector<std::string>& strings_of(Tensor& tensor) {
  return static_cast<StringBuffer*>(tensor.buffer().get())->values;
}
inline std::vector<std::shared_ptr<TensorObject>>& objects_of(Tensor& tensor) {
  return static_cast<ObjectBuffer*>(tensor.buffer().get())->values;
}
/// Sets all elements to `value`'s one element (null: zero).
void fill_with(Tensor& dst, const Tensor* value);
/// Copies n elements.
void copy_elements(const Tensor& src, std::int64_t src_at, Tensor& dst, std::int64_t dst_at, std::int64_t n);

template <class F>
void copy_indexed(const Tensor& src, Tensor& dst, const Tensor* fill, F&& source) {
  if (fill) fill_with(dst, fill);
  const std::int64_t n = dst.elements();
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t from = source(i);
    if (from >= 0) copy_elements(src, from, dst, i, 1);
  }
}

}  // namespace isotherm::cpu
