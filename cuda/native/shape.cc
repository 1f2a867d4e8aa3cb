// Ops on shapes, computed on the host, and ops that give their input another shape: no element moves.
#include <vector>

#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

Result<Tensor> indices(KernelContext& context, DType dtype, std::span<const std::int64_t> values, Shape shape) {
  ISO_ASSIGN(Tensor result, context.allocate_on_host(dtype, std::move(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (dtype == DType::int64)
      result.mutable_data<std::int64_t>()[i] = values[i];
    else
      result.mutable_data<std::int32_t>()[i] = static_cast<std::int32_t>(values[i]);
  }
  return result;
}

Status run_shape(KernelContext& context, const Node& node) {
  for (int i = 0; i < context.input_count(); ++i) {
    const std::vector<std::int64_t>& dims = context.input(i).shape().dims();
    ISO_ASSIGN(Tensor result, indices(context, node.attrs.get_type("out_type", DType::int32), dims,
                                      Shape{static_cast<std::int64_t>(dims.size())}));
    context.set_output(i, std::move(result));
  }
  return {};
}

Status run_size(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const std::int64_t value[] = {context.input(0).elements()};
  ISO_ASSIGN(Tensor result, indices(context, node.attrs.get_type("out_type", DType::int32), value, Shape()));
  context.set_output(0, std::move(result));
  return {};
}

Status run_rank(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const std::int64_t value[] = {context.input(0).rank()};
  ISO_ASSIGN(Tensor result, indices(context, DType::int32, value, Shape()));
  context.set_output(0, std::move(result));
  return {};
}

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

}  // namespace

// A view is a view wherever its buffer is: the kernels that give another shape take float32 on the card, and leave what
// is small and of integers, the host's, to the host.
void register_shape(KernelRegistry& r) {
  const Traits shape_only{.reads_inputs = false, .any_dtype = true};
  r.add({"Shape", "ShapeN"}, run_shape, shape_only);
  r.add({"Size"}, run_size, shape_only);
  r.add({"Rank"}, run_rank, shape_only);
  r.add({"Reshape"}, run_reshape, {.host_inputs = 2});
  r.add({"ExpandDims"}, run_expand_dims, {.host_inputs = 2});
  r.add({"Squeeze"}, run_squeeze);
}

}  // namespace isotherm::cuda
