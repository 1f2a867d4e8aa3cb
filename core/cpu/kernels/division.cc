// Divisions, remainders, powers: where integers must not divide by zero.
#include <cmath>
#include <limits>

#include "core/cpu/binary_loops.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// a / b towards zero; the one quotient that does not fit wraps.
template <class T>
T quotient(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1)) return static_cast<T>(0 - static_cast<std::uint64_t>(a));
  return static_cast<T>(a / b);
}
template <class T>
T remainder(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if constexpr (std::is_signed_v<T>)
      if (b == T(-1)) return 0;
    return static_cast<T>(a % b);
  }
}

template <class T>
struct Div {
  static constexpr FloatBinaryLoop hot = hot_div;
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return quotient(a, b);
    else
      return a / b;
  }
};
template <class T>
struct TruncateDiv {
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return quotient(a, b);
    else if constexpr (is_complex_v<T>)
      return a / b;
    else
      return std::trunc(a / b);
  }
};
template <class T>
struct FloorDiv {
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>)
      return std::floor(a / b);
    else if constexpr (std::is_signed_v<T>) {
      const T q = quotient(a, b);
      return (a < 0) != (b < 0) && remainder(a, b) != 0 ? static_cast<T>(q - 1) : q;
    } else {
      return static_cast<T>(a / b);
    }
  }
};
template <class T>
struct TruncateMod {
  T operator()(T a, T b) const { return remainder(a, b); }
};
template <class T>
struct FloorMod {
  T operator()(T a, T b) const {
    const T r = remainder(a, b);
    if constexpr (std::is_unsigned_v<T>)
      return r;
    else
      return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(r + b) : r;
  }
};
template <class T>
struct DivNoNan {
  T operator()(T a, T b) const { return b == T(0) ? T(0) : a / b; }
};
template <class T>
struct MulNoNan {
  T operator()(T a, T b) const { return b == T(0) ? T(0) : a * b; }
};
template <class T>
struct Xdivy {
  T operator()(T a, T b) const { return a == T(0) ? T(0) : a / b; }
};
template <class T>
struct Xlogy {
  T operator()(T a, T b) const { return a == T(0) ? T(0) : a * std::log(b); }
};
template <class T>
struct Xlog1py {
  T operator()(T a, T b) const {
    if constexpr (is_complex_v<T>)
      return a == T(0) ? T(0) : a * std::log(T(1) + b);
    else
      return a == T(0) ? T(0) : a * std::log1p(b);
  }
};
template <class T>
struct Atan2 {
  T operator()(T a, T b) const { return std::atan2(a, b); }
};
template <class T>
struct NextAfter {
  T operator()(T a, T b) const { return std::nextafter(a, b); }
};
template <class T>
struct Pow {
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      std::uint64_t result = 1, base = static_cast<std::uint64_t>(a);
      for (auto e = static_cast<std::uint64_t>(b); e != 0; e >>= 1, base *= base)
        if (e & 1) result *= base;
      return static_cast<T>(result);
    } else {
      return std::pow(a, b);
    }
  }
};

enum class Types { arithmetic, numbers, floating, real };

/// Integer divisors must not be zero, integer exponents not negative.
Status check_second(const Tensor& b, bool exponent) {
  if (!is_integer(b.dtype())) return {};
  for (std::int64_t i = 0; i < b.elements(); ++i) {
    const std::int64_t v = integer_at(b, i);
    if (!exponent && v == 0) return invalid_input("an integer is divided by zero; expected other divisors");
    if (exponent && v < 0 && b.dtype() != DType::uint64)
      return invalid_input("an integer has the negative exponent " + std::to_string(v) + "; expected 0 or more");
  }
  return {};
}

template <template <class> class Op, Types types, int Cost>
Status run(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  ISO_TRY(check_second(context.input(1), node.op == "Pow"));
  const auto as = [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, dtype, binary_loop<Op<T>, T, T>, Cost);
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

}  // namespace

void register_division(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add({"RealDiv", "Div"}, run<Div, Types::arithmetic, 1>, wide);
  r.add("TruncateDiv", run<TruncateDiv, Types::arithmetic, 2>, wide);
  r.add("FloorDiv", run<FloorDiv, Types::numbers, 2>, wide);
  r.add({"Mod", "TruncateMod"}, run<TruncateMod, Types::numbers, 8>, wide);
  r.add("FloorMod", run<FloorMod, Types::numbers, 8>, wide);
  r.add("DivNoNan", run<DivNoNan, Types::floating, 1>, wide);
  r.add("MulNoNan", run<MulNoNan, Types::floating, 1>, wide);
  r.add("Xdivy", run<Xdivy, Types::floating, 1>, wide);
  r.add("Xlogy", run<Xlogy, Types::floating, 16>, wide);
  r.add("Xlog1py", run<Xlog1py, Types::floating, 16>, wide);
  r.add("Atan2", run<Atan2, Types::real, 16>, wide);
  r.add("NextAfter", run<NextAfter, Types::real, 2>);
  r.add("Pow", run<Pow, Types::arithmetic, 16>, wide);
}

}  // namespace isotherm::cpu
