// Relu and its kin, Sigmoid, Tanh, Softplus, Softsign.
#include <cmath>

#include "core/cpu/kernels/families.h"
#include "core/cpu/unary_loops.h"

namespace isotherm::cpu {
namespace {

template <class T>
struct Relu {
  static constexpr FloatUnaryLoop hot = hot_relu;
  T operator()(T x) const { return x < T(0) ? T(0) : x; }
};
template <class T>
struct Relu6 {
  static constexpr FloatUnaryLoop hot = hot_relu6;
  T operator()(T x) const { return x < T(0) ? T(0) : x > T(6) ? T(6) : x; }
};

template <template <class> class Op>
Status run_clamp(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const DType dtype = context.input(0).dtype();
  if (dtype == DType::qint8) return run_unary(context, dtype, unary_loop<Op<std::int8_t>, std::int8_t, std::int8_t>);
  return for_numbers(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, dtype, unary_loop<Op<T>, T, T>);
  });
}

template <class T>
struct Elu {
  T operator()(T x) const { return x < T(0) ? std::expm1(x) : x; }
};
template <class T>
struct Selu {
  T operator()(T x) const {
    constexpr T kScale = T(1.0507009873554804934193349852946L),
                kAlpha = T(1.7580993408473768599402175208123L);  // scale * alpha
    return x < T(0) ? kAlpha * std::expm1(x) : kScale * x;
  }
};
template <class T>
struct Softplus {
  T operator()(T x) const {
    if (x > T(30)) return x;
    return std::log1p(std::exp(x));
  }
};
template <class T>
struct Softsign {
  T operator()(T x) const { return x / (T(1) + std::abs(x)); }
};

template <template <class> class Op>
Status run_smooth(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const DType dtype = context.input(0).dtype();
  return for_real(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, dtype, unary_loop<Op<T>, T, T>, 16);
  });
}

template <class T>
struct Sigmoid {
  static constexpr FloatUnaryLoop hot = hot_sigmoid;
  T operator()(T x) const { return T(1) / (T(1) + std::exp(-x)); }
};
template <class T>
struct Tanh {
  static constexpr FloatUnaryLoop hot = hot_tanh;
  T operator()(T x) const { return std::tanh(x); }
};

template <template <class> class Op>
Status run_saturating(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const DType dtype = context.input(0).dtype();
  return for_floating(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return run_unary(context, dtype, unary_loop<Op<T>, T, T>, 8);
  });
}

Status run_leaky_relu(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  const float alpha = node.attrs.get_float("alpha", 0.2f);
  const std::byte* from = x.raw();
  const DType dtype = x.dtype();
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, dtype, Shape(x.shape())));
  ISO_TRY(for_real(dtype, [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* src = reinterpret_cast<const T*>(from);
    T* dst = out<T>(y);
    const T slope = static_cast<T>(alpha);
    parallel_for(context.threads(), y.elements(), 1, [&](std::int64_t b, std::int64_t e) {
      for (std::int64_t i = b; i < e; ++i) dst[i] = src[i] > T(0) ? src[i] : src[i] * slope;
    });
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_activations(KernelRegistry& r) {
  r.add("Relu", run_clamp<Relu>, HalfFloats::as_float);
  r.add("Relu6", run_clamp<Relu6>, HalfFloats::as_float);
  r.add("LeakyRelu", run_leaky_relu, HalfFloats::as_float);
  r.add("Elu", run_smooth<Elu>, HalfFloats::as_float);
  r.add("Selu", run_smooth<Selu>, HalfFloats::as_float);
  r.add("Softplus", run_smooth<Softplus>, HalfFloats::as_float);
  r.add("Softsign", run_smooth<Softsign>, HalfFloats::as_float);
  r.add("Sigmoid", run_saturating<Sigmoid>, HalfFloats::as_float);
  r.add("Tanh", run_saturating<Tanh>, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
