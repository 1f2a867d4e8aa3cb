// Conv2D, Conv3D, DepthwiseConv2dNative: float32 through oneDNN, the other dtypes by the definition.
#include <algorithm>
#include <cstring>
#include <list>
#include <mutex>

#include "core/cpu/convolution_geometry.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/onednn.h"

namespace isotherm::cpu {
namespace {

memory::dims spatial_values(const std::array<std::int64_t, 3>& values, int spatial, std::int64_t subtract = 0) {
  memory::dims result;
  for (std::size_t i = static_cast<std::size_t>(3 - spatial); i < 3; ++i) result.push_back(values[i] - subtract);
  return result;
}

/// N, C, spatial: as oneDNN counts dimensions, with the strides the tensor has.
memory::desc image_desc(const ConvolutionShapes& s, bool source) {
  const ConvolutionGeometry& g = s.geometry;
  const auto& strides = source ? g.src_strides : g.dst_strides;
  memory::dims dims{g.batch, source ? g.in_channels : g.out_channels}, steps{strides[0], strides[1]};
  for (std::size_t i = static_cast<std::size_t>(3 - s.spatial); i < 3; ++i) {
    dims.push_back(source ? g.in[i] : g.out[i]);
    steps.push_back(strides[i + 2]);
  }
  return {dims, memory::data_type::f32, steps};
}

memory::dims filter_dims(const ConvolutionShapes& s) {
  const ConvolutionGeometry& g = s.geometry;
  memory::dims dims;
  if (g.groups > 1) dims.push_back(g.groups);
  dims.push_back(g.out_channels / g.groups);
  dims.push_back(g.in_channels / g.groups);
  for (std::size_t i = static_cast<std::size_t>(3 - s.spatial); i < 3; ++i) dims.push_back(g.kernel[i]);
  return dims;
}

/// TensorFlow's layout: spatial, input channel, (group,) output channel.
memory::desc filter_desc(const ConvolutionShapes& s) {
  const ConvolutionGeometry& g = s.geometry;
  const std::int64_t tap = (g.in_channels / g.groups) * g.out_channels;
  memory::dims steps;
  if (g.groups > 1) steps.push_back(g.out_channels / g.groups);
  steps.push_back(1);
  steps.push_back(g.out_channels);
  for (std::size_t i = static_cast<std::size_t>(3 - s.spatial); i < 3; ++i) {
    std::int64_t step = tap;
    for (std::size_t j = i + 1; j < 3; ++j) step *= g.kernel[j];
    steps.push_back(step);
  }
  return {filter_dims(s), memory::data_type::f32, steps};
}

/// A primitive for one pair of shapes. `packed` holds the filter in the primitive's layout where the filter is
/// constant.
struct PreparedConvolution {
  Shape src, filter;
  ConvolutionShapes shapes;
  dnnl::convolution_forward primitive;
  memory::desc src_desc, user_filter_desc, filter_desc, dst_desc, scratch_desc;
  memory packed;
};

class ConvolutionKernel final : public Kernel {
 public:
  ConvolutionKernel(WindowAttributes attributes, bool depthwise, Tensor filter)
      : attributes_(std::move(attributes)), depthwise_(depthwise), filter_(std::move(filter)) {}

  Status run(KernelContext& context) override {
    ISO_TRY(expect_inputs(context, 2));
    const Tensor& src = context.input(0);
    const Tensor& filter = filter_.valid() ? filter_ : context.input(1);
    if (src.dtype() == DType::float32) return run_float(context, src, filter);
    ISO_ASSIGN(const ConvolutionShapes s, convolution_shapes(attributes_, src.shape(), filter.shape(), depthwise_));
    ISO_ASSIGN(Tensor dst, context.allocate(src.dtype(), s.dst));
    if (dst.byte_size() > 0) std::memset(dst.raw(), 0, dst.byte_size());
    const auto convolve_as = [&](auto tag) -> Status {
      using T = typename decltype(tag)::type;
      convolve(s.geometry, in<T>(src), in<T>(filter), out<T>(dst), context.threads());
      return {};
    };
    if (src.dtype() == DType::int32) {
      ISO_TRY(convolve_as(Tag<std::uint32_t>()));  // wraps as int32 does, without undefined overflow
    } else if (src.dtype() == DType::float64) {
      ISO_TRY(convolve_as(Tag<double>()));
    } else {
      return unsupported_dtype(src.dtype());
    }
    context.set_output(0, std::move(dst));
    return {};
  }

