// oneDNN 2.6 and 3.x behind one header: the few primitives that kernels use, made from plain arguments.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "core/graph/shape.h"
#include "core/graph/status.h"

namespace isotherm::cpu {

using dnnl::memory;

/// The process's CPU engine and a stream for the calling thread.
dnnl::engine& onednn_engine();
dnnl::stream& onednn_stream();
/// "oneDNN 2.6.3 (avx512_core)".
std::string onednn_description();
/// Makes oneDNN use that many threads on this thread's next calls.
void set_onednn_threads(int threads);
/// One sentence from what oneDNN threw.
Error onednn_error(const dnnl::error& e);

inline memory::dims to_dims(const Shape& shape) { return shape.dims(); }

struct ConvolutionArguments {
  memory::desc src, weights, bias, dst;  ///< a zero desc as `bias`: none
  memory::dims strides, dilations;       ///< dilations as oneDNN counts them: 0 is dense
  memory::dims pads_begin, pads_end;
};

/// Forward convolution for inference. Throws dnnl::error.
dnnl::convolution_forward::primitive_desc make_convolution(const ConvolutionArguments& a,
                                                           const dnnl::primitive_attr& attr);
/// The gradient of a convolution with respect to its input, used as a transposed convolution. `src` is the small,
/// `dst` the large tensor; `weights` are those of the forward convolution that maps dst to src. Throws dnnl::error.
dnnl::deconvolution_forward::primitive_desc make_deconvolution(const ConvolutionArguments& a,
                                                               const dnnl::primitive_attr& attr);

struct PoolingArguments {
  dnnl::algorithm algorithm;
  memory::desc src, dst;
  memory::dims strides, kernel, pads_begin, pads_end;
};
/// Throws dnnl::error.
dnnl::pooling_forward::primitive_desc make_pooling(const PoolingArguments& a, const dnnl::primitive_attr& attr);

/// Row-major matrix product dst = src * weights (+ bias); batched where the descs have three dimensions.
/// Throws dnnl::error.
dnnl::matmul::primitive_desc make_matmul(const memory::desc& src, const memory::desc& weights, const memory::desc& bias,
                                         const memory::desc& dst, const dnnl::primitive_attr& attr);

/// Attributes with a scratchpad that the caller provides.
inline dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

}  // namespace isotherm::cpu
