// Select, SelectV2, Where, ClipByValue.
#include "core/cpu/broadcast.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// The first form: a condition of the operands' shape, a scalar, or one value per row.
Status run_select(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& condition = context.input(0);
  const Tensor& a = context.input(1);
  const Tensor& b = context.input(2);
  ISO_TRY(expect_same_shape(a, b, "t", "e"));
  if (condition.dtype() != DType::boolean || a.dtype() != b.dtype()) return unsupported_dtype(condition.dtype());
  if (condition.elements() == 1 && condition.rank() == 0) {
    context.set_output(0, integer_at(condition, 0) != 0 ? a : b);
    return {};
  }
  std::int64_t run = 1;
  if (!(condition.shape() == a.shape())) {
    if (condition.rank() != 1 || a.rank() < 1 || condition.dim(0) != a.dim(0))
      return invalid_input("the condition has shape " + condition.shape().to_string() +
                           "; expected that of the operands, " + a.shape().to_string() + ", or one value per row");
    run = product(a.shape(), 1, a.rank());
  }
  ISO_ASSIGN(Tensor result, context.allocate(a.dtype(), a.shape()));
  const bool* choose = in<bool>(condition);
  if (run > 0)
    for (std::int64_t i = 0; i < condition.elements(); ++i)
      copy_elements(choose[i] ? a : b, i * run, result, i * run, run);
  context.set_output(0, std::move(result));
  return {};
}

Status run_select_v2(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& condition = context.input(0);
  const Tensor& a = context.input(1);
  const Tensor& b = context.input(2);
  if (condition.dtype() != DType::boolean) return unsupported_dtype(condition.dtype());
  if (a.dtype() != b.dtype()) return unsupported_dtype(b.dtype());
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&condition.shape(), &a.shape(), &b.shape()}));
  ISO_ASSIGN(Tensor result, context.allocate(a.dtype(), plan.shape));
  const bool* choose = in<bool>(condition);
  const auto steps = plan.steps();
  const std::size_t size = dtype_size(a.dtype());
  if (result.elements() > 0)
    for_runs(plan, size > 0 ? context.threads() : 1, 1, [&](std::int64_t at, const auto& from, std::int64_t n) {
      const auto as = [&]<class T>(T) {
        const T *x = reinterpret_cast<const T*>(a.raw()) + from[1], *y = reinterpret_cast<const T*>(b.raw()) + from[2];
        T* to = reinterpret_cast<T*>(result.raw()) + at;
        for (std::int64_t i = 0; i < n; ++i) to[i] = choose[from[0] + i * steps[0]] ? x[i * steps[1]] : y[i * steps[2]];
      };
      switch (size) {
        case 1:
          return as(std::uint8_t());
        case 4:
          return as(std::uint32_t());
        case 8:
          return as(std::uint64_t());
        default:
          for (std::int64_t i = 0; i < n; ++i) {
            const bool first = choose[from[0] + i * steps[0]];
            copy_elements(first ? a : b, first ? from[1] + i * steps[1] : from[2] + i * steps[2], result, at + i, 1);
          }
      }
    });
  context.set_output(0, std::move(result));
  return {};
}

Status run_where(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  std::vector<std::int64_t> found;
  const auto collect = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* from = reinterpret_cast<const T*>(x.raw());
    for (std::int64_t i = 0; i < x.elements(); ++i)
      if (from[i] != T(0)) found.push_back(i);
    return {};
  };
  if (x.dtype() == DType::boolean) {
    ISO_TRY(collect(Tag<std::uint8_t>()));
  } else {
    ISO_TRY(for_arithmetic(x.dtype(), collect));
  }
  ISO_ASSIGN(Tensor result, context.allocate(DType::int64, Shape{static_cast<std::int64_t>(found.size()), x.rank()}));
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  std::int64_t* to = out<std::int64_t>(result);
  for (const std::int64_t i : found)
    for (int d = 0; d < x.rank(); ++d) *to++ = i / strides[static_cast<std::size_t>(d)] % x.dim(d);
  context.set_output(0, std::move(result));
  return {};
}

Status run_clip(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  const Tensor& low = context.input(1);
  const Tensor& high = context.input(2);
  for (const Tensor* bound : {&low, &high})
    if (bound->elements() != 1 && !(bound->shape() == x.shape()))
      return invalid_input("a bound has shape " + bound->shape().to_string() + "; expected a scalar or " +
                           x.shape().to_string());
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_numbers(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T *from = in<T>(x), *lo = in<T>(low), *hi = in<T>(high);
    const std::int64_t lo_step = low.elements() == 1 ? 0 : 1, hi_step = high.elements() == 1 ? 0 : 1;
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      const T top = from[i] < hi[i * hi_step] ? from[i] : hi[i * hi_step];
      out<T>(result)[i] = top < lo[i * lo_step] ? lo[i * lo_step] : top;
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_select(KernelRegistry& r) {
  r.add("Select", run_select);
  r.add("SelectV2", run_select_v2);
  r.add("Where", run_where, HalfFloats::as_float);
  r.add("ClipByValue", run_clip, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
