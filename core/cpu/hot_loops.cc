#include "core/cpu/hot_loops.h"

#include <bit>
#include <cmath>
#include <limits>

// The resolvers of cloned functions run before a sanitizer is set up, so sanitized builds go without.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ISO_HOT __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ISO_HOT
#endif
#define ISO_INLINE inline __attribute__((always_inline))

namespace isotherm::cpu {

#define ISO_BINARY(name, expression)                                                                      \
  ISO_HOT void name(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, float* out, \
                    std::int64_t n) {                                                                     \
    if (a_step != 0 && b_step != 0) {                                                                     \
      _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                                         \
        const float x = a[i], y = b[i];                                                                   \
        out[i] = expression;                                                                              \
      }                                                                                                   \
    } else if (a_step != 0) {                                                                             \
      const float y = b[0];                                                                               \
      _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                                         \
        const float x = a[i];                                                                             \
        out[i] = expression;                                                                              \
      }                                                                                                   \
    } else {                                                                                              \
      const float x = a[0];                                                                               \
      _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {                                         \
        const float y = b[i * b_step];                                                                    \
        out[i] = expression;                                                                              \
      }                                                                                                   \
    }                                                                                                     \
  }

ISO_BINARY(hot_add, x + y)
ISO_BINARY(hot_sub, x - y)
ISO_BINARY(hot_mul, x* y)
ISO_BINARY(hot_div, x / y)
ISO_BINARY(hot_maximum, x != x ? x : (x < y || y != y) ? y : x)
ISO_BINARY(hot_minimum, x != x ? x : (y < x || y != y) ? y : x)
ISO_BINARY(hot_squared_difference, (x - y) * (x - y))

#define ISO_UNARY(name, expression)                                \
  ISO_HOT void name(const float* in, float* out, std::int64_t n) { \
    _Pragma("GCC ivdep") for (std::int64_t i = 0; i < n; ++i) {    \
      const float x = in[i];                                       \
      out[i] = expression;                                         \
    }                                                              \
  }

namespace {

/// e^x: x = k ln 2 + r, |r| <= ln 2 / 2, a polynomial of degree 6 for e^r, and two multiplications by powers of two, so
/// that results below the smallest normal number come out as denormals.
ISO_INLINE float exp_of(float x) {
  const float bounded = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
  const float k = (bounded * 1.44269504088896341f + 12582912.0f) - 12582912.0f;  // to nearest, through 1.5 * 2^23
  const float r = (bounded - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const auto whole = static_cast<std::int32_t>(k);
  const std::int32_t half = whole >> 1;
  const float first = std::bit_cast<float>((half + 127) << 23);
  const float second = std::bit_cast<float>((whole - half + 127) << 23);
  const float result = p * first * second;
  return x > 88.7228394f ? std::numeric_limits<float>::infinity() : x != x ? x : result;
}

ISO_INLINE float sigmoid_of(float x) {
  const float e = exp_of(x < 0 ? x : -x);  // e^-|x|
  const float s = 1.0f / (1.0f + e);
  return x != x ? x : x < 0 ? e * s : s;
}

/// Near zero the odd Taylor series, elsewhere through e^-2|x|.
ISO_INLINE float tanh_of(float x) {
  const float a = x < 0 ? -x : x;
  const float e = exp_of(-2.0f * a);
  const float big = (1.0f - e) / (1.0f + e);
  const float s = x * x;
  const float small = a * (1.0f + s * (-1.0f / 3 + s * (2.0f / 15 + s * (-17.0f / 315 + s * (62.0f / 2835)))));
  const float magnitude = a < 0.25f ? small : big;
  return x != x ? x : x < 0 ? -magnitude : magnitude;
}

}  // namespace

ISO_UNARY(hot_relu, x < 0 ? 0.0f : x)
ISO_UNARY(hot_relu6, x<0 ? 0.0f : x> 6.0f ? 6.0f : x)
ISO_UNARY(hot_square, x* x)
ISO_UNARY(hot_neg, -x)
ISO_UNARY(hot_exp, exp_of(x))
ISO_UNARY(hot_sigmoid, sigmoid_of(x))
ISO_UNARY(hot_tanh, tanh_of(x))

ISO_HOT void hot_sqrt(const float* in, float* out, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = std::sqrt(in[i]);
}

ISO_HOT void hot_max_into(const float* from, float* to, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = from[i], y = to[i];
    to[i] = x != x || x > y ? x : y;
  }
}

ISO_HOT void hot_add_into(const float* from, float* to, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) to[i] += from[i];
}

ISO_HOT void hot_add_into_double(const float* from, double* to, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) to[i] += static_cast<double>(from[i]);
}

ISO_HOT float hot_max(const float* in, std::int64_t n) {
  constexpr int kLanes = 16;
  float lanes[kLanes];
  for (float& lane : lanes) lane = -std::numeric_limits<float>::infinity();
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int k = 0; k < kLanes; ++k) lanes[k] = in[i + k] != in[i + k] || in[i + k] > lanes[k] ? in[i + k] : lanes[k];
  float result = -std::numeric_limits<float>::infinity();
  for (const float lane : lanes) result = lane != lane || lane > result ? lane : result;
  for (; i < n; ++i) result = in[i] != in[i] || in[i] > result ? in[i] : result;
  return result;
}

ISO_HOT double hot_sum(const float* in, std::int64_t n) {
  constexpr int kLanes = 8;
  double lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int k = 0; k < kLanes; ++k) lanes[k] += static_cast<double>(in[i + k]);
  double result = 0;
  for (const double lane : lanes) result += lane;
  for (; i < n; ++i) result += static_cast<double>(in[i]);
  return result;
}

ISO_HOT void hot_scale_offset_rows(const float* in, const float* scale, const float* offset, float* out,
                                   std::int64_t rows, std::int64_t c) {
  for (std::int64_t r = 0; r < rows; ++r, in += c, out += c) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < c; ++i) out[i] = in[i] * scale[i] + offset[i];
  }
}

ISO_HOT void hot_add_rows(const float* in, const float* offset, float* out, std::int64_t rows, std::int64_t c) {
  for (std::int64_t r = 0; r < rows; ++r, in += c, out += c) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < c; ++i) out[i] = in[i] + offset[i];
  }
}

ISO_HOT void hot_scale_offset(const float* in, float scale, float offset, float* out, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) out[i] = in[i] * scale + offset;
}

}  // namespace isotherm::cpu
