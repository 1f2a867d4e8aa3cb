// Special functions: computed in double with Eigen's, rounded to the op's type.
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

#include "core/cpu/binary_loops.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/unary_loops.h"

namespace isotherm::cpu {
namespace {

using Unary = double (*)(double);
using Binary = double (*)(double, double);

/// lgamma() that writes no global sign.
double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

/// Inverse of the error function: Giles' starting value ("Approximating the erfinv function", 2010), two Newton steps.
double inverse_error(double y) {
  if (!(y > -1 && y < 1)) return y == 1 ? HUGE_VAL : y == -1 ? -HUGE_VAL : std::nan("");
  double w = -std::log((1 - y) * (1 + y)), x;
  if (w < 5) {
    w -= 2.5;
    x = 2.81022636e-08;
    for (const double c : {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
                           -0.00417768164, 0.246640727, 1.50140941})
      x = x * w + c;
  } else {
    w = std::sqrt(w) - 3;
    x = -0.000200214257;
    for (const double c : {0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
                           1.00167406, 2.83297682})
      x = x * w + c;
  }
  x *= y;
  for (int step = 0; step < 2; ++step) {
    const double slope = 1.1283791670955126 * std::exp(-x * x);
    if (slope > 0) x -= (std::erf(x) - y) / slope;
  }
  return x;
}

double normal_quantile(double p) { return 1.4142135623730951 * inverse_error(2 * p - 1); }

template <Unary f>
Status run_unary_special(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* from = in<T>(x);
    T* to = out<T>(y);
    parallel_for(context.threads(), x.elements(), 32, [&](std::int64_t b, std::int64_t e) {
      for (std::int64_t i = b; i < e; ++i) to[i] = static_cast<T>(f(static_cast<double>(from[i])));
    });
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

template <Binary f>
struct Widened {
  template <class T>
  struct Op {
    T operator()(T a, T b) const { return static_cast<T>(f(static_cast<double>(a), static_cast<double>(b))); }
  };
};

template <Binary f>
Status run_binary_special(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const DType dtype = context.input(0).dtype();
  return for_real(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_binary(context, dtype, binary_loop<typename Widened<f>::template Op<T>, T, T>, 64);
  });
}

Status run_betainc(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const Tensor& x = context.input(2);
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&a.shape(), &b.shape(), &x.shape()}));
  ISO_ASSIGN(Tensor result, context.allocate(a.dtype(), plan.shape));
  const auto steps = plan.steps();
  ISO_TRY(for_real(a.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T *pa = in<T>(a), *pb = in<T>(b), *px = in<T>(x);
    T* to = out<T>(result);
    if (result.elements() > 0)
      for_runs(plan, context.threads(), 64, [&](std::int64_t at, const auto& from, std::int64_t n) {
        for (std::int64_t i = 0; i < n; ++i)
          to[at + i] = static_cast<T>(Eigen::numext::betainc(static_cast<double>(pa[from[0] + i * steps[0]]),
                                                             static_cast<double>(pb[from[1] + i * steps[1]]),
                                                             static_cast<double>(px[from[2] + i * steps[2]])));
      });
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

double error(double x) { return std::erf(x); }
double error_complement(double x) { return std::erfc(x); }
double digamma(double x) { return Eigen::numext::digamma(x); }
double bessel_i0e(double x) { return std::cyl_bessel_i(0.0, std::abs(x)) * std::exp(-std::abs(x)); }
double bessel_i1e(double x) { return std::copysign(std::cyl_bessel_i(1.0, std::abs(x)) * std::exp(-std::abs(x)), x); }
double gamma_lower(double a, double x) { return Eigen::numext::igamma(a, x); }
double gamma_upper(double a, double x) { return Eigen::numext::igammac(a, x); }
double zeta(double x, double q) { return Eigen::numext::zeta(x, q); }
double polygamma(double n, double x) { return Eigen::numext::polygamma(n, x); }

}  // namespace

void register_special(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add("Lgamma", run_unary_special<log_gamma>, wide);
  r.add("Digamma", run_unary_special<digamma>, wide);
  r.add("Erf", run_unary_special<error>, wide);
  r.add("Erfc", run_unary_special<error_complement>, wide);
  r.add("Erfinv", run_unary_special<inverse_error>, wide);
  r.add("Ndtri", run_unary_special<normal_quantile>, wide);
  r.add("BesselI0e", run_unary_special<bessel_i0e>, wide);
  r.add("BesselI1e", run_unary_special<bessel_i1e>, wide);
  r.add("Igamma", run_binary_special<gamma_lower>, wide);
  r.add("Igammac", run_binary_special<gamma_upper>, wide);
  r.add("Zeta", run_binary_special<zeta>, wide);
  r.add("Polygamma", run_binary_special<polygamma>, wide);
  r.add("Betainc", run_betainc, wide);
}

}  // namespace isotherm::cpu
