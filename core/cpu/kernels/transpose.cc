// Transpose, ConjugateTranspose, InvertPermutation, ReverseV2, Reverse, Roll, ReverseSequence.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

Status run_transpose(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> order = integers_of(context.input(1));
  const auto rank = static_cast<std::size_t>(x.rank());
  if (order.size() != rank)
    return invalid_input("the permutation has " + std::to_string(order.size()) + " values; expected " +
                         std::to_string(rank));
  std::vector<bool> seen(rank, false);
  StridedCopy copy;
  Shape shape;
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  bool moves = false;
  int last = -1;
  for (const std::int64_t value : order) {
    ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
    const auto at = static_cast<std::size_t>(axis);
    if (seen[at]) return invalid_input("the permutation names axis " + std::to_string(axis) + " twice");
    seen[at] = true;
    shape.add_dim(x.dim(axis));
    copy.dims.push_back(x.dim(axis));
    copy.src_strides.push_back(strides[at]);
    if (x.dim(axis) == 1) continue;
    moves = moves || axis < last;
    last = axis;
  }
  const bool conjugate =
      node.op == "ConjugateTranspose" && (x.dtype() == DType::complex64 || x.dtype() == DType::complex128);
  if (!moves && !conjugate) {
    context.set_output(0, x.reshaped(std::move(shape)));
    return {};
  }
  copy.dst_strides = strides_of(shape);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), std::move(shape)));
  copy_strided(std::move(copy), x, result, context.threads());
  if (conjugate)
    ISO_TRY(for_floating(x.dtype(), [&](auto tag) -> Status {
      using T = typename decltype(tag)::type;
      if constexpr (is_complex_v<T>)
        for (T& v : result.mutable_data<T>()) v = std::conj(v);
      return {};
    }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_invert_permutation(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const std::vector<std::int64_t> order = integers_of(context.input(0));
  std::vector<std::int64_t> inverse(order.size(), -1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto to = static_cast<std::uint64_t>(order[i]);
    if (to >= order.size() || inverse[to] >= 0)
      return invalid_input("value " + std::to_string(order[i]) + " makes no permutation of " +
                           std::to_string(order.size()));
    inverse[to] = static_cast<std::int64_t>(i);
  }
  ISO_ASSIGN(Tensor result, index_vector(context, context.input(0).dtype(), inverse));
  context.set_output(0, std::move(result));
  return {};
}

Status run_reverse(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  std::vector<int> axes;
  if (node.op == "Reverse") {  // the first form takes a bool per dimension
    for (int i = 0; i < std::min<int>(x.rank(), static_cast<int>(context.input(1).elements())); ++i)
      if (integer_at(context.input(1), i) != 0) axes.push_back(i);
  } else {
    ISO_ASSIGN(axes, axes_of(context.input(1), x.rank(), true));
  }
  StridedCopy copy{x.shape().dims(), strides_of(x.shape()), strides_of(x.shape())};
  for (const int axis : axes) {
    const auto at = static_cast<std::size_t>(axis);
    copy.src_offset += (x.dim(axis) - 1) * copy.src_strides[at];
    copy.src_strides[at] = -copy.src_strides[at];
  }
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_roll(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> shifts = integers_of(context.input(1)), axes = integers_of(context.input(2));
  if (shifts.size() != axes.size())
    return invalid_input("found " + std::to_string(shifts.size()) + " shifts for " + std::to_string(axes.size()) +
                         " axes; expected as many");
  if (x.rank() < 1) return invalid_input("the input is a scalar; expected rank 1 or more");
  std::vector<std::int64_t> by(static_cast<std::size_t>(x.rank()), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ISO_ASSIGN(const int axis, normalise_axis(axes[i], x.rank()));
    const std::int64_t dim = std::max<std::int64_t>(1, x.dim(axis));
    std::int64_t& total = by[static_cast<std::size_t>(axis)];
    total = ((total + shifts[i]) % dim + dim) % dim;
  }
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  copy_indexed(x, result, nullptr, [&](std::int64_t i) {
    std::int64_t from = 0;
    for (std::size_t d = 0; d < strides.size(); ++d) {
      const std::int64_t dim = x.dim(static_cast<int>(d));
      from += ((i / strides[d] % dim - by[d] + dim) % dim) * strides[d];
    }
    return from;
  });
  context.set_output(0, std::move(result));
  return {};
}

Status run_reverse_sequence(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const int seq, normalise_axis(node.attrs.get_int("seq_dim"), x.rank()));
  ISO_ASSIGN(const int batch, normalise_axis(node.attrs.get_int("batch_dim"), x.rank()));
  const std::vector<std::int64_t> lengths = integers_of(context.input(1));
  if (seq == batch || static_cast<std::int64_t>(lengths.size()) != x.dim(batch))
    return invalid_input("found " + std::to_string(lengths.size()) + " lengths; expected one for each of " +
                         std::to_string(x.dim(batch)) + " batch entries");
  for (const std::int64_t n : lengths)
    if (n < 0 || n > x.dim(seq))
      return invalid_input("a sequence length is " + std::to_string(n) + "; expected 0 to " +
                           std::to_string(x.dim(seq)));
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  const std::int64_t seq_stride = strides[static_cast<std::size_t>(seq)],
                     batch_stride = strides[static_cast<std::size_t>(batch)];
  copy_indexed(x, result, nullptr, [&](std::int64_t i) {
    const std::int64_t s = i / seq_stride % x.dim(seq),
                       n = lengths[static_cast<std::size_t>(i / batch_stride % x.dim(batch))];
    return s < n ? i + (n - 1 - 2 * s) * seq_stride : i;
  });
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_transpose(KernelRegistry& r) {
  r.add({"Transpose", "ConjugateTranspose"}, run_transpose);
  r.add("InvertPermutation", run_invert_permutation);
  r.add({"ReverseV2", "Reverse"}, run_reverse);
  r.add("Roll", run_roll);
  r.add("ReverseSequence", run_reverse_sequence);
}

}  // namespace isotherm::cpu
