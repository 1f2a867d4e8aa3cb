// ConcatV2, Concat, Pack, ParallelConcat, Tile, Fill, BroadcastTo, ZerosLike, OnesLike.
#include "core/cpu/broadcast.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

Status concatenate(KernelContext& context, int first, int count, std::int64_t axis_value) {
  const Tensor& x = context.input(first);
  if (x.rank() == 0) return invalid_input("the inputs are scalars; expected rank 1 or more");
  ISO_ASSIGN(const int axis, normalise_axis(axis_value, x.rank()));
  Shape shape = x.shape();
  std::int64_t total = 0;
  for (int i = 0; i < count; ++i) {
    const Tensor& t = context.input(first + i);
    bool fits = t.rank() == x.rank() && t.dtype() == x.dtype();
    for (int d = 0; fits && d < x.rank(); ++d) fits = d == axis || t.dim(d) == x.dim(d);
    if (!fits)
      return invalid_input("input " + std::to_string(i) + " has shape " + t.shape().to_string() + "; expected " +
                           x.shape().to_string() + " but for axis " + std::to_string(axis));
    total += t.dim(axis);
  }
  shape.set_dim(axis, total);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  const std::int64_t outer = product(shape, 0, axis), inner = product(shape, axis + 1, shape.rank());
  std::int64_t at = 0;
  for (int i = 0; i < count; ++i) {
    const Tensor& t = context.input(first + i);
    const std::int64_t n = t.dim(axis) * inner;
    copy_strided({{outer, n}, {n, 1}, {total * inner, 1}, 0, at}, t, result, context.threads());
    at += n;
  }
  context.set_output(0, std::move(result));
  return {};
}

Status run_concat_v2(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const int count = context.input_count() - 1;
  ISO_ASSIGN(const std::int64_t axis, integer_of(context.input(count), "the axis"));
  return concatenate(context, 0, count, axis);
}
Status run_concat(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::int64_t axis, integer_of(context.input(0), "the axis"));
  return concatenate(context, 1, context.input_count() - 1, axis);
}
Status run_parallel_concat(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  return concatenate(context, 0, context.input_count(), 0);
}

Status run_concat_offset(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(0), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, static_cast<int>(context.input(1).elements())));
  std::int64_t at = 0;
  for (int i = 1; i < context.input_count(); ++i) {
    const std::vector<std::int64_t> dims = integers_of(context.input(i));
    if (dims.size() != static_cast<std::size_t>(context.input(1).elements()))
      return invalid_input("shapes of different rank; expected the same");
    std::vector<std::int64_t> offset(dims.size(), 0);
    offset[static_cast<std::size_t>(axis)] = at;
    at += dims[static_cast<std::size_t>(axis)];
    ISO_ASSIGN(Tensor result, index_vector(context, context.input(1).dtype(), offset));
    context.set_output(i - 1, std::move(result));
  }
  return {};
}

Status run_pack(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const int axis, normalise_axis(node.attrs.get_int("axis"), x.rank() + 1));
  const int count = context.input_count();
  for (int i = 1; i < count; ++i) {
    ISO_TRY(expect_same_shape(x, context.input(i), "input 0", "input " + std::to_string(i)));
    if (context.input(i).dtype() != x.dtype()) return unsupported_dtype(context.input(i).dtype());
  }
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.insert(dims.begin() + axis, count);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), Shape(std::move(dims))));
  const std::int64_t outer = product(x.shape(), 0, axis), inner = product(x.shape(), axis, x.rank());
  for (int i = 0; i < count; ++i)
    copy_strided({{outer, inner}, {inner, 1}, {inner * count, 1}, 0, i * inner}, context.input(i), result,
                 context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_tile(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> times = integers_of(context.input(1));
  if (times.size() != static_cast<std::size_t>(x.rank()))
    return invalid_input("multiples has " + std::to_string(times.size()) + " values; expected " +
                         std::to_string(x.rank()));
  std::vector<std::int64_t> dims = x.shape().dims();
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (__builtin_mul_overflow(dims[i], times[i], &dims[i])) return invalid_input("multiples are too large");
  ISO_ASSIGN(Shape shape, shape_from(dims));
  const std::vector<std::int64_t> src = strides_of(x.shape()), dst = strides_of(shape);
  StridedCopy copy;
  for (std::size_t i = 0; i < dims.size(); ++i) {  // each dimension: repetitions, then the original
    const std::int64_t dim = x.dim(static_cast<int>(i));
    copy.dims.insert(copy.dims.end(), {times[i], dim});
    copy.src_strides.insert(copy.src_strides.end(), {0, src[i]});
    copy.dst_strides.insert(copy.dst_strides.end(), {dst[i] * dim, dst[i]});
  }
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), std::move(shape)));
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_fill(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(Shape shape, shape_from(integers_of(context.input(0))));
  const Tensor& value = context.input(1);
  if (value.elements() != 1)
    return invalid_input("the value has shape " + value.shape().to_string() + "; expected a scalar");
  ISO_ASSIGN(Tensor result, context.allocate(value.dtype(), std::move(shape)));
  fill_with(result, &value);
  context.set_output(0, std::move(result));
  return {};
}

Status run_broadcast_to(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Shape shape, shape_from(integers_of(context.input(1))));
  const int extra = shape.rank() - x.rank();
  bool fits = extra >= 0;
  for (int i = 0; fits && i < x.rank(); ++i) fits = x.dim(i) == 1 || x.dim(i) == shape[i + extra];
  if (!fits) return invalid_input("shape " + x.shape().to_string() + " does not broadcast to " + shape.to_string());
  StridedCopy copy{shape.dims(), {}, strides_of(shape)};
  copy.src_strides.assign(static_cast<std::size_t>(extra), 0);
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  for (int i = 0; i < x.rank(); ++i)
    copy.src_strides.push_back(x.dim(i) == 1 ? 0 : strides[static_cast<std::size_t>(i)]);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), std::move(shape)));
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_zeros_like(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  fill_with(result, nullptr);
  context.set_output(0, std::move(result));
  return {};
}

Status run_ones_like(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  if (x.dtype() == DType::boolean) {
    const Tensor one = Tensor::scalar(true);
    fill_with(result, &one);
  } else {
    ISO_TRY(for_arithmetic(x.dtype(), [&](auto tag) -> Status {
      using T = typename decltype(tag)::type;
      for (T& v : result.mutable_data<T>()) v = T(1);
      return {};
    }));
  }
  context.set_output(0, std::move(result));
  return {};
}

Status run_empty(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  ISO_ASSIGN(Shape shape, shape_from(integers_of(context.input(0))));
  ISO_ASSIGN(Tensor result, context.allocate(node.attrs.get_type("dtype", DType::float32), std::move(shape)));
  fill_with(result, nullptr);
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_concat(KernelRegistry& r) {
  r.add("ConcatV2", run_concat_v2);
  r.add("Concat", run_concat);
  r.add("ConcatOffset", run_concat_offset);
  r.add("ParallelConcat", run_parallel_concat);
  r.add("Pack", run_pack);
  r.add("Tile", run_tile);
  r.add("Fill", run_fill);
  r.add("BroadcastTo", run_broadcast_to);
  r.add("ZerosLike", run_zeros_like);
  r.add("OnesLike", run_ones_like, HalfFloats::as_float);
  r.add("Empty", run_empty);
}

}  // namespace isotherm::cpu
