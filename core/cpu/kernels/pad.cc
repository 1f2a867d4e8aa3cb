// Pad, PadV2, MirrorPad.
#include <cstring>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// Rows of [before, after], one per dimension.
Result<std::vector<std::int64_t>> paddings_of(const Tensor& paddings, const Tensor& x) {
  if (paddings.rank() != 2 || paddings.dim(0) != x.rank() || paddings.dim(1) != 2)
    return invalid_input("paddings has shape " + paddings.shape().to_string() + "; expected " +
                         std::to_string(x.rank()) + "x2");
  std::vector<std::int64_t> values = integers_of(paddings);
  for (const std::int64_t v : values)
    if (v < 0) return invalid_input("a padding is " + std::to_string(v) + "; expected 0 or more");
  return values;
}

Result<Shape> padded_shape(const Tensor& x, const std::vector<std::int64_t>& pads) {
  std::vector<std::int64_t> dims = x.shape().dims();
  for (std::size_t i = 0; i < dims.size(); ++i)
    if (__builtin_add_overflow(dims[i], pads[2 * i], &dims[i]) ||
        __builtin_add_overflow(dims[i], pads[2 * i + 1], &dims[i]))
      return invalid_input("paddings are too large");
  return shape_from(dims);
}

Status run_pad(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::vector<std::int64_t> pads, paddings_of(context.input(1), x));
  ISO_ASSIGN(Shape shape, padded_shape(x, pads));
  StridedCopy copy{x.shape().dims(), strides_of(x.shape()), strides_of(shape)};
  for (std::size_t i = 0; i < copy.dims.size(); ++i) copy.dst_offset += pads[2 * i] * copy.dst_strides[i];
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  fill_with(result, context.input_count() > 2 ? &context.input(2) : nullptr);
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status run_mirror_pad(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const std::int64_t edge =
      node.attrs.get_string("mode", "REFLECT") == "REFLECT" ? 1 : 0;  // REFLECT leaves the border out
  ISO_ASSIGN(const std::vector<std::int64_t> pads, paddings_of(context.input(1), x));
  for (std::size_t i = 0; i < pads.size(); ++i)
    if (pads[i] > x.dim(static_cast<int>(i / 2)) - edge)
      return invalid_input("a padding of " + std::to_string(pads[i]) + " mirrors more than dimension " +
                           std::to_string(i / 2) + " of size " + std::to_string(x.dim(static_cast<int>(i / 2))) +
                           " holds");
  ISO_ASSIGN(Shape shape, padded_shape(x, pads));
  const std::vector<std::int64_t> src = strides_of(x.shape()), dst = strides_of(shape);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  copy_indexed(x, result, nullptr, [&](std::int64_t i) {
    std::int64_t from = 0;
    for (std::size_t d = 0; d < dst.size(); ++d) {
      const std::int64_t dim = x.dim(static_cast<int>(d));
      std::int64_t at = i / dst[d] % shape[static_cast<int>(d)] - pads[2 * d];
      if (at < 0)
        at = -at - 1 + edge;
      else if (at >= dim)
        at = 2 * dim - 1 - edge - at;
      from += at * src[d];
    }
    return from;
  });
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_pad(KernelRegistry& r) {
  r.add({"Pad", "PadV2"}, run_pad);
  r.add("MirrorPad", run_mirror_pad);
}

}  // namespace isotherm::cpu
