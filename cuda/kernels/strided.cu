#include "cuda/kernels/strided.h"

#include "cuda/kernels/launch.h"

namespace isotherm::cuda {
namespace {

__global__ void isotherm_strided_move(const __grid_constant__ StridedMove move, const std::uint32_t* src,
                                      std::uint32_t* dst, std::int64_t n) {
  for (std::int64_t i = first_item(); i < n; i += item_step()) {
    std::int64_t rest = i, from = move.src_offset, to = move.dst_offset;
    for (int d = move.rank - 1; d >= 0; --d) {
      const std::int64_t index = rest % move.dims[d];
      rest /= move.dims[d];
      from += index * move.src[d];
      to += index * move.dst[d];
    }
    dst[to] = src[from];
  }
}

__global__ void isotherm_pad(const __grid_constant__ PaddedFrame frame, const float* x, const float* fill, float* y,
                             std::int64_t n) {
  const float outside = fill ? *fill : 0.0f;
  for (std::int64_t i = first_item(); i < n; i += item_step()) {
    std::int64_t rest = i, from = 0, stride = 1;
    bool inside = true;
    for (int d = frame.rank - 1; d >= 0; --d) {
      const std::int64_t index = rest % frame.dims[d] - frame.before[d];
      rest /= frame.dims[d];
      inside = inside && index >= 0 && index < frame.inner[d];
      from += index * stride;
      stride *= frame.inner[d];
    }
    y[i] = inside ? x[from] : outside;
  }
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
  isotherm_strided_move<<<blocks_for(n), kThreads, 0, stream>>>(move, static_cast<const std::uint32_t*>(src),
                                                                static_cast<std::uint32_t*>(dst), n);
  return cudaGetLastError();
}

cudaError_t launch_pad(const PaddedFrame& frame, const float* x, const float* fill, float* y, cudaStream_t stream) {
  std::int64_t n = 1;
  for (int d = 0; d < frame.rank; ++d) n *= frame.dims[d];
  if (n == 0) return cudaSuccess;
  isotherm_pad<<<blocks_for(n), kThreads, 0, stream>>>(frame, x, fill, y, n);
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
