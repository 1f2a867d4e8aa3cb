#include "cuda/kernels/elementwise.h"

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

template <UnaryOp op>
__device__ __forceinline__ float apply(float x, float alpha) {
  switch (op) {
    case UnaryOp::relu:
      return x < 0.0f ? 0.0f : x;  // NaN stays
    case UnaryOp::relu6:
      return x < 0.0f ? 0.0f : x > 6.0f ? 6.0f : x;
    case UnaryOp::leaky_relu:
      return x > 0.0f ? x : x * alpha;
    case UnaryOp::elu:
      return x < 0.0f ? expm1f(x) : x;
    case UnaryOp::selu:
      return x < 0.0f ? 1.7580993408473768f * expm1f(x) : 1.0507009873554805f * x;
    case UnaryOp::sigmoid:
      return 1.0f / (1.0f + expf(-x));
    case UnaryOp::tanh:
      return tanhf(x);
    case UnaryOp::softplus:
      return x > 30.0f ? x : log1pf(expf(x));
    case UnaryOp::softsign:
      return x / (1.0f + fabsf(x));
    case UnaryOp::neg:
      return -x;
    case UnaryOp::abs:
      return fabsf(x);
    case UnaryOp::sign:
      return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
    case UnaryOp::square:
      return x * x;
    case UnaryOp::sqrt:
      return sqrtf(x);
    case UnaryOp::rsqrt:
      return 1.0f / sqrtf(x);
    case UnaryOp::reciprocal:
      return 1.0f / x;
    case UnaryOp::exp:
      return expf(x);
    case UnaryOp::expm1:
      return expm1f(x);
    case UnaryOp::log:
      return logf(x);
    case UnaryOp::log1p:
      return log1pf(x);
    case UnaryOp::sin:
      return sinf(x);
    case UnaryOp::cos:
      return cosf(x);
    case UnaryOp::floor:
      return floorf(x);
    case UnaryOp::ceil:
      return ceilf(x);
    case UnaryOp::round:
      return rintf(x);
    case UnaryOp::erf:
      return erff(x);
  }
  return x;
}

template <UnaryOp op>
__global__ void isotherm_unary(const float* x, float* y, std::int64_t n, float alpha, bool vector) {
  if (vector) {
    for (std::int64_t i = first_item(); i < n / 4; i += item_step()) {
      const float4 v = reinterpret_cast<const float4*>(x)[i];
      reinterpret_cast<float4*>(y)[i] =
          make_float4(apply<op>(v.x, alpha), apply<op>(v.y, alpha), apply<op>(v.z, alpha), apply<op>(v.w, alpha));
    }
    // The last one to three.
    if (const std::int64_t i = n / 4 * 4 + first_item(); i < n) y[i] = apply<op>(x[i], alpha);
    return;
  }
  for (std::int64_t i = first_item(); i < n; i += item_step()) y[i] = apply<op>(x[i], alpha);
}

template <UnaryOp op>
void issue_unary(float alpha, const float* x, float* y, std::int64_t n, cudaStream_t stream) {
  const bool vector = aligned16(x, y) && n >= 4;
  isotherm_unary<op><<<blocks_for(vector ? (n + 3) / 4 : n), kThreads, 0, stream>>>(x, y, n, alpha, vector);
}

template <BinaryOp op>
__device__ __forceinline__ float apply(float a, float b) {
  switch (op) {
    case BinaryOp::add:
      return a + b;
    case BinaryOp::sub:
      return a - b;
    case BinaryOp::mul:
      return a * b;
    case BinaryOp::div:
      return a / b;
    case BinaryOp::maximum:
      return a != a ? a : (a < b || b != b) ? b : a;
    case BinaryOp::minimum:
      return a != a ? a : (b < a || b != b) ? b : a;
    case BinaryOp::squared_difference:
      return (a - b) * (a - b);
    case BinaryOp::pow:
      return powf(a, b);
  }
  return a;
}

template <BinaryOp op>
__device__ __forceinline__ float4 apply4(float4 a, float4 b) {
  return make_float4(apply<op>(a.x, b.x), apply<op>(a.y, b.y), apply<op>(a.z, b.z), apply<op>(a.w, b.w));
}

/// Both operands run along with the output, or one of them is a single value.
template <BinaryOp op>
__global__ void isotherm_binary_plain(const float* a, const float* b, float* y, std::int64_t n, bool single_a,
                                      bool single_b, bool vector) {
  const float first_a = single_a ? a[0] : 0.0f, first_b = single_b ? b[0] : 0.0f;
  if (vector) {
    for (std::int64_t i = first_item(); i < n / 4; i += item_step()) {
      const float4 va =
          single_a ? make_float4(first_a, first_a, first_a, first_a) : reinterpret_cast<const float4*>(a)[i];
      const float4 vb =
          single_b ? make_float4(first_b, first_b, first_b, first_b) : reinterpret_cast<const float4*>(b)[i];
      reinterpret_cast<float4*>(y)[i] = apply4<op>(va, vb);
    }
    if (const std::int64_t i = n / 4 * 4 + first_item(); i < n)
      y[i] = apply<op>(single_a ? first_a : a[i], single_b ? first_b : b[i]);
    return;
  }
  for (std::int64_t i = first_item(); i < n; i += item_step())
    y[i] = apply<op>(single_a ? first_a : a[i], single_b ? first_b : b[i]);
}

