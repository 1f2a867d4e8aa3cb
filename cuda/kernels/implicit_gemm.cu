#include "cuda/kernels/implicit_gemm.h"

#include <algorithm>

namespace isotherm::cuda {
namespace {

constexpr int kDepth = 8;  // of a tile along the inner dimension

/// Division by a number that is fixed per launch, for dividends below 2^31.
struct Divider {
  unsigned divisor = 1, multiplier = 0, shift = 0;
  Divider() = default;
  explicit Divider(unsigned d) : divisor(d) {
    while ((1ull << shift) < d) ++shift;
    multiplier = static_cast<unsigned>(((1ull << 32) * ((1ull << shift) - d)) / d + 1);
  }
  __device__ __forceinline__ void divide(unsigned n, unsigned& quotient, unsigned& remainder) const {
    quotient = (__umulhi(n, multiplier) + n) >> shift;
    remainder = n - quotient * divisor;
  }
};

struct Arguments {
  ConvolutionShape shape;
  const float* x;
  const float* weights;
  float* y;  // or the parts of a split, one behind the other
  int rows, inner, inner_per_split, columns_padded;
  bool split;
  Divider by_q, by_p, by_c, by_s;
  Epilogue epilogue;
};

/// Threads of a tile: warps of 32 x 64 results, lanes 4 x 8, each with 2 x 2 squares of 4 x 4.
template <int BM, int BN>
struct Tiling {
  static constexpr int kWarpRows = BM / 32, kWarpColumns = BN / 64;
  static constexpr int kThreads = kWarpRows * kWarpColumns * 32;
  static constexpr int kBlocks = BM * BN >= 128 * 128 ? 2 : 384 / kThreads;  // on a multiprocessor at once
  static constexpr int kLoadsA = BM * kDepth / 4 / kThreads;
  static constexpr int kLoadsB = BN * kDepth / 4 / kThreads;
  static constexpr int kRowsPerLoad = kThreads / (kDepth / 4);  // of A in one step of all threads
  static constexpr int kPitchA = BM + 4;                        // spreads the transposing stores over the banks
};

/// Four values of one input pixel row of the product, from inner index k on.
template <bool kVector>
__device__ __forceinline__ float4 load_inputs(const Arguments& a, int image, int h0, int w0, int k, int end) {
  const ConvolutionShape& g = a.shape;
  float v[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  if (kVector) {  // channels are a multiple of 4: all four lie in one pixel
    if (image < 0 || k >= end) return make_float4(0, 0, 0, 0);
    unsigned rs, c, r, s;
    a.by_c.divide(static_cast<unsigned>(k), rs, c);
    a.by_s.divide(rs, r, s);
    const int h = h0 + static_cast<int>(r) * g.dilation_h, w = w0 + static_cast<int>(s) * g.dilation_w;
    if (static_cast<unsigned>(h) >= static_cast<unsigned>(g.h) ||
        static_cast<unsigned>(w) >= static_cast<unsigned>(g.w))
      return make_float4(0, 0, 0, 0);
    return *reinterpret_cast<const float4*>(a.x + image + (h * g.w + w) * g.c + static_cast<int>(c));
  }
  if (image >= 0) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (k + i >= end) break;
      unsigned rs, c, r, s;
      a.by_c.divide(static_cast<unsigned>(k + i), rs, c);
      a.by_s.divide(rs, r, s);
      const int h = h0 + static_cast<int>(r) * g.dilation_h, w = w0 + static_cast<int>(s) * g.dilation_w;
      if (static_cast<unsigned>(h) < static_cast<unsigned>(g.h) &&
          static_cast<unsigned>(w) < static_cast<unsigned>(g.w))
        v[i] = a.x[image + (h * g.w + w) * g.c + static_cast<int>(c)];
    }
  }
  return make_float4(v[0], v[1], v[2], v[3]);
}

/// Writes four neighbouring results of one row, through the epilogue unless they are a part of a split.
__device__ __forceinline__ void store_four(const Arguments& a, float* y, int row, int column, float4 values) {
  const int k = a.shape.k;
  const std::int64_t index = static_cast<std::int64_t>(row) * k + column;
  float v[4] = {values.x, values.y, values.z, values.w};
  if ((k & 3) == 0) {
    if (!a.split) {
      if (a.epilogue.bias) {
        const float4 b = *reinterpret_cast<const float4*>(a.epilogue.bias + column);
        v[0] += b.x;
        v[1] += b.y;
        v[2] += b.z;
        v[3] += b.w;
      }
      apply_steps<4>(a.epilogue, index, v);
    }
    *reinterpret_cast<float4*>(y + index) = make_float4(v[0], v[1], v[2], v[3]);
    return;
  }
#pragma unroll 1
  for (int i = 0; i < 4 && column + i < k; ++i) {
    float one[1] = {i == 0 ? v[0] : i == 1 ? v[1] : i == 2 ? v[2] : v[3]};
    if (!a.split) {
      if (a.epilogue.bias) one[0] += a.epilogue.bias[column + i];
      apply_steps<1>(a.epilogue, index + i, one);
    }
    y[index + i] = one[0];
  }
}

template <int BM, int BN, bool kVector>
__global__ void __launch_bounds__((Tiling<BM, BN>::kThreads), (Tiling<BM, BN>::kBlocks))
    isotherm_implicit_gemm(const __grid_constant__ Arguments a) {
  using T = Tiling<BM, BN>;
  constexpr int kTileA = kDepth * T::kPitchA / 4, kTileB = kDepth * BN / 4;
  static_assert(2 * (kTileA + kTileB) >= 4 * T::kThreads, "the results pass through the tiles' memory");
  __shared__ float4 tiles[2 * (kTileA + kTileB)];
  float4* const tiles_a = tiles;
  float4* const tiles_b = tiles + 2 * kTileA;
  const ConvolutionShape& g = a.shape;
  const int thread = static_cast<int>(threadIdx.x);
  const int first_row = static_cast<int>(blockIdx.x) * BM, first_column = static_cast<int>(blockIdx.y) * BN;
  const int begin = static_cast<int>(blockIdx.z) * a.inner_per_split;
  const int end = min(begin + a.inner_per_split, a.inner);

  // What this thread loads of A: fixed rows, four values along the inner dimension.
  const int load_k = thread % (kDepth / 4) * 4, load_row = thread / (kDepth / 4);
  int images[T::kLoadsA];  // where they begin, -1 behind the last row
  int h0[T::kLoadsA], w0[T::kLoadsA];
#pragma unroll
  for (int i = 0; i < T::kLoadsA; ++i) {
    const int row = first_row + load_row + i * T::kRowsPerLoad;
    unsigned np, q, n, p;
    a.by_q.divide(static_cast<unsigned>(row), np, q);
    a.by_p.divide(np, n, p);
    images[i] = row < a.rows ? static_cast<int>(n) * g.h * g.w * g.c : -1;
    h0[i] = static_cast<int>(p) * g.stride_h - g.pad_h;
    w0[i] = static_cast<int>(q) * g.stride_w - g.pad_w;
  }
  float4 next_a[T::kLoadsA], next_b[T::kLoadsB];
  const auto fetch = [&](int k) {
#pragma unroll
    for (int i = 0; i < T::kLoadsA; ++i) next_a[i] = load_inputs<kVector>(a, images[i], h0[i], w0[i], k + load_k, end);
#pragma unroll
    for (int i = 0; i < T::kLoadsB; ++i) {
      const int at = thread + i * T::kThreads;
      const int row = k + at / (BN / 4), column = first_column + at % (BN / 4) * 4;
      next_b[i] =
          row < end && column < a.columns_padded
              ? *reinterpret_cast<const float4*>(a.weights + static_cast<std::int64_t>(row) * a.columns_padded + column)
              : make_float4(0, 0, 0, 0);
    }
  };
  const auto put = [&](int buffer) {
    float* const to = reinterpret_cast<float*>(tiles_a + buffer * kTileA);
#pragma unroll
    for (int i = 0; i < T::kLoadsA; ++i) {
      const int row = load_row + i * T::kRowsPerLoad;
      to[(load_k + 0) * T::kPitchA + row] = next_a[i].x;
      to[(load_k + 1) * T::kPitchA + row] = next_a[i].y;
      to[(load_k + 2) * T::kPitchA + row] = next_a[i].z;
      to[(load_k + 3) * T::kPitchA + row] = next_a[i].w;
    }
#pragma unroll
    for (int i = 0; i < T::kLoadsB; ++i) tiles_b[buffer * kTileB + thread + i * T::kThreads] = next_b[i];
  };

  const int warp = thread / 32, lane = thread % 32;
  const int row0 = warp / T::kWarpColumns * 32 + lane / 8 * 4;
  const int column0 = warp % T::kWarpColumns * 64 + lane % 8 * 4;
  float sums[8][8] = {};

  fetch(begin);
  put(0);
  __syncthreads();
  int buffer = 0;
  for (int k = begin; k < end; k += kDepth) {
    const bool more = k + kDepth < end;
    if (more) fetch(k + kDepth);
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      float fa[8], fb[8];
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const float4 u = tiles_a[buffer * kTileA + (d * T::kPitchA + row0 + half * 16) / 4];
        const float4 v = tiles_b[buffer * kTileB + (d * BN + column0 + half * 32) / 4];
        fa[half * 4 + 0] = u.x;
        fa[half * 4 + 1] = u.y;
        fa[half * 4 + 2] = u.z;
        fa[half * 4 + 3] = u.w;
        fb[half * 4 + 0] = v.x;
        fb[half * 4 + 1] = v.y;
        fb[half * 4 + 2] = v.z;
        fb[half * 4 + 3] = v.w;
      }
#pragma unroll
      for (int i = 0; i < 8; ++i)
#pragma unroll
        for (int j = 0; j < 8; ++j) sums[i][j] = fmaf(fa[i], fb[j], sums[i][j]);
    }
    if (more) {  // the other buffer was read last before the barrier of the previous step
      buffer ^= 1;
      put(buffer);
      __syncthreads();
    }
  }

  // The results pass through shared memory, each thread's own place, so that the epilogue's code stands here once and
  // not sixteen times.
  float* const y = a.y + static_cast<std::int64_t>(blockIdx.z) * a.rows * g.k;
  __syncthreads();
