// ScatterNd, TensorScatterUpdate and its kin, segment sums.
#include <limits>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

enum class Combine { set, add, subtract, minimum, maximum, multiply };

template <class T>
void combine(Combine how, T& to, T value) {
  switch (how) {
    case Combine::set:
      to = value;
      return;
    case Combine::add:
      to = static_cast<T>(to + value);
      return;
    case Combine::subtract:
      to = static_cast<T>(to - value);
      return;
    case Combine::multiply:
      to = static_cast<T>(to * value);
      return;
    case Combine::minimum:
      if constexpr (!is_complex_v<T>) to = value < to ? value : to;
      return;
    case Combine::maximum:
      if constexpr (!is_complex_v<T>) to = to < value ? value : to;
      return;
  }
}

/// Writes rows of `updates` into `result` at the slices that rows of `indices` name.
Status scatter(const Tensor& indices, const Tensor& updates, Tensor& result, Combine how) {
  if (indices.rank() < 1) return invalid_input("indices is a scalar; expected rank 1 or more");
  const std::int64_t depth = indices.dim(indices.rank() - 1), rows = product(indices.shape(), 0, indices.rank() - 1);
  if (depth > result.rank())
    return invalid_input("indices have shape " + indices.shape().to_string() +
                         "; expected a last dimension of at most " + std::to_string(result.rank()));
  const std::int64_t slice = product(result.shape(), static_cast<int>(depth), result.rank());
  if (updates.elements() != rows * slice)
    return invalid_input("updates have shape " + updates.shape().to_string() + "; expected " + std::to_string(slice) +
                         " values for each of " + std::to_string(rows) + " indices");
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int64_t at = 0;
    for (std::int64_t d = 0; d < depth; ++d) {
      const std::int64_t i = integer_at(indices, r * depth + d), dim = result.dim(static_cast<int>(d));
      if (i < 0 || i >= dim)
        return invalid_input("index " + std::to_string(i) + " is outside a dimension of size " + std::to_string(dim));
      at = at * dim + i;
    }
    if (how == Combine::set) {
      copy_elements(updates, r * slice, result, at * slice, slice);
      continue;
    }
    ISO_TRY(for_arithmetic(result.dtype(), [&](auto tag) -> Status {
      using T = typename decltype(tag)::type;
      const T* from = in<T>(updates) + r * slice;
      T* to = out<T>(result) + at * slice;
      for (std::int64_t i = 0; i < slice; ++i) combine(how, to[i], from[i]);
      return {};
    }));
  }
  return {};
}

Status run_scatter_nd(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& updates = context.input(1);
  ISO_ASSIGN(const Shape shape, shape_from(integers_of(context.input(2))));
  ISO_ASSIGN(Tensor result, context.allocate(updates.dtype(), shape));
  fill_with(result, nullptr);
  const bool numbers = updates.dtype() != DType::string && updates.dtype() != DType::boolean;
  ISO_TRY(scatter(context.input(0), updates, result, numbers ? Combine::add : Combine::set));
  context.set_output(0, std::move(result));
  return {};
}

template <Combine How>
Status run_tensor_scatter(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  copy_elements(x, 0, result, 0, x.elements());
  ISO_TRY(scatter(context.input(1), context.input(2), result, How));
  context.set_output(0, std::move(result));
  return {};
}

enum class Fold { sum, mean, product, minimum, maximum };

template <class T>
T fold_start(Fold fold, bool sorted, DType declared) {
  // Sorted segments without rows give 0 (of a product 1); unsorted ones the fold's own identity.
  if (fold == Fold::product) return T(1);
  if constexpr (!is_complex_v<T>) {
    if (!sorted && fold == Fold::minimum) {
      if constexpr (std::is_floating_point_v<T>)
        return -lowest_of<T>(declared);
      else
        return std::numeric_limits<T>::max();
    }
    if (!sorted && fold == Fold::maximum) return lowest_of<T>(declared);
  }
  return T(0);
}

template <class T>
void fold_rows(Fold fold, bool sorted, DType declared, const Tensor& x, const std::vector<std::int64_t>& ids,
               Tensor& result, std::int64_t slice) {
  const std::int64_t segments = result.dim(0);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(segments), 0);
  T* to = out<T>(result);
  std::fill_n(to, result.elements(), fold_start<T>(fold, sorted, declared));
  const Combine how = fold == Fold::product   ? Combine::multiply
                      : fold == Fold::minimum ? Combine::minimum
                      : fold == Fold::maximum ? Combine::maximum
                                              : Combine::add;
  for (std::size_t r = 0; r < ids.size(); ++r) {
    if (ids[r] < 0) continue;  // unsorted: a negative id drops the row
    const T* from = in<T>(x) + static_cast<std::int64_t>(r) * slice;
    T* row = to + ids[r] * slice;
    const bool first = counts[static_cast<std::size_t>(ids[r])]++ == 0;
    for (std::int64_t i = 0; i < slice; ++i) combine(first ? Combine::set : how, row[i], from[i]);
  }
  if (fold == Fold::mean)
    for (std::int64_t s = 0; s < segments; ++s)
      if (const std::int64_t n = counts[static_cast<std::size_t>(s)]; n > 1)
        for (std::int64_t i = 0; i < slice; ++i)
          to[s * slice + i] = static_cast<T>(to[s * slice + i] / static_cast<T>(n));
}

