#include "core/cpu/unary_loops.h"

namespace isotherm::cpu {

Status run_unary(KernelContext& context, DType dtype, UnaryLoop loop, std::int64_t cost) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const std::byte* from = x.raw();
  const auto in_size = static_cast<std::int64_t>(dtype_size(x.dtype())),
             out_size = static_cast<std::int64_t>(dtype_size(dtype));
  Tensor y;
  if (in_size == out_size) y = context.take_input(0, dtype, x.shape());
  if (!y.valid()) {
    ISO_ASSIGN(y, context.allocate(dtype, x.shape()));
  }
  std::byte* to = y.raw();
  parallel_for(context.threads(), y.elements(), cost, [&](std::int64_t begin, std::int64_t end) {
    loop(from + begin * in_size, to + begin * out_size, end - begin);
  });
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace isotherm::cpu