/// The second operand is a row that every row of the first meets; columns are a multiple of 4.
template <BinaryOp op, class I>
__global__ void isotherm_binary_row(const float* a, const float* b, float* y, I quarters, I row) {
  for (I i = first_index<I>(); i < quarters; i += index_step<I>())
    reinterpret_cast<float4*>(y)[i] =
        apply4<op>(reinterpret_cast<const float4*>(a)[i], reinterpret_cast<const float4*>(b)[i % row]);
}

template <BinaryOp op, class I>
__global__ void isotherm_binary(const float* a, const float* b, float* y, I n,
                                const __grid_constant__ BroadcastWalk walk) {
  for (I i = first_index<I>(); i < n; i += index_step<I>()) {
    I rest = i;
    std::int64_t at_a = 0, at_b = 0;
    for (int d = walk.rank - 1; d >= 0; --d) {
      const I dim = static_cast<I>(walk.dims[d]), index = rest % dim;
      rest /= dim;
      at_a += static_cast<std::int64_t>(index) * walk.a[d];
      at_b += static_cast<std::int64_t>(index) * walk.b[d];
    }
    y[i] = apply<op>(a[at_a], b[at_b]);
  }
}

template <BinaryOp op>
void issue_binary(const BroadcastWalk& walk, const float* a, const float* b, float* y, std::int64_t n,
                  cudaStream_t stream) {
  if (walk.rank == 1) {
    const bool single_a = walk.a[0] == 0, single_b = walk.b[0] == 0;
    const bool vector = n >= 4 && aligned16(y, single_a ? nullptr : a, single_b ? nullptr : b);
    isotherm_binary_plain<op>
        <<<blocks_for(vector ? (n + 3) / 4 : n), kThreads, 0, stream>>>(a, b, y, n, single_a, single_b, vector);
    return;
  }
  const bool row = walk.rank == 2 && walk.a[0] == walk.dims[1] && walk.a[1] == 1 && walk.b[0] == 0 && walk.b[1] == 1;
  with_index(n, [&](auto zero) {
    using I = decltype(zero);
    if (row && walk.dims[1] % 4 == 0 && aligned16(a, b, y))
      isotherm_binary_row<op, I><<<blocks_for(n / 4), kThreads, 0, stream>>>(a, b, y, static_cast<I>(n / 4),
                                                                             static_cast<I>(walk.dims[1] / 4));
    else
      isotherm_binary<op, I><<<blocks_for(n), kThreads, 0, stream>>>(a, b, y, static_cast<I>(n), walk);
  });
}

template <bool kScale, class I>
__global__ void isotherm_scale_offset(const float* x, const float* multiply, const float* add, float* y, I n,
                                      I channels, I inner, bool vector) {
  if (vector && inner == 1) {
    const I quarter = channels / 4;
    for (I i = first_index<I>(); i < n / 4; i += index_step<I>()) {
      const I c = i % quarter;
      const float4 v = reinterpret_cast<const float4*>(x)[i], b = reinterpret_cast<const float4*>(add)[c];
      const float4 m = kScale ? reinterpret_cast<const float4*>(multiply)[c] : make_float4(1, 1, 1, 1);
      reinterpret_cast<float4*>(y)[i] =
          kScale ? make_float4(fmaf(v.x, m.x, b.x), fmaf(v.y, m.y, b.y), fmaf(v.z, m.z, b.z), fmaf(v.w, m.w, b.w))
                 : make_float4(v.x + b.x, v.y + b.y, v.z + b.z, v.w + b.w);
    }
    return;
  }
  if (vector) {  // all four lie in one channel
    for (I i = first_index<I>(); i < n / 4; i += index_step<I>()) {
      const I c = i * 4 / inner % channels;
      const float4 v = reinterpret_cast<const float4*>(x)[i];
      const float m = kScale ? multiply[c] : 1.0f, b = add[c];
      reinterpret_cast<float4*>(y)[i] =
          kScale ? make_float4(fmaf(v.x, m, b), fmaf(v.y, m, b), fmaf(v.z, m, b), fmaf(v.w, m, b))
                 : make_float4(v.x + b, v.y + b, v.z + b, v.w + b);
    }
    return;
  }
  for (I i = first_index<I>(); i < n; i += index_step<I>()) {
    const I c = i / inner % channels;
    y[i] = kScale ? fmaf(x[i], multiply[c], add[c]) : x[i] + add[c];
  }
}

