// Comparisons, logic, bits.
#include <cmath>

#include "core/cpu/binary_loops.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

#define ISO_OP(name, result, expression)                       \
  template <class T>                                           \
  struct name {                                                \
    result operator()(T a, T b) const { return (expression); } \
  };

ISO_OP(Equal, bool, a == b)
ISO_OP(NotEqual, bool, a != b)
ISO_OP(Less, bool, a < b)
ISO_OP(LessEqual, bool, a <= b)
ISO_OP(Greater, bool, a > b)
ISO_OP(GreaterEqual, bool, a >= b)
ISO_OP(BitwiseAnd, T, static_cast<T>(a& b))
ISO_OP(BitwiseOr, T, static_cast<T>(a | b))
ISO_OP(BitwiseXor, T, static_cast<T>(a ^ b))
ISO_OP(LogicalAnd, bool, a&& b)
ISO_OP(LogicalOr, bool, a || b)

/// Shifts by less than nothing count as none, by more than all bits as all but one.
template <class T>
struct LeftShift {
  T operator()(T a, T b) const { return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) << bounded(b)); }
  static unsigned bounded(T b) {
    return b < T(0) ? 0u
                    : static_cast<unsigned>(std::min<std::uint64_t>(static_cast<std::uint64_t>(b), sizeof(T) * 8 - 1));
  }
};
template <class T>
struct RightShift {
  T operator()(T a, T b) const { return static_cast<T>(a >> LeftShift<T>::bounded(b)); }
};

template <template <class> class Op>
Status compare_strings(KernelContext& context) {
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&context.input(0).shape(), &context.input(1).shape()}));
  const auto& a = context.input(0).string_values();
  const auto& b = context.input(1).string_values();
  ISO_ASSIGN(Tensor result, context.allocate(DType::boolean, plan.shape));
  bool* to = out<bool>(result);
  const auto steps = plan.steps();
  const Op<const std::string&> op;
  if (result.elements() > 0)
    for_runs(plan, 1, 1, [&](std::int64_t at, const auto& from, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i)
        to[at + i] = op(a[static_cast<std::size_t>(from[0] + i * steps[0])],
                        b[static_cast<std::size_t>(from[1] + i * steps[1])]);
    });
  context.set_output(0, std::move(result));
  return {};
}

template <template <class> class Op>
Status run_equality(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  if (context.input(1).dtype() != dtype) return unsupported_dtype(context.input(1).dtype());
  if (!node.attrs.get_bool("incompatible_shape_error", true) &&
      !plan_broadcast({&context.input(0).shape(), &context.input(1).shape()}).ok()) {
    context.set_output(0, Tensor::scalar(node.op == "NotEqual"));
    return {};
  }
  if (dtype == DType::string) return compare_strings<Op>(context);
  const auto as = [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, DType::boolean, binary_loop<Op<T>, T, bool>);
  };
  switch (dtype) {
    case DType::boolean:
    case DType::qint8:
    case DType::quint8:
      return as(Tag<std::uint8_t>());
    case DType::qint16:
    case DType::quint16:
      return as(Tag<std::uint16_t>());
    case DType::qint32:
      return as(Tag<std::int32_t>());
    default:
      return for_arithmetic(dtype, as);
  }
}

template <template <class> class Op>
Status run_order(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  return for_numbers(context.input(0).dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, DType::boolean, binary_loop<Op<T>, T, bool>);
  });
}

template <template <class> class Op>
Status run_bits(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  return for_integers(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, dtype, binary_loop<Op<T>, T, T>);
  });
}

template <template <class> class Op>
Status run_logic(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  if (context.input(0).dtype() != DType::boolean) return unsupported_dtype(context.input(0).dtype());
  return run_binary(context, DType::boolean, binary_loop<Op<bool>, bool, bool>);
}

Status run_approximate_equal(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  ISO_TRY(expect_same_shape(a, b, "x", "y"));
  const float tolerance = node.attrs.get_float("tolerance", 1e-5f);
  ISO_ASSIGN(Tensor result, context.allocate(DType::boolean, a.shape()));
  ISO_TRY(for_numbers(a.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T *x = in<T>(a), *y = in<T>(b);
    for (std::int64_t i = 0; i < a.elements(); ++i) {
      const T difference = x[i] > y[i] ? static_cast<T>(x[i] - y[i]) : static_cast<T>(y[i] - x[i]);
      out<bool>(result)[i] = difference < static_cast<T>(tolerance);
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_compare(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add("Equal", run_equality<Equal>, wide);
  r.add("NotEqual", run_equality<NotEqual>, wide);
  r.add("Less", run_order<Less>, wide);
  r.add("LessEqual", run_order<LessEqual>, wide);
  r.add("Greater", run_order<Greater>, wide);
  r.add("GreaterEqual", run_order<GreaterEqual>, wide);
  r.add("LogicalAnd", run_logic<LogicalAnd>);
  r.add("LogicalOr", run_logic<LogicalOr>);
  r.add("BitwiseAnd", run_bits<BitwiseAnd>);
  r.add("BitwiseOr", run_bits<BitwiseOr>);
  r.add("BitwiseXor", run_bits<BitwiseXor>);
  r.add("LeftShift", run_bits<LeftShift>);
  r.add("RightShift", run_bits<RightShift>);
  r.add("ApproximateEqual", run_approximate_equal, wide);
}

}  // namespace isotherm::cpu