template <Fold How, bool Sorted>
Status run_segment(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, Sorted ? 2 : 3));
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> ids = integers_of(context.input(1));
  const int id_rank = context.input(1).rank();
  bool fits = id_rank <= x.rank() && (!Sorted || id_rank == 1);
  for (int i = 0; fits && i < id_rank; ++i) fits = context.input(1).dim(i) == x.dim(i);
  if (!fits)
    return invalid_input("segment ids have shape " + context.input(1).shape().to_string() +
                         "; expected the first dimensions of " + x.shape().to_string());
  std::int64_t segments = 0;
  if constexpr (Sorted) {
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (ids[i] < 0 || (i > 0 && ids[i] < ids[i - 1]))
        return invalid_input("segment id " + std::to_string(ids[i]) +
                             " breaks the order; expected ids that rise from 0");
    segments = ids.empty() ? 0 : ids.back() + 1;
  } else {
    ISO_ASSIGN(segments, integer_of(context.input(2), "num_segments"));
    for (const std::int64_t id : ids)
      if (id >= segments)
        return invalid_input("segment id " + std::to_string(id) + " is outside " + std::to_string(segments) +
                             " segments");
  }
  std::vector<std::int64_t> dims{segments};
  for (int i = id_rank; i < x.rank(); ++i) dims.push_back(x.dim(i));
  ISO_ASSIGN(const Shape shape, shape_from(dims));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  const std::int64_t slice = product(x.shape(), id_rank, x.rank());
  const DType declared = node.attrs.get_type("T", x.dtype());
  const auto as = [&](auto tag) -> Status {
    fold_rows<typename decltype(tag)::type>(How, Sorted, declared, x, ids, result, slice);
    return {};
  };
  if constexpr (How == Fold::minimum || How == Fold::maximum) {
    ISO_TRY(for_numbers(x.dtype(), as));
  } else {
    ISO_TRY(for_arithmetic(x.dtype(), as));
  }
  context.set_output(0, std::move(result));
  return {};
}

/// Indices, shape, values of a sparse tensor added to a dense one.
Status run_sparse_dense_add(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 4));
  const Tensor& dense = context.input(3);
  if (integers_of(context.input(2)) != dense.shape().dims())
    return invalid_input("the dense tensor has shape " + dense.shape().to_string() + "; expected the sparse one's");
  ISO_ASSIGN(Tensor result, context.allocate(dense.dtype(), dense.shape()));
  copy_elements(dense, 0, result, 0, dense.elements());
  ISO_TRY(scatter(context.input(0), context.input(1), result, Combine::add));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_scatter(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add("ScatterNd", run_scatter_nd, wide);
  r.add("TensorScatterUpdate", run_tensor_scatter<Combine::set>);
  r.add({"TensorScatterAdd", "ScatterNdNonAliasingAdd"}, run_tensor_scatter<Combine::add>, wide);
  r.add("TensorScatterSub", run_tensor_scatter<Combine::subtract>, wide);
  r.add("TensorScatterMin", run_tensor_scatter<Combine::minimum>, wide);
  r.add("TensorScatterMax", run_tensor_scatter<Combine::maximum>, wide);
  r.add("SegmentSum", run_segment<Fold::sum, true>, wide);
  r.add("SegmentMean", run_segment<Fold::mean, true>, wide);
  r.add("SegmentProd", run_segment<Fold::product, true>, wide);
  r.add("SegmentMin", run_segment<Fold::minimum, true>, wide);
  r.add("SegmentMax", run_segment<Fold::maximum, true>, wide);
  r.add("UnsortedSegmentSum", run_segment<Fold::sum, false>, wide);
  r.add("UnsortedSegmentProd", run_segment<Fold::product, false>, wide);
  r.add("UnsortedSegmentMin", run_segment<Fold::minimum, false>, wide);
  r.add("UnsortedSegmentMax", run_segment<Fold::maximum, false>, wide);
  r.add("SparseTensorDenseAdd", run_sparse_dense_add, wide);
}

}  // namespace isotherm::cpu
