// Gather, GatherV2, GatherNd, DynamicPartition, DynamicStitch.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

Error outside(std::int64_t index, std::int64_t size) {
  return invalid_input("index " + std::to_string(index) + " is outside a dimension of size " + std::to_string(size));
}

Status gather(KernelContext& context, const Tensor& x, const Tensor& indices, int axis, int batch_dims) {
  if (batch_dims > axis || batch_dims > indices.rank())
    return invalid_input("batch_dims is " + std::to_string(batch_dims) + "; expected at most the axis " +
                         std::to_string(axis) + " and the indices' rank");
  for (int i = 0; i < batch_dims; ++i)
    if (x.dim(i) != indices.dim(i))
      return invalid_input("batch dimension " + std::to_string(i) + " is " + std::to_string(x.dim(i)) +
                           " in params and " + std::to_string(indices.dim(i)) + " in indices");
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.add_dim(x.dim(i));
  for (int i = batch_dims; i < indices.rank(); ++i) shape.add_dim(indices.dim(i));
  for (int i = axis + 1; i < x.rank(); ++i) shape.add_dim(x.dim(i));
  const std::int64_t batch = product(x.shape(), 0, batch_dims), outer = product(x.shape(), batch_dims, axis),
                     size = x.dim(axis);
  const std::int64_t inner = product(x.shape(), axis + 1, x.rank()),
                     count = product(indices.shape(), batch_dims, indices.rank());
  ISO_ASSIGN(const Shape checked, shape_from(shape.dims()));
  for (std::int64_t i = 0; i < indices.elements(); ++i)
    if (const std::int64_t at = integer_at(indices, i); at < 0 || at >= size) return outside(at, size);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), checked));
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < count; ++i)
        copy_elements(x, ((b * outer + o) * size + integer_at(indices, b * count + i)) * inner, result,
                      ((b * outer + o) * count + i) * inner, inner);
  context.set_output(0, std::move(result));
  return {};
}

Status run_gather(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  if (context.input(0).rank() < 1) return invalid_input("params is a scalar; expected rank 1 or more");
  return gather(context, context.input(0), context.input(1), 0, 0);
}

Status run_gather_v2(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  const Tensor& indices = context.input(1);
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(2), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  std::int64_t batch_dims = node.attrs.get_int("batch_dims");
  if (batch_dims < 0) batch_dims += indices.rank();
  if (batch_dims < 0) return invalid_input("batch_dims is below the indices' rank");
  return gather(context, x, indices, axis, static_cast<int>(batch_dims));
}

/// Offset of the slice that a row of `indices` (depth values) names; an error if it is outside.
Result<std::int64_t> slice_offset(const Tensor& indices, std::int64_t row, std::int64_t depth, const Shape& shape,
                                  std::int64_t slice) {
  std::int64_t at = 0;
  for (std::int64_t d = 0; d < depth; ++d) {
    const std::int64_t i = integer_at(indices, row * depth + d), dim = shape[static_cast<int>(d)];
    if (i < 0 || i >= dim) return outside(i, dim);
    at = at * dim + i;
  }
  return at * slice;
}

Status run_gather_nd(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& indices = context.input(1);
  if (indices.rank() < 1 || indices.dim(indices.rank() - 1) > x.rank())
    return invalid_input("indices have shape " + indices.shape().to_string() +
                         "; expected a last dimension of at most " + std::to_string(x.rank()));
  const std::int64_t depth = indices.dim(indices.rank() - 1), rows = product(indices.shape(), 0, indices.rank() - 1);
  Shape shape;
  for (int i = 0; i + 1 < indices.rank(); ++i) shape.add_dim(indices.dim(i));
  for (int i = static_cast<int>(depth); i < x.rank(); ++i) shape.add_dim(x.dim(i));
  const std::int64_t slice = product(x.shape(), static_cast<int>(depth), x.rank());
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  for (std::int64_t r = 0; r < rows; ++r) {
    ISO_ASSIGN(const std::int64_t at, slice_offset(indices, r, depth, x.shape(), slice));
    copy_elements(x, at, result, r * slice, slice);
  }
  context.set_output(0, std::move(result));
  return {};
}

Status run_dynamic_partition(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& parts = context.input(1);
  const std::int64_t n = node.attrs.get_int("num_partitions", 1);
  bool fits = parts.rank() <= x.rank();
  for (int i = 0; fits && i < parts.rank(); ++i) fits = parts.dim(i) == x.dim(i);
  if (!fits)
    return invalid_input("partitions have shape " + parts.shape().to_string() + "; expected the first dimensions of " +
                         x.shape().to_string());
  const std::int64_t slice = product(x.shape(), parts.rank(), x.rank());
  std::vector<std::vector<std::int64_t>> rows(static_cast<std::size_t>(std::max<std::int64_t>(n, 0)));
  for (std::int64_t i = 0; i < parts.elements(); ++i) {
    const std::int64_t to = integer_at(parts, i);
    if (to < 0 || to >= n)
      return invalid_input("partition " + std::to_string(to) + " is outside 0 to " + std::to_string(n - 1));
    rows[static_cast<std::size_t>(to)].push_back(i);
  }
  for (std::size_t p = 0; p < rows.size(); ++p) {
    Shape shape{static_cast<std::int64_t>(rows[p].size())};
    for (int i = parts.rank(); i < x.rank(); ++i) shape.add_dim(x.dim(i));
    ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
    for (std::size_t i = 0; i < rows[p].size(); ++i)
      copy_elements(x, rows[p][i] * slice, result, static_cast<std::int64_t>(i) * slice, slice);
    context.set_output(static_cast<int>(p), std::move(result));
  }
  return {};
}

Status run_dynamic_stitch(KernelContext& context, const Node&) {
  const int n = context.input_count() / 2;
  if (n < 1) return invalid_input("found no inputs; expected indices and data");
  std::int64_t rows = 0;
  const Tensor& first = context.input(n);
  for (int k = 0; k < n; ++k)
    for (std::int64_t i = 0; i < context.input(k).elements(); ++i) {
      const std::int64_t at = integer_at(context.input(k), i);
      if (at < 0) return invalid_input("index " + std::to_string(at) + " is negative; expected 0 or more");
      rows = std::max(rows, at + 1);
    }
  std::vector<std::int64_t> dims{rows};
  for (int i = context.input(0).rank(); i < first.rank(); ++i) dims.push_back(first.dim(i));
  ISO_ASSIGN(const Shape shape, shape_from(dims));
  const std::int64_t slice = product(shape, 1, shape.rank());
  ISO_ASSIGN(Tensor result, context.allocate(first.dtype(), shape));
  fill_with(result, nullptr);
  for (int k = 0; k < n; ++k) {
    const Tensor& indices = context.input(k);
    const Tensor& data = context.input(n + k);
    if (data.elements() != indices.elements() * slice)
      return invalid_input("data " + std::to_string(k) + " has shape " + data.shape().to_string() + "; expected " +
                           std::to_string(slice) + " values for each index");
    for (std::int64_t i = 0; i < indices.elements(); ++i)
      copy_elements(data, i * slice, result, integer_at(indices, i) * slice, slice);
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_gather(KernelRegistry& r) {
  r.add("Gather", run_gather);
  r.add("GatherV2", run_gather_v2);
  r.add("GatherNd", run_gather_nd);
  r.add("DynamicPartition", run_dynamic_partition);
  r.add({"DynamicStitch", "ParallelDynamicStitch"}, run_dynamic_stitch);
}

}  // namespace isotherm::cpu
