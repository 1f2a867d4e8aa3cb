// FP32 convolution as an implicit matrix product on the ordinary cores: activations NHWC, weights as TensorFlow has
// them (HWIO), bias, residual and activation fused. Exact FP32, no TF32; the same bits on every run.
//
// The product: rows are output pixels (n, p, q), columns output channels, the inner dimension is (r, s, c). Tiles of
// both go through double-buffered shared memory, each thread holds 8 x 8 results in registers. Where the tiles are too
// few for the card, the inner dimension is split; the parts are summed in order by a second kernel.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "cuda/kernels/epilogue.h"

namespace isotherm::cuda {

/// Sizes of an ungrouped 2-D convolution.
struct ConvolutionShape {
  int n = 1, h = 1, w = 1, c = 1;  ///< input, NHWC
  int p = 1, q = 1, k = 1;         ///< output height, width, channels
  int r = 1, s = 1;                ///< filter
  int stride_h = 1, stride_w = 1;
  int pad_h = 0, pad_w = 0;  ///< before; what is missing behind reads as zero
  int dilation_h = 1, dilation_w = 1;
};

enum class GemmTile : int { m128n128, m128n64, m64n64 };

/// How a shape is computed.
struct ImplicitGemmChoice {
  GemmTile tile = GemmTile::m128n128;
  int splits = 1;  ///< parts of the inner dimension, 1 to 16
};

/// Whether input, output and inner dimension stay below 2^31 elements, as the kernel's indices need.
bool implicit_gemm_fits(const ConvolutionShape& shape);

/// The least estimated time on a card of so many multiprocessors. Workspace stays at or below `workspace_limit`.
ImplicitGemmChoice choose_implicit_gemm(const ConvolutionShape& shape, int multiprocessors,
                                        std::size_t workspace_limit);
/// Bytes that the parts of a split need, 0 for one.
std::size_t implicit_gemm_workspace(const ConvolutionShape& shape, const ImplicitGemmChoice& choice);

/// Columns of the weights matrix in memory: k rounded up to a multiple of 4.
inline int padded_columns(int k) { return (k + 3) / 4 * 4; }

/// Issues the convolution. `x` [n,h,w,c] and `y` [n,p,q,k] are dense; `weights` is [r*s*c, padded_columns(k)] with
/// zeros in the columns behind k: where k is a multiple of 4 that is TensorFlow's filter as it is. All aligned to 16
/// bytes. Epilogue::added is laid out as `y`. `workspace` has implicit_gemm_workspace() bytes.
cudaError_t launch_implicit_gemm(const ConvolutionShape& shape, const ImplicitGemmChoice& choice, const float* x,
                                 const float* weights, float* y, const Epilogue& epilogue, void* workspace,
                                 cudaStream_t stream);

}  // namespace isotherm::cuda
