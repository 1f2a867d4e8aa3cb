// Ops on shapes, computed on the host, and ops that give their input another shape: no element moves.
#include <vector>

#include "core/cpu/views.h"
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

}  // namespace

// A view is a view wherever its buffer is: the kernels that give another shape take float32 on the card, and leave what
// is small and of integers, the host's, to the host.
void register_shape(KernelRegistry& r) {
  const Traits shape_only{.reads_inputs = false, .any_dtype = true};
  r.add({"Shape", "ShapeN"}, run_shape, shape_only);
  r.add({"Size"}, run_size, shape_only);
  r.add({"Rank"}, run_rank, shape_only);
  r.add({"Reshape"}, cpu::run_reshape, {.host_inputs = 2});
  r.add({"ExpandDims"}, cpu::run_expand_dims, {.host_inputs = 2});
  r.add({"Squeeze"}, cpu::run_squeeze);
}

}  // namespace isotherm::cuda