 private:
  Status run_float(KernelContext& context, const Tensor& src, const Tensor& filter) {
    try {
      set_onednn_threads(context.threads());
      ISO_ASSIGN(const std::shared_ptr<const PreparedConvolution> p, prepare(src, filter));
      ISO_ASSIGN(Tensor dst, context.allocate(DType::float32, p->shapes.dst));
      if (dst.elements() > 0) {
        if (!p->primitive)
          std::memset(dst.raw(), 0, dst.byte_size());  // no input channels, or an empty window: sums of nothing
        else
          ISO_TRY(execute(context, *p, src, filter, dst));
      }
      context.set_output(0, std::move(dst));
      return {};
    } catch (const dnnl::error& e) {
      return onednn_error(e);
    }
  }

  static Status execute(KernelContext& context, const PreparedConvolution& p, const Tensor& src, const Tensor& filter,
                        Tensor& dst) {
    dnnl::engine& engine = onednn_engine();
    dnnl::stream& stream = onednn_stream();
    memory weights = p.packed;
    Tensor packed;
    if (!weights) {
      weights = memory(p.user_filter_desc, engine, filter.raw());
      if (p.user_filter_desc != p.filter_desc) {
        ISO_ASSIGN(packed, context.scratch(p.filter_desc.get_size()));
        memory reordered(p.filter_desc, engine, packed.raw());
        dnnl::reorder(weights, reordered).execute(stream, weights, reordered);
        weights = reordered;
      }
    }
    ISO_ASSIGN(Tensor scratch, context.scratch(p.scratch_desc.get_size()));
    p.primitive.execute(stream, {{DNNL_ARG_SRC, memory(p.src_desc, engine, src.raw())},
                                 {DNNL_ARG_WEIGHTS, weights},
                                 {DNNL_ARG_DST, memory(p.dst_desc, engine, dst.raw())},
                                 {DNNL_ARG_SCRATCHPAD, memory(p.scratch_desc, engine, scratch.raw())}});
    stream.wait();
    return {};
  }

  Result<std::shared_ptr<const PreparedConvolution>> prepare(const Tensor& src, const Tensor& filter) {
    const std::lock_guard lock(mutex_);
    for (const auto& p : prepared_)
      if (p->src == src.shape() && p->filter == filter.shape()) return p;
    auto p = std::make_shared<PreparedConvolution>();
    p->src = src.shape();
    p->filter = filter.shape();
    ISO_ASSIGN(p->shapes, convolution_shapes(attributes_, src.shape(), filter.shape(), depthwise_));
    if (p->shapes.dst.elements().value_or(0) > 0 && src.elements() > 0 && filter.elements() > 0) {
      const ConvolutionShapes& s = p->shapes;
      p->user_filter_desc = filter_desc(s);
      ConvolutionArguments a;
      a.src = p->src_desc = image_desc(s, true);
      a.dst = p->dst_desc = image_desc(s, false);
      a.weights = memory::desc(filter_dims(s), memory::data_type::f32, memory::format_tag::any);
      a.strides = spatial_values(s.geometry.stride, s.spatial);
      a.dilations = spatial_values(s.geometry.dilation, s.spatial, 1);
      a.pads_begin = spatial_values(s.geometry.pad, s.spatial);
      a.pads_end = spatial_values(s.pad_end, s.spatial);
      const auto description = make_convolution(a, user_scratchpad());
      p->primitive = dnnl::convolution_forward(description);
      p->filter_desc = description.weights_desc();
      p->scratch_desc = description.scratchpad_desc();
      if (filter_.valid()) {
        memory plain(p->user_filter_desc, onednn_engine(), filter.raw());
        p->packed = memory(p->filter_desc, onednn_engine());
        dnnl::reorder(plain, p->packed).execute(onednn_stream(), plain, p->packed);
        onednn_stream().wait();
      }
    }
    if (prepared_.size() >= kMostShapes) prepared_.pop_front();
    prepared_.push_back(p);
    return std::shared_ptr<const PreparedConvolution>(p);
  }

