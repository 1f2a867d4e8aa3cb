#include "cuda/kernels/strided.h"

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

template <class I>
__global__ void isotherm_strided_move(const __grid_constant__ StridedMove move, const std::uint32_t* src,
                                      std::uint32_t* dst, I n) {
  for (I i = first_index<I>(); i < n; i += index_step<I>()) {
    I rest = i;
    std::int64_t from = move.src_offset, to = move.dst_offset;
    for (int d = move.rank - 1; d >= 0; --d) {
      const I dim = static_cast<I>(move.dims[d]), index = rest % dim;
      rest /= dim;
      from += static_cast<std::int64_t>(index) * move.src[d];
      to += static_cast<std::int64_t>(index) * move.dst[d];
    }
    dst[to] = src[from];
  }
}

/// T: float, or float4 where the innermost dimension is whole in fours.
template <class T, class I>
__global__ void isotherm_pad(const __grid_constant__ PaddedFrame frame, const T* x, const float* fill, T* y, I n) {
  T outside;
  const float value = fill ? *fill : 0.0f;
  if constexpr (sizeof(T) == sizeof(float4))
    outside = make_float4(value, value, value, value);
  else
    outside = value;
  for (I i = first_index<I>(); i < n; i += index_step<I>()) {
    I rest = i;
    std::int64_t from = 0, stride = 1;
    bool inside = true;
    for (int d = frame.rank - 1; d >= 0; --d) {
      const I dim = static_cast<I>(frame.dims[d]);
      const std::int64_t index = static_cast<std::int64_t>(rest % dim) - frame.before[d];
      rest /= dim;
      inside = inside && index >= 0 && index < frame.inner[d];
      from += index * stride;
      stride *= frame.inner[d];
    }
    y[i] = inside ? x[from] : outside;
  }
}

/// Neighbouring dimensions that are not padded as one.
PaddedFrame merged(const PaddedFrame& frame) {
  PaddedFrame out;
  out.rank = 0;
  for (int d = 0; d < frame.rank; ++d) {
    const bool plain = frame.before[d] == 0 && frame.dims[d] == frame.inner[d];
    const int last = out.rank - 1;
    if (plain && last >= 0) {  // whole rows: they widen the dimension before, padded or not
      out.dims[last] *= frame.dims[d];
      out.inner[last] *= frame.inner[d];
      out.before[last] *= frame.dims[d];
      continue;
    }
    out.dims[out.rank] = frame.dims[d];
    out.inner[out.rank] = frame.inner[d];
    out.before[out.rank++] = frame.before[d];
  }
  return out;
}

template <class T>
void issue_pad(const PaddedFrame& frame, const float* x, const float* fill, float* y, std::int64_t n,
               cudaStream_t stream) {
  with_index(n, [&](auto zero) {
    using I = decltype(zero);
    isotherm_pad<T, I><<<blocks_for(n), kThreads, 0, stream>>>(frame, reinterpret_cast<const T*>(x), fill,
                                                               reinterpret_cast<T*>(y), static_cast<I>(n));
  });
}

constexpr int kSquare = 32, kLines = 8;

__global__ void isotherm_swap_last(const float* x, float* y, std::int64_t rows, std::int64_t columns,
                                   std::int64_t row_squares, std::int64_t squares) {
  __shared__ float square[kSquare][kSquare + 1];
  const std::int64_t column_squares = (columns + kSquare - 1) / kSquare;
  for (std::int64_t at = blockIdx.x; at < squares; at += gridDim.x) {
    const std::int64_t batch = at / (row_squares * column_squares), rest = at % (row_squares * column_squares);
    const std::int64_t row0 = rest / column_squares * kSquare, column0 = rest % column_squares * kSquare;
    const float* from = x + batch * rows * columns;
    float* to = y + batch * rows * columns;
    for (int i = static_cast<int>(threadIdx.y); i < kSquare; i += kLines) {
      const std::int64_t r = row0 + i, c = column0 + threadIdx.x;
      if (r < rows && c < columns) square[i][threadIdx.x] = from[r * columns + c];
    }
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.y); i < kSquare; i += kLines) {
      const std::int64_t c = column0 + i, r = row0 + threadIdx.x;
      if (r < rows && c < columns) to[c * rows + r] = square[threadIdx.x][i];
    }
    __syncthreads();
  }
}

}  // namespace

cudaError_t launch_strided_move(const StridedMove& move, const void* src, void* dst, cudaStream_t stream) {
  std::int64_t n = 1;
  for (int d = 0; d < move.rank; ++d) n *= move.dims[d];
  if (n == 0) return cudaSuccess;
  with_index(n, [&](auto zero) {
    using I = decltype(zero);
    isotherm_strided_move<I><<<blocks_for(n), kThreads, 0, stream>>>(
        move, static_cast<const std::uint32_t*>(src), static_cast<std::uint32_t*>(dst), static_cast<I>(n));
  });
  return cudaGetLastError();
}

cudaError_t launch_pad(const PaddedFrame& given, const float* x, const float* fill, float* y, cudaStream_t stream) {
  PaddedFrame frame = merged(given);
  std::int64_t n = 1;
  for (int d = 0; d < frame.rank; ++d) n *= frame.dims[d];
  if (n == 0) return cudaSuccess;
  const int last = frame.rank - 1;
  const bool fours = frame.dims[last] % 4 == 0 && frame.inner[last] % 4 == 0 && frame.before[last] % 4 == 0;
  if (fours && aligned16(x, y)) {
    frame.dims[last] /= 4;
    frame.inner[last] /= 4;
    frame.before[last] /= 4;
    issue_pad<float4>(frame, x, fill, y, n / 4, stream);
  } else {
    issue_pad<float>(frame, x, fill, y, n, stream);
  }
  return cudaGetLastError();
}

cudaError_t launch_swap_last(const float* x, float* y, std::int64_t batch, std::int64_t rows, std::int64_t columns,
                             cudaStream_t stream) {
  if (batch * rows * columns == 0) return cudaSuccess;
  const std::int64_t row_squares = (rows + kSquare - 1) / kSquare, column_squares = (columns + kSquare - 1) / kSquare;
  const std::int64_t squares = batch * row_squares * column_squares;
  isotherm_swap_last<<<static_cast<unsigned>(std::min<std::int64_t>(squares, 1 << 20)), dim3(kSquare, kLines), 0,
                       stream>>>(x, y, rows, columns, row_squares, squares);
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
