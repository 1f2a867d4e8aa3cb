#include "cuda/kernels/fused_pointwise.h"
#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

__global__ void isotherm_epilogue(const float* x, float* y, std::int64_t elements, std::int64_t columns,
                                  const __grid_constant__ Epilogue e) {
  // Four at a time where neither a row's end nor the tensor's cuts through them.
  const bool fours = elements % 4 == 0 && (e.bias == nullptr || columns % 4 == 0);
  if (fours) {
    for (std::int64_t i = first_item(); i < elements / 4; i += item_step()) {
      const float4 in = reinterpret_cast<const float4*>(x)[i];
      float v[4] = {in.x, in.y, in.z, in.w};
      if (e.bias) {
        const float4 b = *reinterpret_cast<const float4*>(e.bias + i * 4 % columns);
        v[0] += b.x;
        v[1] += b.y;
        v[2] += b.z;
        v[3] += b.w;
      }
      apply_steps<4>(e, i * 4, v);
      reinterpret_cast<float4*>(y)[i] = make_float4(v[0], v[1], v[2], v[3]);
    }
    return;
  }
  for (std::int64_t i = first_item(); i < elements; i += item_step()) {
    float v[1] = {x[i]};
    if (e.bias) v[0] += e.bias[i % columns];
    apply_steps<1>(e, i, v);
    y[i] = v[0];
  }
}

__global__ void isotherm_fused_scale(const float* x, const float* multiply, const float* add, float* y,
                                     std::int64_t elements, std::int64_t channels, std::int64_t inner,
                                     const __grid_constant__ Epilogue e) {
  for (std::int64_t i = first_item(); i < elements; i += item_step()) {
    const std::int64_t c = i / inner % channels;
    float v[1] = {fmaf(x[i], multiply[c], add[c])};
    apply_steps<1>(e, i, v);
    y[i] = v[0];
  }
}

__device__ __forceinline__ float combine(BinaryOp op, float a, float b) {
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
      return a < b || b != b ? b : a;  // NaN stays
    default:
      return a > b || b != b ? b : a;
  }
}

__global__ void isotherm_fused_binary(BinaryOp op, const float* a, const float* b, float* y, std::int64_t elements,
                                      const __grid_constant__ Epilogue e) {
  if (elements % 4 == 0) {
    for (std::int64_t i = first_item(); i < elements / 4; i += item_step()) {
      const float4 p = reinterpret_cast<const float4*>(a)[i], q = reinterpret_cast<const float4*>(b)[i];
      float v[4] = {combine(op, p.x, q.x), combine(op, p.y, q.y), combine(op, p.z, q.z), combine(op, p.w, q.w)};
      apply_steps<4>(e, i * 4, v);
      reinterpret_cast<float4*>(y)[i] = make_float4(v[0], v[1], v[2], v[3]);
    }
    return;
  }
  for (std::int64_t i = first_item(); i < elements; i += item_step()) {
    float v[1] = {combine(op, a[i], b[i])};
    apply_steps<1>(e, i, v);
    y[i] = v[0];
  }
}

__global__ void isotherm_fused_broadcast(BinaryOp op, const __grid_constant__ BroadcastWalk walk, const float* a,
                                         const float* b, float* y, std::int64_t elements,
                                         const __grid_constant__ Epilogue e) {
  for (std::int64_t i = first_item(); i < elements; i += item_step()) {
    std::int64_t rest = i, at_a = 0, at_b = 0;
    for (int d = walk.rank - 1; d >= 0; --d) {
      const std::int64_t index = rest % walk.dims[d];
      rest /= walk.dims[d];
      at_a += index * walk.a[d];
      at_b += index * walk.b[d];
    }
    float v[1] = {combine(op, a[at_a], b[at_b])};
    apply_steps<1>(e, i, v);
    y[i] = v[0];
  }
}

}  // namespace

cudaError_t launch_epilogue(const float* x, float* y, std::int64_t elements, std::int64_t columns,
                            const Epilogue& epilogue, cudaStream_t stream) {
  if (elements <= 0) return cudaSuccess;
  isotherm_epilogue<<<blocks_for((elements + 3) / 4), kThreads, 0, stream>>>(x, y, elements, columns, epilogue);
  return cudaGetLastError();
}

cudaError_t launch_fused_scale(const float* x, const float* multiply, const float* add, float* y, std::int64_t rows,
                               std::int64_t channels, std::int64_t inner, const Epilogue& epilogue,
                               cudaStream_t stream) {
  const std::int64_t elements = rows * channels * inner;
  if (elements <= 0) return cudaSuccess;
  isotherm_fused_scale<<<blocks_for(elements), kThreads, 0, stream>>>(x, multiply, add, y, elements, channels, inner,
                                                                      epilogue);
  return cudaGetLastError();
}

cudaError_t launch_fused_binary(BinaryOp op, const BroadcastWalk& walk, const float* a, const float* b, float* y,
                                const Epilogue& epilogue, cudaStream_t stream) {
  std::int64_t elements = 1;
  for (int d = 0; d < walk.rank; ++d) elements *= walk.dims[d];
  if (elements <= 0) return cudaSuccess;
  if (walk.rank == 1 && walk.a[0] == 1 && walk.b[0] == 1)
    isotherm_fused_binary<<<blocks_for((elements + 3) / 4), kThreads, 0, stream>>>(op, a, b, y, elements, epilogue);
  else
    isotherm_fused_broadcast<<<blocks_for(elements), kThreads, 0, stream>>>(op, walk, a, b, y, elements, epilogue);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
