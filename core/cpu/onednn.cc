#include "core/cpu/onednn.h"

#include <omp.h>

namespace isotherm::cpu {
namespace {

bool is_zero(const memory::desc& desc) { return desc == memory::desc(); }

std::string isa_name() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
      return "default ISA";
    default:
      return "ISA " + std::to_string(static_cast<int>(dnnl::get_effective_cpu_isa()));
  }
}

}  // namespace

dnnl::engine& onednn_engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& onednn_stream() {
  thread_local dnnl::stream stream(onednn_engine());
  return stream;
}

std::string onednn_description() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch) + " (" +
         isa_name() + ")";
}

void set_onednn_threads(int threads) {
  if (omp_get_max_threads() != threads) omp_set_num_threads(threads);
}

Error onednn_error(const dnnl::error& e) {
  const std::string text = std::string("oneDNN: ") + e.what();
  return e.status == dnnl_out_of_memory ? exhausted(text) : unsupported(text);
}

#if DNNL_VERSION_MAJOR >= 3

dnnl::convolution_forward::primitive_desc make_convolution(const ConvolutionArguments& a,
                                                           const dnnl::primitive_attr& attr) {
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_auto;
  if (is_zero(a.bias))
    return {onednn_engine(), kind,        algorithm,    a.src,      a.weights, a.dst,
            a.strides,       a.dilations, a.pads_begin, a.pads_end, attr};
  return {onednn_engine(), kind,      algorithm,   a.src,        a.weights,  a.bias,
          a.dst,           a.strides, a.dilations, a.pads_begin, a.pads_end, attr};
}

dnnl::deconvolution_forward::primitive_desc make_deconvolution(const ConvolutionArguments& a,
                                                               const dnnl::primitive_attr& attr) {
  return {onednn_engine(),
          dnnl::prop_kind::forward_inference,
          dnnl::algorithm::deconvolution_direct,
          a.src,
          a.weights,
          a.dst,
          a.strides,
          a.dilations,
          a.pads_begin,
          a.pads_end,
          attr};
}

dnnl::pooling_forward::primitive_desc make_pooling(const PoolingArguments& a, const dnnl::primitive_attr& attr) {
  const memory::dims dense(a.kernel.size(), 0);
  return {onednn_engine(),
          dnnl::prop_kind::forward_inference,
          a.algorithm,
          a.src,
          a.dst,
          a.strides,
          a.kernel,
          dense,
          a.pads_begin,
          a.pads_end,
          attr};
}

dnnl::matmul::primitive_desc make_matmul(const memory::desc& src, const memory::desc& weights, const memory::desc& bias,
                                         const memory::desc& dst, const dnnl::primitive_attr& attr) {
  if (is_zero(bias)) return {onednn_engine(), src, weights, dst, attr};
  return {onednn_engine(), src, weights, bias, dst, attr};
}

#else

dnnl::convolution_forward::primitive_desc make_convolution(const ConvolutionArguments& a,
                                                           const dnnl::primitive_attr& attr) {
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_auto;
  const auto desc = is_zero(a.bias) ? dnnl::convolution_forward::desc(kind, algorithm, a.src, a.weights, a.dst,
                                                                      a.strides, a.dilations, a.pads_begin, a.pads_end)
                                    : dnnl::convolution_forward::desc(kind, algorithm, a.src, a.weights, a.bias, a.dst,
                                                                      a.strides, a.dilations, a.pads_begin, a.pads_end);
  return {desc, attr, onednn_engine()};
}

dnnl::deconvolution_forward::primitive_desc make_deconvolution(const ConvolutionArguments& a,
                                                               const dnnl::primitive_attr& attr) {
  const dnnl::deconvolution_forward::desc desc(dnnl::prop_kind::forward_inference,
                                               dnnl::algorithm::deconvolution_direct, a.src, a.weights, a.dst,
                                               a.strides, a.dilations, a.pads_begin, a.pads_end);
  return {desc, attr, onednn_engine()};
}

dnnl::pooling_forward::primitive_desc make_pooling(const PoolingArguments& a, const dnnl::primitive_attr& attr) {
  const dnnl::pooling_forward::desc desc(dnnl::prop_kind::forward_inference, a.algorithm, a.src, a.dst, a.strides,
                                         a.kernel, a.pads_begin, a.pads_end);
  return {desc, attr, onednn_engine()};
}

dnnl::matmul::primitive_desc make_matmul(const memory::desc& src, const memory::desc& weights, const memory::desc& bias,
                                         const memory::desc& dst, const dnnl::primitive_attr& attr) {
  if (is_zero(bias)) return {dnnl::matmul::desc(src, weights, dst), attr, onednn_engine()};
  return {dnnl::matmul::desc(src, weights, bias, dst), attr, onednn_engine()};
}

#endif

}  // namespace isotherm::cpu