#pragma unroll 1
  for (int pass = 0; pass < 4; ++pass) {
#pragma unroll
    for (int p = 0; p < 4; ++p) {
      if (p != pass) continue;
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const float* const from = &sums[p * 2 + e / 2][e % 2 * 4];
        tiles[e * T::kThreads + thread] = make_float4(from[0], from[1], from[2], from[3]);
      }
    }
#pragma unroll 1
    for (int e = 0; e < 4; ++e) {
      const int i = pass * 2 + e / 2;
      const int row = first_row + row0 + i / 4 * 16 + i % 4;
      const int column = first_column + column0 + e % 2 * 32;
      if (row < a.rows && column < g.k) store_four(a, y, row, column, tiles[e * T::kThreads + thread]);
    }
  }
}

/// Sums the parts in order and applies the epilogue.
__global__ void isotherm_implicit_gemm_sum(const float* parts, float* y, std::int64_t elements, int splits, int columns,
                                           const __grid_constant__ Epilogue epilogue) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  if (columns % 4 == 0) {
    for (std::int64_t i = blockIdx.x * static_cast<std::int64_t>(blockDim.x) + threadIdx.x; i < elements / 4;
         i += step) {
      float v[4] = {};
      for (int s = 0; s < splits; ++s) {
        const float4 part = reinterpret_cast<const float4*>(parts + s * elements)[i];
        v[0] += part.x;
        v[1] += part.y;
        v[2] += part.z;
        v[3] += part.w;
      }
      if (epilogue.bias)
#pragma unroll
        for (int j = 0; j < 4; ++j) v[j] += epilogue.bias[static_cast<int>(i * 4 % columns) + j];
      apply_steps<4>(epilogue, i * 4, v);
      reinterpret_cast<float4*>(y)[i] = make_float4(v[0], v[1], v[2], v[3]);
    }
    return;
  }
  for (std::int64_t i = blockIdx.x * static_cast<std::int64_t>(blockDim.x) + threadIdx.x; i < elements; i += step) {
    float v[1] = {};
    for (int s = 0; s < splits; ++s) v[0] += parts[s * elements + i];
    if (epilogue.bias) v[0] += epilogue.bias[static_cast<int>(i % columns)];
    apply_steps<1>(epilogue, i, v);
    y[i] = v[0];
  }
}

