// Add, Sub, Mul, Maximum, Minimum, SquaredDifference, AddN: for every number type.
#include <cstring>

#include "core/cpu/binary_loops.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// The type arithmetic is done in: unsigned for integers, so that they wrap.
template <class T, bool Integer = std::is_integral_v<T>>
struct WrappingOf {
  using type = T;
};
template <class T>
struct WrappingOf<T, true> {
  using type = std::conditional_t<sizeof(T) < sizeof(unsigned), unsigned, std::make_unsigned_t<T>>;
};
template <class T>
using Wrapping = typename WrappingOf<T>::type;

template <class T>
struct Add {
  static constexpr FloatBinaryLoop hot = hot_add;
  T operator()(T a, T b) const { return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b)); }
};
template <class T>
struct Sub {
  static constexpr FloatBinaryLoop hot = hot_sub;
  T operator()(T a, T b) const { return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b)); }
};
template <class T>
struct Mul {
  static constexpr FloatBinaryLoop hot = hot_mul;
  T operator()(T a, T b) const { return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b)); }
};
template <class T>
struct SquaredDifference {
  static constexpr FloatBinaryLoop hot = hot_squared_difference;
  T operator()(T a, T b) const {
    if constexpr (is_complex_v<T>) {
      return (a - b) * std::conj(a - b);
    } else {
      const T d = Sub<T>()(a, b);
      return Mul<T>()(d, d);
    }
  }
};
template <class T>
struct Maximum {
  static constexpr FloatBinaryLoop hot = hot_maximum;
  T operator()(T a, T b) const { return a != a ? a : (a < b || b != b) ? b : a; }
};
template <class T>
struct Minimum {
  static constexpr FloatBinaryLoop hot = hot_minimum;
  T operator()(T a, T b) const { return a != a ? a : (b < a || b != b) ? b : a; }
};

template <template <class> class Op>
Status run_arithmetic(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  return for_arithmetic(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, dtype, binary_loop<Op<T>, T, T>);
  });
}

template <template <class> class Op>
Status run_ordered(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  return for_numbers(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, dtype, binary_loop<Op<T>, T, T>);
  });
}

Status run_add(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  if (context.input(0).dtype() != DType::string) return run_arithmetic<Add>(context, node);
  if (context.input(1).dtype() != DType::string)
    return invalid_input("input 1 is " + std::string(dtype_name(context.input(1).dtype())) + "; expected string, as input 0");
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&context.input(0).shape(), &context.input(1).shape()}));
  const auto& a = context.input(0).string_values();
  const auto& b = context.input(1).string_values();
  std::vector<std::string> result(static_cast<std::size_t>(plan.shape.elements().value_or(0)));
  const auto steps = plan.steps();
  for_runs(plan, 1, 1, [&](std::int64_t at, const auto& from, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i)
      result[static_cast<std::size_t>(at + i)] =
          a[static_cast<std::size_t>(from[0] + i * steps[0])] + b[static_cast<std::size_t>(from[1] + i * steps[1])];
  });
  context.set_output(0, Tensor::strings(plan.shape, std::move(result)));
  return {};
}

Status run_add_n(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& first = context.input(0);
  if (context.input_count() == 1) {
    context.set_output(0, first);
    return {};
  }
  const std::int64_t n = first.elements();
  for (int i = 1; i < context.input_count(); ++i)
    ISO_TRY(expect_same_shape(first, context.input(i), "input 0", "input " + std::to_string(i)));
  ISO_ASSIGN(Tensor sum, context.allocate(first.dtype(), first.shape()));
  ISO_TRY(for_arithmetic(first.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    T* to = out<T>(sum);
    const Add<T> add;
    std::copy_n(in<T>(first), n, to);
    for (int i = 1; i < context.input_count(); ++i) {
      const T* from = in<T>(context.input(i));
      for (std::int64_t k = 0; k < n; ++k) to[k] = add(to[k], from[k]);
    }
    return {};
  }));
  context.set_output(0, std::move(sum));
  return {};
}

}  // namespace

void register_arithmetic(KernelRegistry& r) {
  r.add({"Add", "AddV2"}, run_add, HalfFloats::as_float);
  r.add("Sub", run_arithmetic<Sub>, HalfFloats::as_float);
  r.add("Mul", run_arithmetic<Mul>, HalfFloats::as_float);
  r.add("SquaredDifference", run_arithmetic<SquaredDifference>, HalfFloats::as_float);
  r.add("Maximum", run_ordered<Maximum>, HalfFloats::as_float);
  r.add("Minimum", run_ordered<Minimum>, HalfFloats::as_float);
  r.add({"AddN", "AccumulateNV2"}, run_add_n, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
