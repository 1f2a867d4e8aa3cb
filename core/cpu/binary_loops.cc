#include "core/cpu/binary_loops.h"

namespace isotherm::cpu {

Status run_binary(KernelContext& context, DType dtype, BinaryLoop loop, std::int64_t cost) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  if (a.dtype() != b.dtype())
    return invalid_input("found dtypes " + std::string(dtype_name(a.dtype())) + " and " +
                         std::string(dtype_name(b.dtype())) + "; expected the same");
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&a.shape(), &b.shape()}));
  const std::byte* a_data = a.raw();
  const std::byte* b_data = b.raw();
  const auto in_size = static_cast<std::int64_t>(dtype_size(a.dtype())),
             out_size = static_cast<std::int64_t>(dtype_size(dtype));
  Tensor result;
  // In place only where the output has the operand's shape and its element size: a run then reads what it writes.
  if (in_size == out_size && a.shape() == plan.shape) result = context.take_input(0, dtype, plan.shape);
  if (!result.valid() && in_size == out_size && b.shape() == plan.shape)
    result = context.take_input(1, dtype, plan.shape);
  if (!result.valid()) {
    ISO_ASSIGN(result, context.allocate(dtype, plan.shape));
  }
  std::byte* to = result.raw();
  const auto steps = plan.steps();
  if (result.elements() > 0)
    for_runs(plan, context.threads(), cost, [&](std::int64_t at, const auto& from, std::int64_t n) {
      loop(a_data + from[0] * in_size, steps[0], b_data + from[1] * in_size, steps[1], to + at * out_size, n);
    });
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace isotherm::cpu