template <int BM, int BN, bool kVector>
void launch_tile(const Arguments& a, int splits, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((a.rows + BM - 1) / BM), static_cast<unsigned>((a.shape.k + BN - 1) / BN),
                  static_cast<unsigned>(splits));
  isotherm_implicit_gemm<BM, BN, kVector><<<grid, Tiling<BM, BN>::kThreads, 0, stream>>>(a);
}

std::int64_t rows_of(const ConvolutionShape& g) { return static_cast<std::int64_t>(g.n) * g.p * g.q; }
std::int64_t inner_of(const ConvolutionShape& g) { return static_cast<std::int64_t>(g.r) * g.s * g.c; }

/// Whether four inner elements lie in one pixel, so that they are read at once. There is one tile for other inputs (the
/// images at a network's start).
bool reads_vectors(const ConvolutionShape& g) { return g.c % 4 == 0; }

/// Inner elements of one part: whole tiles.
std::int64_t part_of(std::int64_t inner, int splits) {
  const std::int64_t tiles = (inner + kDepth - 1) / kDepth;
  return (tiles + splits - 1) / splits * kDepth;
}

struct TileFacts {
  GemmTile tile;
  int rows, columns;
  double efficiency;  // of a full card, relative
  int per_processor;  // blocks that it takes to keep a multiprocessor busy
};
constexpr TileFacts kTiles[] = {
    {GemmTile::m128n128, 128, 128, 1.0, 2}, {GemmTile::m128n64, 128, 64, 0.95, 3}, {GemmTile::m64n64, 64, 64, 0.8, 6}};

