// Neg, Abs, Square, Sqrt, Rsqrt, Exp, Log, roundings, trigonometry: one number in, one out.
#include <cmath>
#include <limits>

#include "core/cpu/kernels/families.h"
#include "core/cpu/unary_loops.h"

namespace isotherm::cpu {
namespace {

/// Unsigned where T is an integer, so that arithmetic wraps.
template <class T>
auto wrapping(T x) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<std::uint64_t>(x);
  else
    return x;
}

#define ISO_OP(name, expression)                     \
  template <class T>                                 \
  struct name {                                      \
    T operator()(T x) const { return (expression); } \
  };

template <class T>
struct Neg {
  static constexpr FloatUnaryLoop hot = hot_neg;
  T operator()(T x) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(0 - wrapping(x));
    else
      return -x;
  }
};
template <class T>
struct Square {
  static constexpr FloatUnaryLoop hot = hot_square;
  T operator()(T x) const { return static_cast<T>(wrapping(x) * wrapping(x)); }
};
template <class T>
struct Abs {
  T operator()(T x) const {
    if constexpr (std::is_unsigned_v<T>)
      return x;
    else if constexpr (std::is_integral_v<T>)
      return x < 0 ? static_cast<T>(0 - wrapping(x)) : x;
    else
      return std::abs(x);
  }
};
template <class T>
struct Sign {
  T operator()(T x) const {
    if constexpr (is_complex_v<T>)
      return x == T(0) ? T(0) : x / std::abs(x);
    else
      return x > T(0) ? T(1) : x < T(0) ? static_cast<T>(-1) : x;  // NaN and -0 stay
  }
};
ISO_OP(Reciprocal, T(1) / x)
template <class T>
struct Sqrt {
  static constexpr FloatUnaryLoop hot = hot_sqrt;
  T operator()(T x) const { return std::sqrt(x); }
};
template <class T>
struct Exp {
  static constexpr FloatUnaryLoop hot = hot_exp;
  T operator()(T x) const { return std::exp(x); }
};
ISO_OP(Rsqrt, T(1) / std::sqrt(x))
ISO_OP(Log, std::log(x))
ISO_OP(Sin, std::sin(x))
ISO_OP(Cos, std::cos(x))
ISO_OP(Tan, std::tan(x))
ISO_OP(Asin, std::asin(x))
ISO_OP(Acos, std::acos(x))
ISO_OP(Atan, std::atan(x))
ISO_OP(Sinh, std::sinh(x))
ISO_OP(Cosh, std::cosh(x))
ISO_OP(Asinh, std::asinh(x))
ISO_OP(Acosh, std::acosh(x))
ISO_OP(Atanh, std::atanh(x))
template <class T>
struct Log1p {
  T operator()(T x) const {
    if constexpr (is_complex_v<T>)
      return std::log(T(1) + x);
    else
      return std::log1p(x);
  }
};
template <class T>
struct Expm1 {
  T operator()(T x) const {
    if constexpr (is_complex_v<T>)
      return std::exp(x) - T(1);
    else
      return std::expm1(x);
  }
};
/// To nearest, ties to even.
template <class T>
struct Round {
  T operator()(T x) const {
    if constexpr (std::is_integral_v<T>)
      return x;
    else if constexpr (is_complex_v<T>)
      return T(std::nearbyint(x.real()), std::nearbyint(x.imag()));
    else
      return std::nearbyint(x);
  }
};
ISO_OP(Floor, std::floor(x))
ISO_OP(Ceil, std::ceil(x))

enum class Types { arithmetic, numbers, floating, real };

template <template <class> class Op, Types types, int Cost>
Status run(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const DType dtype = context.input(0).dtype();
  const auto as = [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, dtype, unary_loop<Op<T>, T, T>, Cost);
  };
  if constexpr (types == Types::arithmetic)
    return for_arithmetic(dtype, as);
  else if constexpr (types == Types::numbers)
    return for_numbers(dtype, as);
  else if constexpr (types == Types::floating)
    return for_floating(dtype, as);
  else
    return for_real(dtype, as);
}