template <bool kScale>
cudaError_t issue_scale_offset(const float* x, const float* multiply, const float* add, float* y, std::int64_t rows,
                               std::int64_t channels, std::int64_t inner, cudaStream_t stream) {
  const std::int64_t n = rows * channels * inner;
  if (n == 0) return cudaSuccess;
  const bool vector = (inner == 1 ? channels % 4 == 0 && aligned16(multiply, add) : inner % 4 == 0) && aligned16(x, y);
  with_index(n, [&](auto zero) {
    using I = decltype(zero);
    isotherm_scale_offset<kScale, I><<<blocks_for(vector ? n / 4 : n), kThreads, 0, stream>>>(
        x, multiply, add, y, static_cast<I>(n), static_cast<I>(channels), static_cast<I>(inner), vector);
  });
  return cudaGetLastError();
}

__global__ void isotherm_fold_normalisation(const float* scale, const float* offset, const float* mean,
                                            const float* variance, float epsilon, float* multiply, float* add,
                                            std::int64_t channels) {
  for (std::int64_t c = first_item(); c < channels; c += item_step()) {
    const double factor =
        static_cast<double>(scale[c]) / sqrt(static_cast<double>(variance[c]) + static_cast<double>(epsilon));
    multiply[c] = static_cast<float>(factor);
    add[c] = static_cast<float>(static_cast<double>(offset[c]) - static_cast<double>(mean[c]) * factor);
  }
}

}  // namespace

#define ISO_UNARY(name)                                 \
  case UnaryOp::name:                                   \
    issue_unary<UnaryOp::name>(alpha, x, y, n, stream); \
    break

cudaError_t launch_unary(UnaryOp op, float alpha, const float* x, float* y, std::int64_t n, cudaStream_t stream) {
  if (n == 0) return cudaSuccess;
  switch (op) {
    ISO_UNARY(relu);
    ISO_UNARY(relu6);
    ISO_UNARY(leaky_relu);
    ISO_UNARY(elu);
    ISO_UNARY(selu);
    ISO_UNARY(sigmoid);
    ISO_UNARY(tanh);
    ISO_UNARY(softplus);
    ISO_UNARY(softsign);
    ISO_UNARY(neg);
    ISO_UNARY(abs);
    ISO_UNARY(sign);
    ISO_UNARY(square);
    ISO_UNARY(sqrt);
    ISO_UNARY(rsqrt);
    ISO_UNARY(reciprocal);
    ISO_UNARY(exp);
    ISO_UNARY(expm1);
    ISO_UNARY(log);
    ISO_UNARY(log1p);
    ISO_UNARY(sin);
    ISO_UNARY(cos);
    ISO_UNARY(floor);
    ISO_UNARY(ceil);
    ISO_UNARY(round);
    ISO_UNARY(erf);
  }
  return cudaGetLastError();
}

#define ISO_BINARY(name)                                    \
  case BinaryOp::name:                                      \
    issue_binary<BinaryOp::name>(walk, a, b, y, n, stream); \
    break

cudaError_t launch_binary(BinaryOp op, const BroadcastWalk& walk, const float* a, const float* b, float* y,
                          cudaStream_t stream) {
  std::int64_t n = 1;
  for (int d = 0; d < walk.rank; ++d) n *= walk.dims[d];
  if (n == 0) return cudaSuccess;
  switch (op) {
    ISO_BINARY(add);
    ISO_BINARY(sub);
    ISO_BINARY(mul);
    ISO_BINARY(div);
    ISO_BINARY(maximum);
    ISO_BINARY(minimum);
    ISO_BINARY(squared_difference);
    ISO_BINARY(pow);
  }
  return cudaGetLastError();
}

cudaError_t launch_scale_offset(const float* x, const float* multiply, const float* add, float* y, std::int64_t rows,
                                std::int64_t channels, std::int64_t inner, cudaStream_t stream) {
  return issue_scale_offset<true>(x, multiply, add, y, rows, channels, inner, stream);
}

cudaError_t launch_bias(const float* x, const float* bias, float* y, std::int64_t rows, std::int64_t channels,
                        std::int64_t inner, cudaStream_t stream) {
  return issue_scale_offset<false>(x, nullptr, bias, y, rows, channels, inner, stream);
}

cudaError_t launch_fold_normalisation(const float* scale, const float* offset, const float* mean, const float* variance,
                                      float epsilon, float* multiply, float* add, std::int64_t channels,
                                      cudaStream_t stream) {
  if (channels == 0) return cudaSuccess;
  isotherm_fold_normalisation<<<blocks_for(channels), kThreads, 0, stream>>>(scale, offset, mean, variance, epsilon,
                                                                             multiply, add, channels);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