/// Seconds, roughly: whole waves of blocks at the card's rate, and the traffic of a split.
double estimate(const ConvolutionShape& g, const TileFacts& t, int splits, int multiprocessors) {
  const std::int64_t part = part_of(inner_of(g), splits);
  const std::int64_t parts = (inner_of(g) + part - 1) / part;
  const std::int64_t blocks = (rows_of(g) + t.rows - 1) / t.rows * ((g.k + t.columns - 1) / t.columns) * parts;
  const std::int64_t fullest = (blocks + multiprocessors - 1) / multiprocessors;
  // A multiprocessor with few blocks waits for memory between them.
  const double busy = std::min(1.0, 0.55 + 0.45 * static_cast<double>(fullest) / t.per_processor);
  const double rate = 128 * 1.6e9 * 0.75 * t.efficiency * busy;  // multiply-adds per second and multiprocessor
  double seconds = static_cast<double>(fullest) * t.rows * t.columns * static_cast<double>(part) / rate;
  if (parts > 1)
    seconds += 3e-6 + static_cast<double>(rows_of(g)) * g.k * 4 * static_cast<double>(2 * parts + 1) / 2.0e12;
  return seconds;
}

}  // namespace

bool implicit_gemm_fits(const ConvolutionShape& g) {
  constexpr std::int64_t limit = std::int64_t{1} << 31;
  const std::int64_t input = static_cast<std::int64_t>(g.n) * g.h * g.w * g.c;
  return rows_of(g) < limit - 128 && inner_of(g) < limit - kDepth && input < limit && rows_of(g) > 0 && g.k > 0 &&
         (static_cast<std::int64_t>(g.k) + 63) / 64 <= 65535;
}

ImplicitGemmChoice choose_implicit_gemm(const ConvolutionShape& shape, int multiprocessors,
                                        std::size_t workspace_limit) {
  ImplicitGemmChoice best;
  double least = -1;
  for (const TileFacts& t : kTiles) {
    if (!reads_vectors(shape) && t.tile != GemmTile::m128n64) continue;
    for (const int splits : {1, 2, 3, 4, 6, 8, 12, 16}) {
      const std::int64_t part = part_of(inner_of(shape), splits);
      if (splits > 1 && (part < 16 * kDepth || (inner_of(shape) + part - 1) / part != splits)) continue;
      const ImplicitGemmChoice choice{t.tile, splits};
      if (implicit_gemm_workspace(shape, choice) > workspace_limit) continue;
      const double seconds = estimate(shape, t, splits, std::max(multiprocessors, 1));
      if (least >= 0 && seconds >= least) continue;
      least = seconds;
      best = choice;
    }
  }
  return best;
}

std::size_t implicit_gemm_workspace(const ConvolutionShape& shape, const ImplicitGemmChoice& choice) {
  if (choice.splits <= 1) return 0;
  return static_cast<std::size_t>(rows_of(shape)) * static_cast<std::size_t>(shape.k) *
         static_cast<std::size_t>(choice.splits) * sizeof(float);
}

cudaError_t launch_implicit_gemm(const ConvolutionShape& g, const ImplicitGemmChoice& choice, const float* x,
                                 const float* weights, float* y, const Epilogue& epilogue, void* workspace,
                                 cudaStream_t stream) {
  const bool split = choice.splits > 1;
  const int inner = static_cast<int>(inner_of(g));
  const Arguments a{g,
                    x,
                    weights,
                    split ? static_cast<float*>(workspace) : y,
                    static_cast<int>(rows_of(g)),
                    inner,
                    static_cast<int>(part_of(inner, choice.splits)),
                    padded_columns(g.k),
                    split,
                    Divider(static_cast<unsigned>(g.q)),
                    Divider(static_cast<unsigned>(g.p)),
                    Divider(static_cast<unsigned>(g.c)),
                    Divider(static_cast<unsigned>(g.s)),
                    epilogue};
  if (!reads_vectors(g))
    launch_tile<128, 64, false>(a, choice.splits, stream);
  else if (choice.tile == GemmTile::m128n128)
    launch_tile<128, 128, true>(a, choice.splits, stream);
  else if (choice.tile == GemmTile::m128n64)
    launch_tile<128, 64, true>(a, choice.splits, stream);
  else
    launch_tile<64, 64, true>(a, choice.splits, stream);
  if (split) {
    const cudaError_t error = cudaGetLastError();
    if (error != cudaSuccess) return error;
    const std::int64_t elements = rows_of(g) * g.k;
    const std::int64_t work = g.k % 4 == 0 ? elements / 4 : elements;
    const auto blocks = static_cast<unsigned>(std::min<std::int64_t>((work + 255) / 256, 4096));
    isotherm_implicit_gemm_sum<<<blocks, 256, 0, stream>>>(static_cast<const float*>(workspace), y, elements,
                                                           choice.splits, g.k, epilogue);
  }
  return cudaGetLastError();
}

}  // namespace isotherm::cuda