/// Not bool, not complex: integers flip their bits.
template <class T>
struct Invert {
  T operator()(T x) const { return static_cast<T>(~x); }
};
template <class T>
struct PopulationCount {
  std::uint8_t operator()(T x) const {
    return static_cast<std::uint8_t>(
        __builtin_popcountll(static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(x))));
  }
};
Status run_invert(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const DType dtype = context.input(0).dtype();
  return for_integers(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, dtype, unary_loop<Invert<T>, T, T>);
  });
}
Status run_population_count(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  return for_integers(context.input(0).dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, DType::uint8, unary_loop<PopulationCount<T>, T, std::uint8_t>);
  });
}

template <class T>
struct IsNan {
  bool operator()(T x) const { return std::isnan(x); }
};
template <class T>
struct IsInf {
  bool operator()(T x) const { return std::isinf(x); }
};
template <class T>
struct IsFinite {
  bool operator()(T x) const { return std::isfinite(x); }
};
template <template <class> class Op>
Status run_class(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  return for_real(context.input(0).dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, DType::boolean, unary_loop<Op<T>, T, bool>);
  });
}
struct LogicalNot {
  bool operator()(bool x) const { return !x; }
};
Status run_logical_not(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  if (context.input(0).dtype() != DType::boolean) return unsupported_dtype(context.input(0).dtype());
  return run_unary(context, DType::boolean, unary_loop<LogicalNot, bool, bool>);
}

Status run_check_numerics(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  bool nan = false, inf = false;
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (const T v : x.data<T>()) {
      nan = nan || std::isnan(v);
      inf = inf || std::isinf(v);
    }
    return {};
  }));
  if (nan || inf)
    return invalid_input(node.attrs.get_string("message") + " : the tensor has " +
                         (nan && inf ? "NaN and infinite"
                          : nan      ? "NaN"
                                     : "infinite") +
                         " values; expected finite ones");
  context.set_output(0, x);
  return {};
}

}  // namespace

void register_unary(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add("Neg", run<Neg, Types::arithmetic, 1>, wide);
  r.add("Square", run<Square, Types::arithmetic, 1>, wide);
  r.add("Abs", run<Abs, Types::numbers, 1>, wide);
  r.add("Sign", run<Sign, Types::arithmetic, 1>, wide);
  r.add("Sqrt", run<Sqrt, Types::floating, 2>, wide);
  r.add("Rsqrt", run<Rsqrt, Types::floating, 4>, wide);
  r.add({"Reciprocal", "Inv"}, run<Reciprocal, Types::floating, 2>, wide);
  r.add("Exp", run<Exp, Types::floating, 8>, wide);
  r.add("Expm1", run<Expm1, Types::floating, 16>, wide);
  r.add("Log", run<Log, Types::floating, 16>, wide);
  r.add("Log1p", run<Log1p, Types::floating, 16>, wide);
  r.add("Sin", run<Sin, Types::floating, 16>, wide);
  r.add("Cos", run<Cos, Types::floating, 16>, wide);
  r.add("Tan", run<Tan, Types::floating, 16>, wide);
  r.add("Asin", run<Asin, Types::floating, 16>, wide);
  r.add("Acos", run<Acos, Types::floating, 16>, wide);
  r.add("Atan", run<Atan, Types::floating, 16>, wide);
  r.add("Sinh", run<Sinh, Types::floating, 16>, wide);
  r.add("Cosh", run<Cosh, Types::floating, 16>, wide);
  r.add("Asinh", run<Asinh, Types::floating, 16>, wide);
  r.add("Acosh", run<Acosh, Types::floating, 16>, wide);
  r.add("Atanh", run<Atanh, Types::floating, 16>, wide);
  r.add("Round", run<Round, Types::arithmetic, 2>, wide);
  r.add("Rint", run<Round, Types::real, 2>, wide);
  r.add("Floor", run<Floor, Types::real, 2>, wide);
  r.add("Ceil", run<Ceil, Types::real, 2>, wide);
  r.add("Invert", run_invert);
  r.add("PopulationCount", run_population_count);
  r.add("IsNan", run_class<IsNan>, wide);
  r.add("IsInf", run_class<IsInf>, wide);
  r.add("IsFinite", run_class<IsFinite>, wide);
  r.add("LogicalNot", run_logical_not);
  r.add({"CheckNumerics", "CheckNumericsV2"}, run_check_numerics, wide);
}

}  // namespace isotherm::cpu
