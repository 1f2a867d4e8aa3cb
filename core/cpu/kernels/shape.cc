// Ops on shapes, and ops that give their input another shape: no element moves.
#include <cstring>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"
#include "core/cpu/views.h"

namespace isotherm::cpu {

Status run_reshape(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  std::vector<std::int64_t> dims = integers_of(context.input(1));
  int open = -1;
  std::int64_t known = 1;  // product of the sizes that are not zero
  bool empty = false;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == -1) {
      if (open >= 0) return invalid_input("the shape has two dimensions of -1; expected one at most");
      open = static_cast<int>(i);
    } else if (dims[i] == 0) {
      empty = true;
    } else if (dims[i] < 0 || __builtin_mul_overflow(known, dims[i], &known)) {
      return invalid_input("the shape has a dimension of " + std::to_string(dims[i]) +
                           "; expected 0 or more, or one -1");
    }
  }
  if (open >= 0) {
    // Zeros on both sides cancel: [2,0] as [2,0,-1] is [2,0,1].
    std::int64_t have = 1;
    bool had_zero = false;
    for (const std::int64_t d : x.shape().dims()) d == 0 ? void(had_zero = true) : void(have *= d);
    dims[static_cast<std::size_t>(open)] = had_zero && !empty ? 0 : have / known;
    if (!had_zero && (empty || have % known != 0))
      return invalid_input("a tensor of " + std::to_string(x.elements()) + " elements does not divide into " +
                           std::to_string(empty ? 0 : known));
  } else if ((empty ? 0 : known) != x.elements()) {
    return invalid_input("found a tensor of " + std::to_string(x.elements()) + " elements; the requested shape has " +
                         std::to_string(empty ? 0 : known));
  }
  context.set_output(0, x.reshaped(Shape(std::move(dims))));
  return {};
}

Status run_expand_dims(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(1), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank() + 1));
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.insert(dims.begin() + axis, 1);
  context.set_output(0, x.reshaped(Shape(std::move(dims))));
  return {};
}

Status run_squeeze(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  std::vector<std::int64_t> axes = node.attrs.get_ints("squeeze_dims");
  if (axes.empty()) axes = node.attrs.get_ints("axis");
  std::vector<bool> drop(static_cast<std::size_t>(x.rank()), false);
  for (const std::int64_t value : axes) {
    ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
    if (x.dim(axis) != 1)
      return invalid_input("dimension " + std::to_string(axis) + " of shape " + x.shape().to_string() +
                           " cannot be squeezed; expected 1");
    drop[static_cast<std::size_t>(axis)] = true;
  }
  Shape shape;
  for (int i = 0; i < x.rank(); ++i)
    if (axes.empty() ? x.dim(i) != 1 : !drop[static_cast<std::size_t>(i)]) shape.add_dim(x.dim(i));
  context.set_output(0, x.reshaped(std::move(shape)));
  return {};
}

namespace {

Status run_shape(KernelContext& context, const Node& node) {
  for (int i = 0; i < context.input_count(); ++i) {
    ISO_ASSIGN(Tensor result,
               index_vector(context, node.attrs.get_type("out_type", DType::int32), context.input(i).shape().dims()));
    context.set_output(i, std::move(result));
  }
  return {};
}

Status set_index(KernelContext& context, DType dtype, std::int64_t value) {
  if (dtype == DType::int64)
    context.set_output(0, Tensor::scalar<std::int64_t>(value));
  else
    context.set_output(0, Tensor::scalar<std::int32_t>(static_cast<std::int32_t>(value)));
  return {};
}

Status run_size(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  return set_index(context, node.attrs.get_type("out_type", DType::int32), context.input(0).elements());
}
Status run_rank(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  return set_index(context, DType::int32, context.input(0).rank());
}

Status run_bitcast(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const DType to = node.attrs.get_type("type");
  const auto from_size = static_cast<std::int64_t>(dtype_size(x.dtype())),
             to_size = static_cast<std::int64_t>(dtype_size(to));
  if (from_size == 0 || to_size == 0) return unsupported_dtype(from_size == 0 ? x.dtype() : to);
  std::vector<std::int64_t> dims = x.shape().dims();
  if (from_size > to_size) {
    dims.push_back(from_size / to_size);
  } else if (from_size < to_size) {
    if (dims.empty() || dims.back() != to_size / from_size)
      return invalid_input("found shape " + x.shape().to_string() + "; expected a last dimension of " +
                           std::to_string(to_size / from_size));
    dims.pop_back();
  }
  const Tensor result(to, Shape(std::move(dims)), x.buffer(), x.offset());
  ISO_ASSIGN(Tensor aligned, result.aligned(static_cast<std::size_t>(std::min<std::int64_t>(to_size, 8))));
  context.set_output(0, std::move(aligned));
  return {};
}

Status run_ensure_shape(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const Shape* expected = node.attrs.get_shape("shape");
  if (expected && expected->has_rank()) {
    bool fits = expected->rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); ++i) fits = (*expected)[i] < 0 || (*expected)[i] == x.dim(i);
    if (!fits) return invalid_input("found shape " + x.shape().to_string() + "; expected " + expected->to_string());
  }
  context.set_output(0, x);
  return {};
}

Status run_forward(KernelContext& context, const Node&) {
  for (int i = 0; i < context.input_count(); ++i) context.set_output(i, context.input(i));
  return {};
}

Status run_deep_copy(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor copy, context.allocate(x.dtype(), x.shape()));
  copy_elements(x, 0, copy, 0, x.elements());
  context.set_output(0, std::move(copy));
  return {};
}

Status run_broadcast_args(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  std::vector<std::int64_t> a = integers_of(context.input(0)), b = integers_of(context.input(1));
  if (a.size() < b.size()) a.swap(b);
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::int64_t& to = a[a.size() - b.size() + i];
    if (to == 1)
      to = b[i];
    else if (b[i] != 1 && b[i] != to)
      return invalid_input("dimensions " + std::to_string(to) + " and " + std::to_string(b[i]) + " do not broadcast");
  }
  ISO_ASSIGN(Tensor result, index_vector(context, context.input(0).dtype(), a));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_shape(KernelRegistry& r) {
  r.add({"Shape", "ShapeN"}, run_shape);
  r.add("Size", run_size);
  r.add("Rank", run_rank);
  r.add("Reshape", run_reshape);
  r.add("ExpandDims", run_expand_dims);
  r.add("Squeeze", run_squeeze);
  r.add("Bitcast", run_bitcast);
  r.add("EnsureShape", run_ensure_shape);
  r.add("BroadcastArgs", run_broadcast_args);
  r.add("DeepCopy", run_deep_copy);
  r.add({"DebugGradientIdentity", "DebugGradientRefIdentity"}, run_forward);
  r.add("OptimizationBarrier", run_forward);
}

}  // namespace isotherm::cpu