  static constexpr std::size_t kMostShapes = 8;
  WindowAttributes attributes_;
  bool depthwise_;
  Tensor filter_;  ///< invalid where the filter is no constant
  std::mutex mutex_;
  std::list<std::shared_ptr<const PreparedConvolution>> prepared_;
};

KernelFactory convolution_factory(int spatial, bool depthwise) {
  return [spatial, depthwise](const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    ISO_ASSIGN(WindowAttributes attributes, window_attributes(request.node.attrs, spatial));
    ISO_ASSIGN(Tensor filter, constant_input(request, 1));
    if (filter.valid() && filter.dtype() != DType::float32) filter = Tensor();
    return widen_half_floats(std::make_unique<ConvolutionKernel>(std::move(attributes), depthwise, std::move(filter)),
                             request);
  };
}

/// Conv2DBackpropInput and its kin: input sizes, filter, gradient of the output.
template <int Spatial, bool Depthwise>
Status run_backward_input(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 3));
  ISO_ASSIGN(const WindowAttributes attributes, window_attributes(node.attrs, Spatial));
  const Tensor& filter = context.input(1);
  const Tensor& dst = context.input(2);
  std::vector<std::int64_t> sizes = integers_of(context.input(0));
  if (node.op == "Conv3DBackpropInput") sizes = context.input(0).shape().dims();
  ISO_TRY(expect_rank(dst, Spatial + 2, "the gradient"));
  ISO_TRY(expect_rank(filter, Spatial + 2, "the filter"));
  if (sizes.size() == static_cast<std::size_t>(Spatial)) {  // spatial sizes alone
    const std::int64_t channels = filter.dim(Spatial);
    sizes = attributes.make_shape(dst.dim(0), sizes, channels).dims();
  }
  ISO_ASSIGN(const Shape src_shape, shape_from(sizes));
  ISO_ASSIGN(const ConvolutionShapes s, convolution_shapes(attributes, src_shape, filter.shape(), Depthwise));
  if (!(s.dst == dst.shape()))
    return invalid_input("the gradient has shape " + dst.shape().to_string() + "; expected " + s.dst.to_string());
  ISO_ASSIGN(Tensor src, context.allocate(dst.dtype(), src_shape));
  if (src.byte_size() > 0) std::memset(src.raw(), 0, src.byte_size());
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    convolve_backward_input(s.geometry, in<T>(dst), in<T>(filter), out<T>(src), context.threads());
    return {};
  };
  if (dst.dtype() == DType::int32) {
    ISO_TRY(as(Tag<std::uint32_t>()));
  } else {
    ISO_TRY(for_real(dst.dtype(), as));
  }
  context.set_output(0, std::move(src));
  return {};
}

}  // namespace

void register_convolution(KernelRegistry& r) {
  r.add_factory("Conv2D", convolution_factory(2, false));
  r.add_factory("Conv3D", convolution_factory(3, false));
  r.add_factory("DepthwiseConv2dNative", convolution_factory(2, true));
  r.add("Conv2DBackpropInput", run_backward_input<2, false>, HalfFloats::as_float);
  r.add({"Conv3DBackpropInput", "Conv3DBackpropInputV2"}, run_backward_input<3, false>, HalfFloats::as_float);
  r.add("DepthwiseConv2dNativeBackpropInput", run_backward_input<2, true>, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
