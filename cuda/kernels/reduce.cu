#include "cuda/kernels/reduce.h"

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

template <ReduceOp op>
__device__ __forceinline__ double start() {
  switch (op) {
    case ReduceOp::prod:
      return 1;
    case ReduceOp::maximum:
      return -INFINITY;
    case ReduceOp::minimum:
      return INFINITY;
    default:
      return 0;
  }
}

template <ReduceOp op>
__device__ __forceinline__ double step(double a, double x) {
  switch (op) {
    case ReduceOp::prod:
      return a * x;
    case ReduceOp::maximum:
      return x > a || x != x ? x : a;
    case ReduceOp::minimum:
      return x < a || x != x ? x : a;
    case ReduceOp::norm:
      return a + x * x;
    default:
      return a + x;
  }
}

/// Two results of step(): of a norm, both are squares already.
template <ReduceOp op>
__device__ __forceinline__ double join(double a, double b) {
  return op == ReduceOp::norm ? a + b : step<op>(a, b);
}

template <ReduceOp op>
__device__ __forceinline__ float finish(double a, std::int64_t reduced) {
  if (op == ReduceOp::mean) return static_cast<float>(a / static_cast<double>(reduced));
  if (op == ReduceOp::norm) return static_cast<float>(sqrt(a));
  return static_cast<float>(a);
}

template <class F>
__device__ __forceinline__ double reduce_block(double value, F&& join_two, double* shared) {
  for (int offset = 16; offset > 0; offset /= 2) value = join_two(value, __shfl_down_sync(0xffffffffu, value, offset));
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  if (lane == 0) shared[warp] = value;
  __syncthreads();
  double all = shared[0];
  for (int w = 1; w < static_cast<int>(blockDim.x) / 32; ++w) all = join_two(all, shared[w]);
  __syncthreads();
  return all;  // in every thread
}

/// One block a row.
template <ReduceOp op>
__global__ void __launch_bounds__(kThreads)
    isotherm_reduce_rows(const float* x, float* y, std::int64_t outer, std::int64_t reduced) {
  __shared__ double shared[kThreads / 32];
  for (std::int64_t row = blockIdx.x; row < outer; row += gridDim.x) {
    double a = start<op>();
    for (std::int64_t i = threadIdx.x; i < reduced; i += kThreads)
      a = step<op>(a, static_cast<double>(x[row * reduced + i]));
    a = reduce_block(
        a, [](double u, double v) { return join<op>(u, v); }, shared);
    if (threadIdx.x == 0) y[row] = finish<op>(a, reduced);
  }
}

/// Neighbouring threads reduce neighbouring columns; the eight rows of threads of a block share the work on a column.
constexpr int kColumns = 32, kParts = 8;
template <ReduceOp op>
__global__ void __launch_bounds__(kColumns* kParts)
    isotherm_reduce_columns(const float* x, float* y, std::int64_t reduced, std::int64_t inner, std::int64_t strips,
                            std::int64_t blocks) {
  __shared__ double shared[kParts][kColumns];
  for (std::int64_t at = blockIdx.x; at < blocks; at += gridDim.x) {
    const std::int64_t outer = at / strips, column = at % strips * kColumns + threadIdx.x;
    double a = start<op>();
    if (column < inner)
      for (std::int64_t i = threadIdx.y; i < reduced; i += kParts)
        a = step<op>(a, static_cast<double>(x[(outer * reduced + i) * inner + column]));
    shared[threadIdx.y][threadIdx.x] = a;
    __syncthreads();
    if (threadIdx.y == 0 && column < inner) {
      for (int part = 1; part < kParts; ++part) a = join<op>(a, shared[part][threadIdx.x]);
      y[outer * inner + column] = finish<op>(a, reduced);
    }
    __syncthreads();
  }
}

template <ReduceOp op>
void issue(const float* x, float* y, std::int64_t outer, std::int64_t reduced, std::int64_t inner,
           cudaStream_t stream) {
  if (inner == 1) {
    isotherm_reduce_rows<op>
        <<<static_cast<unsigned>(std::min<std::int64_t>(outer, 1 << 20)), kThreads, 0, stream>>>(x, y, outer, reduced);
    return;
  }
  const std::int64_t strips = (inner + kColumns - 1) / kColumns, blocks = outer * strips;
  isotherm_reduce_columns<op>
      <<<static_cast<unsigned>(std::min<std::int64_t>(blocks, 1 << 20)), dim3(kColumns, kParts), 0, stream>>>(
          x, y, reduced, inner, strips, blocks);
}

__global__ void __launch_bounds__(kThreads)
    isotherm_softmax(const float* x, float* y, std::int64_t rows, std::int64_t n, bool logarithm) {
  __shared__ double shared[kThreads / 32];
  for (std::int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* from = x + row * n;
    float* to = y + row * n;
    double top = -INFINITY;
    for (std::int64_t i = threadIdx.x; i < n; i += kThreads)
      top = step<ReduceOp::maximum>(top, static_cast<double>(from[i]));
    top = reduce_block(
        top, [](double u, double v) { return step<ReduceOp::maximum>(u, v); }, shared);
    const float highest = static_cast<float>(top);
    double sum = 0;
    for (std::int64_t i = threadIdx.x; i < n; i += kThreads) sum += static_cast<double>(expf(from[i] - highest));
    sum = reduce_block(
        sum, [](double u, double v) { return u + v; }, shared);
    if (logarithm) {
      const float shift = static_cast<float>(log(sum));
      for (std::int64_t i = threadIdx.x; i < n; i += kThreads) to[i] = from[i] - highest - shift;
    } else {
      const float scale = static_cast<float>(1.0 / sum);
      for (std::int64_t i = threadIdx.x; i < n; i += kThreads) to[i] = expf(from[i] - highest) * scale;
    }
  }
}

}  // namespace

cudaError_t launch_reduce(ReduceOp op, const float* x, float* y, std::int64_t outer, std::int64_t reduced,
                          std::int64_t inner, cudaStream_t stream) {
  if (outer * inner == 0) return cudaSuccess;
  switch (op) {
    case ReduceOp::sum:
      issue<ReduceOp::sum>(x, y, outer, reduced, inner, stream);
      break;
    case ReduceOp::mean:
      issue<ReduceOp::mean>(x, y, outer, reduced, inner, stream);
      break;
    case ReduceOp::prod:
      issue<ReduceOp::prod>(x, y, outer, reduced, inner, stream);
      break;
    case ReduceOp::maximum:
      issue<ReduceOp::maximum>(x, y, outer, reduced, inner, stream);
      break;
    case ReduceOp::minimum:
      issue<ReduceOp::minimum>(x, y, outer, reduced, inner, stream);
      break;
    case ReduceOp::norm:
      issue<ReduceOp::norm>(x, y, outer, reduced, inner, stream);
      break;
  }
  return cudaGetLastError();
}

cudaError_t launch_softmax(bool logarithm, const float* x, float* y, std::int64_t rows, std::int64_t n,
                           cudaStream_t stream) {
  if (rows * n == 0) return cudaSuccess;
  isotherm_softmax<<<static_cast<unsigned>(std::min<std::int64_t>(rows, 1 << 20)), kThreads, 0, stream>>>(x, y, rows, n,
                                                                                                          logarithm);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
