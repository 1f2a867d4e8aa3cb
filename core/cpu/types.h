// Element types of CPU kernels: TensorFlow's dtypes as C++ types, and switches from one to the other.
#pragma once

#include <complex>
#include <limits>
#include <string>
#include <type_traits>

#include "core/graph/dtype.h"
#include "core/graph/half.h"
#include "core/graph/status.h"

namespace isotherm::cpu {

using complex64 = std::complex<float>;
using complex128 = std::complex<double>;

/// Tags a C++ type in a generic lambda: `[](auto tag) { using T = typename decltype(tag)::type; }`.
template <class T>
struct Tag {
  using type = T;
};

template <class T>
inline constexpr bool is_complex_v = std::is_same_v<T, complex64> || std::is_same_v<T, complex128>;

/// The lowest value of `dtype` as a float32 or wider number; for 16-bit floats that are computed in float32.
template <class T>
T lowest_of(DType dtype) {
  if constexpr (std::is_same_v<T, float>) {
    if (dtype == DType::float16) return -65504.0f;
    if (dtype == DType::bfloat16) return -0x1.FEp127f;
  }
  return std::numeric_limits<T>::lowest();
}

inline Error unsupported_dtype(DType dtype) {
  return unsupported("found dtype " + std::string(dtype_name(dtype)) +
                     ", which the CPU kernel of this op does not take");
}

/// Calls `f(Tag<T>())`, which returns a Status, with float or double.
template <class F>
Status for_real(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float32:
      return f(Tag<float>());
    case DType::float64:
      return f(Tag<double>());
    default:
      return unsupported_dtype(dtype);
  }
}

/// With any signed or unsigned integer.
template <class F>
Status for_integers(DType dtype, F&& f) {
  switch (dtype) {
    case DType::int8:
      return f(Tag<std::int8_t>());
    case DType::int16:
      return f(Tag<std::int16_t>());
    case DType::int32:
      return f(Tag<std::int32_t>());
    case DType::int64:
      return f(Tag<std::int64_t>());
    case DType::uint8:
      return f(Tag<std::uint8_t>());
    case DType::uint16:
      return f(Tag<std::uint16_t>());
    case DType::uint32:
      return f(Tag<std::uint32_t>());
    case DType::uint64:
      return f(Tag<std::uint64_t>());
    default:
      return unsupported_dtype(dtype);
  }
}

/// With a real number type: float, double or an integer.
template <class F>
Status for_numbers(DType dtype, F&& f) {
  if (dtype == DType::float32 || dtype == DType::float64) return for_real(dtype, f);
  return for_integers(dtype, f);
}

/// With float, double or a complex type.
template <class F>
Status for_floating(DType dtype, F&& f) {
  switch (dtype) {
    case DType::complex64:
      return f(Tag<complex64>());
    case DType::complex128:
      return f(Tag<complex128>());
    default:
      return for_real(dtype, f);
  }
}

/// With any number type, complex ones too.
template <class F>
Status for_arithmetic(DType dtype, F&& f) {
  if (dtype == DType::complex64 || dtype == DType::complex128) return for_floating(dtype, f);
  return for_numbers(dtype, f);
}

/// With int32 or int64: indices.
template <class F>
Status for_index(DType dtype, F&& f) {
  switch (dtype) {
    case DType::int32:
      return f(Tag<std::int32_t>());
    case DType::int64:
      return f(Tag<std::int64_t>());
    default:
      return unsupported_dtype(dtype);
  }
}

}  // namespace isotherm::cpu
