// Pad, PadV2, Transpose, ConcatV2, Pack: float32 moved, nothing computed.
#include <vector>

#include "cuda/kernels/strided.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

Status check_rank(int rank) {
  if (rank <= kMaxDims) return {};
  return unsupported("the input has rank " + std::to_string(rank) + "; the CUDA device takes up to " +
                     std::to_string(kMaxDims));
}

Status run_pad(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& paddings = context.input(1);
  ISO_TRY(check_rank(x.rank()));
  if (paddings.rank() != 2 || paddings.dim(0) != x.rank() || paddings.dim(1) != 2)
    return invalid_input("paddings has shape " + paddings.shape().to_string() + "; expected " +
                         std::to_string(x.rank()) + "x2");
  const std::vector<std::int64_t> pads = integers_of(paddings);
  PaddedFrame frame;
  frame.rank = x.rank() > 0 ? x.rank() : 1;
  std::vector<std::int64_t> dims = x.shape().dims();
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (pads[2 * i] < 0 || pads[2 * i + 1] < 0)
      return invalid_input("a padding is " + std::to_string(std::min(pads[2 * i], pads[2 * i + 1])) +
                           "; expected 0 or more");
    frame.inner[i] = dims[i];
    frame.before[i] = pads[2 * i];
    if (__builtin_add_overflow(dims[i], pads[2 * i], &dims[i]) ||
        __builtin_add_overflow(dims[i], pads[2 * i + 1], &dims[i]))
      return invalid_input("paddings are too large");
    frame.dims[i] = dims[i];
  }
  ISO_ASSIGN(Shape shape, shape_from(dims));
  const float* fill = context.input_count() > 2 ? floats(context.input(2)) : nullptr;
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, std::move(shape)));
  ISO_CUDA(launch_pad(frame, floats(x), fill, floats_out(y), launch.handle()));
  context.set_output(0, std::move(y));
  return {};
}

Status run_transpose(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_TRY(check_rank(x.rank()));
  const std::vector<std::int64_t> order = integers_of(context.input(1));
  const auto rank = static_cast<std::size_t>(x.rank());
  if (order.size() != rank)
    return invalid_input("the permutation has " + std::to_string(order.size()) + " values; expected " +
                         std::to_string(rank));
  std::vector<bool> seen(rank, false);
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  Shape shape;
  // Dimensions that stay neighbours are one; those of 1 are none.
  std::vector<std::int64_t> dims, from;
  std::vector<int> axes;
  bool moves = false;
  int last = -1;
  for (const std::int64_t value : order) {
    ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
    const auto at = static_cast<std::size_t>(axis);
    if (seen[at]) return invalid_input("the permutation names axis " + std::to_string(axis) + " twice");
    seen[at] = true;
    shape.add_dim(x.dim(axis));
    if (x.dim(axis) == 1) continue;
    moves = moves || axis < last;
    last = axis;
    if (!dims.empty() && from.back() == strides[at] * x.dim(axis)) {
      dims.back() *= x.dim(axis);
      from.back() = strides[at];
    } else {
      dims.push_back(x.dim(axis));
      from.push_back(strides[at]);
    }
  }
  if (!moves) {
    context.set_output(0, x.reshaped(std::move(shape)));
    return {};
  }
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, std::move(shape)));
  const std::size_t n = dims.size();
  const bool swaps_last = (n == 2 || (n == 3 && from[0] == dims[1] * dims[2])) && from[n - 2] == 1;
  if (swaps_last) {  // [b, rows, columns] to [b, columns, rows]
    ISO_CUDA(
        launch_swap_last(floats(x), floats_out(y), n == 3 ? dims[0] : 1, dims[n - 1], dims[n - 2], launch.handle()));
  } else {
    StridedMove move{.rank = static_cast<int>(n)};
    std::int64_t stride = 1;
    for (std::size_t i = n; i-- > 0;) {
      move.dims[i] = dims[i];
      move.src[i] = from[i];
      move.dst[i] = stride;
      stride *= dims[i];
    }
    ISO_CUDA(launch_strided_move(move, x.raw(), y.raw(), launch.handle()));
  }
  context.set_output(0, std::move(y));
  return {};
}

Status run_concat(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const int count = context.input_count() - 1;
  const Tensor& x = context.input(0);
  if (x.rank() == 0) return invalid_input("the inputs are scalars; expected rank 1 or more");
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(count), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  Shape shape = x.shape();
  std::int64_t total = 0;
  for (int i = 0; i < count; ++i) {
    const Tensor& t = context.input(i);
    bool fits = t.rank() == x.rank();
    for (int d = 0; fits && d < x.rank(); ++d) fits = d == axis || t.dim(d) == x.dim(d);
    if (!fits)
      return invalid_input("input " + std::to_string(i) + " has shape " + t.shape().to_string() + "; expected " +
                           x.shape().to_string() + " but for axis " + std::to_string(axis));
    total += t.dim(axis);
  }
  shape.set_dim(axis, total);
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, shape));
  const std::int64_t outer = product(shape, 0, axis), inner = product(shape, axis + 1, shape.rank());
  std::int64_t at = 0;
  for (int i = 0; i < count; ++i) {
    const std::int64_t n = context.input(i).dim(axis) * inner;
    const StridedMove move{.rank = 2, .dims = {outer, n}, .src = {n, 1}, .dst = {total * inner, 1}, .dst_offset = at};
    ISO_CUDA(launch_strided_move(move, context.input(i).raw(), y.raw(), launch.handle()));
    at += n;
  }
  context.set_output(0, std::move(y));
  return {};
}

Status run_pack(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const int axis, normalise_axis(node.attrs.get_int("axis"), x.rank() + 1));
  const int count = context.input_count();
  for (int i = 1; i < count; ++i)
    if (!(context.input(i).shape() == x.shape()))
      return invalid_input("input " + std::to_string(i) + " has shape " + context.input(i).shape().to_string() +
                           "; expected " + x.shape().to_string() + " as input 0");
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.insert(dims.begin() + axis, count);
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, context.allocate(DType::float32, Shape(std::move(dims))));
  const std::int64_t outer = product(x.shape(), 0, axis), inner = product(x.shape(), axis, x.rank());
  for (int i = 0; i < count; ++i) {
    const StridedMove move{
        .rank = 2, .dims = {outer, inner}, .src = {inner, 1}, .dst = {inner * count, 1}, .dst_offset = i * inner};
    ISO_CUDA(launch_strided_move(move, context.input(i).raw(), y.raw(), launch.handle()));
  }
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_movement(KernelRegistry& r) {
  r.add({"Pad", "PadV2"}, run_pad, {.host_inputs = 2});
  r.add({"Transpose"}, run_transpose, {.host_inputs = 2});
  r.add({"ConcatV2"}, run_concat, {.last_input_on_host = true});
  r.add({"Pack"}, run_pack);
}

}  // namespace isotherm::cuda
