// Cast between all number types, and the parts of complex numbers.
#include <cmath>
#include <limits>

#include "core/cpu/half_conversion.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// As x86 converts where C++ leaves the result open (out of range, NaN): through a 64-bit integer for narrow types.
template <class Out, class In>
Out convert(In x) {
  if constexpr (is_complex_v<In> && is_complex_v<Out>) {
    return Out(static_cast<typename Out::value_type>(x.real()), static_cast<typename Out::value_type>(x.imag()));
  } else if constexpr (is_complex_v<In>) {
    return convert<Out>(x.real());
  } else if constexpr (is_complex_v<Out>) {
    return Out(static_cast<typename Out::value_type>(x), 0);
  } else if constexpr (std::is_same_v<Out, bool>) {
    return x != In(0);
  } else if constexpr (std::is_floating_point_v<In> && std::is_integral_v<Out>) {
    const auto value = static_cast<double>(x);
    if constexpr (std::is_same_v<Out, std::uint64_t>) {
      if (value >= 0x1p63) return value < 0x1p64 ? static_cast<Out>(value) : Out(0);
      return value > -0x1p63 ? static_cast<Out>(static_cast<std::int64_t>(value)) : Out(1) << 63;
    } else if constexpr (sizeof(Out) == 8 || std::is_same_v<Out, std::uint32_t>) {
      const std::int64_t wide = value >= -0x1p63 && value < 0x1p63 ? static_cast<std::int64_t>(value)
                                                                   : std::numeric_limits<std::int64_t>::min();
      return static_cast<Out>(wide);
    } else {
      const std::int32_t wide = value > -0x1.00000002p31 && value < 0x1p31 ? static_cast<std::int32_t>(value)
                                                                           : std::numeric_limits<std::int32_t>::min();
      return static_cast<Out>(wide);
    }
  } else {
    return static_cast<Out>(x);
  }
}

template <class F>
Status for_castable(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean:
      return f(Tag<bool>());
    case DType::qint8:
      return f(Tag<std::int8_t>());
    case DType::quint8:
      return f(Tag<std::uint8_t>());
    case DType::qint16:
      return f(Tag<std::int16_t>());
    case DType::quint16:
      return f(Tag<std::uint16_t>());
    case DType::qint32:
      return f(Tag<std::int32_t>());
    default:
      return for_arithmetic(dtype, f);
  }
}

bool is_half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }

Status run_cast(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  Tensor x = context.input(0);
  const DType to = node.attrs.get_type("DstT");
  if (to == x.dtype()) {
    context.set_output(0, x);
    return {};
  }
  if (is_half(x.dtype())) {
    ISO_ASSIGN(Tensor wide, context.allocate(DType::float32, x.shape()));
    half_to_float(x, out<float>(wide));
    x = std::move(wide);
  }
  const DType middle = is_half(to) ? DType::float32 : to;
  Tensor y = x;
  if (x.dtype() != middle) {
    ISO_ASSIGN(y, context.allocate(middle, x.shape()));
    ISO_TRY(for_castable(x.dtype(), [&](auto in_tag) -> Status {
      using In = typename decltype(in_tag)::type;
      return for_castable(middle, [&](auto out_tag) -> Status {
        using Out = typename decltype(out_tag)::type;
        const In* src = reinterpret_cast<const In*>(x.raw());
        Out* dst = reinterpret_cast<Out*>(y.raw());
        parallel_for(context.threads(), x.elements(), 1, [&](std::int64_t b, std::int64_t e) {
          for (std::int64_t i = b; i < e; ++i) dst[i] = convert<Out>(src[i]);
        });
        return {};
      });
    }));
  }
  if (is_half(to)) {
    ISO_ASSIGN(Tensor narrow, context.allocate(to, x.shape()));
    float_to_half(in<float>(y), narrow);
    y = std::move(narrow);
  }
  context.set_output(0, std::move(y));
  return {};
}

enum class Part { real, imaginary, absolute, angle };

template <Part part>
Status run_part(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& z = context.input(0);
  ISO_ASSIGN(Tensor result,
             context.allocate(z.dtype() == DType::complex64 ? DType::float32 : DType::float64, z.shape()));
  ISO_TRY(for_floating(z.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    if constexpr (is_complex_v<T>) {
      auto* to = out<typename T::value_type>(result);
      for (const T v : z.data<T>())
        *to++ = part == Part::real        ? v.real()
                : part == Part::imaginary ? v.imag()
                : part == Part::absolute  ? std::abs(v)
                                          : std::arg(v);
      return {};
    } else {
      return unsupported_dtype(z.dtype());
    }
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_conj(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& z = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(z.dtype(), z.shape()));
  ISO_TRY(for_floating(z.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* from = in<T>(z);
    for (T& v : result.mutable_data<T>()) {
      if constexpr (is_complex_v<T>)
        v = std::conj(*from++);
      else
        v = *from++;
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_complex(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& re = context.input(0);
  const Tensor& im = context.input(1);
  ISO_TRY(expect_same_shape(re, im, "real", "imag"));
  ISO_ASSIGN(Tensor result, context.allocate(node.attrs.get_type("Tout", DType::complex64), re.shape()));
  ISO_TRY(for_real(re.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < re.elements(); ++i) out<std::complex<T>>(result)[i] = {in<T>(re)[i], in<T>(im)[i]};
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_cast(KernelRegistry& r) {
  r.add("Cast", run_cast);
  r.add("Real", run_part<Part::real>);
  r.add("Imag", run_part<Part::imaginary>);
  r.add("ComplexAbs", run_part<Part::absolute>);
  r.add("Angle", run_part<Part::angle>);
  r.add("Conj", run_conj);
  r.add("Complex", run_complex);
}

}  // namespace isotherm::cpu
