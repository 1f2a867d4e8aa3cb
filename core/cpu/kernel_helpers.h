// What kernels share: reading small integer inputs, axes, strides, errors.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/cpu/parallel.h"
#include "core/cpu/registry.h"
#include "core/cpu/types.h"
#include "core/graph/tensor.h"

namespace isotherm::cpu {

/// All elements of an integer tensor.
std::vector<std::int64_t> integers_of(const Tensor& tensor);
/// The one element of an integer tensor; an error names `what`.
Result<std::int64_t> integer_of(const Tensor& tensor, const std::string& what);
/// `axis` (may count from the end) as an index below `rank`.
Result<int> normalise_axis(std::int64_t axis, int rank);
/// Axes of a tensor of axes, sorted, each once. An axis named twice is an error if `unique`.
Result<std::vector<int>> axes_of(const Tensor& axes, int rank, bool unique = false);
/// Row-major strides in elements.
std::vector<std::int64_t> strides_of(const Shape& shape);
/// Product of dims [from, to).
std::int64_t product(const Shape& shape, int from, int to);
/// A shape from values; an error for a negative dimension or a product beyond 63 bits.
Result<Shape> shape_from(std::span<const std::int64_t> dims);
/// A 1-D int32 or int64 tensor.
Result<Tensor> index_vector(KernelContext& context, DType dtype, std::span<const std::int64_t> values);

/// Input `i`'s buffer where this node is its last reader, else fresh memory.
Result<Tensor> reuse_or_allocate(KernelContext& context, int i, DType dtype, const Shape& shape);

/// The value of input `i` if it is a constant, also through Identity nodes, aligned; invalid otherwise.
Result<Tensor> constant_input(const KernelRequest& request, int i);

/// Fails unless at least `n` inputs came.
Status expect_inputs(KernelContext& context, int n);
Status expect_rank(const Tensor& tensor, int rank, const std::string& what);
Status expect_same_shape(const Tensor& a, const Tensor& b, const std::string& what_a, const std::string& what_b);

template <class T>
const T* in(const Tensor& tensor) {
  return tensor.data<T>().data();
}
template <class T>
T* out(Tensor& tensor) {
  return tensor.mutable_data<T>().data();
}

}  // namespace isotherm::cpu
