// Convolution and deconvolution.
#include <algorithm>

#include "core/cpu/engine/cpu_tactic.h"
#include "core/cpu/engine/post_ops.h"

namespace isotherm::cpu {
namespace {

using dnnl::algorithm;

/// Of the implementations that oneDNN offers for one problem, how many are timed.
constexpr int kImplementations = 3;

struct Variant {
  algorithm method = algorithm::convolution_direct;
  bool channels_last = false;  ///< activations NHWC, else whatever oneDNN prefers (blocked)
  int implementation = 0;      ///< which of oneDNN's, in its order
  bool tail = false;           ///< post-ops as primitives of their own
};

memory::dims strides_of(const memory::dims& dims) {
  memory::dims s(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i-- > 0;) s[i] = s[i + 1] * dims[i + 1];
  return s;
}

/// Layer::weights of a convolution as oneDNN's (g)oi..: a view, nothing moves.
memory::desc filter_desc(const Tensor& weights, std::int64_t groups) {
  const memory::dims have = weights.shape().dims();  // spatial.., i, g * o
  const memory::dims step = strides_of(have);
  const std::size_t n = have.size() - 2;
  memory::dims dims, strides;
  const std::int64_t out = have[n + 1] / groups;
  if (groups > 1) {
    dims.push_back(groups);
    strides.push_back(out);
  }
  dims.insert(dims.end(), {out, have[n]});
  strides.insert(strides.end(), {1, step[n]});
  dims.insert(dims.end(), have.begin(), have.begin() + static_cast<std::ptrdiff_t>(n));
  strides.insert(strides.end(), step.begin(), step.begin() + static_cast<std::ptrdiff_t>(n));
  return {dims, memory::data_type::f32, strides};
}

/// Layer::weights of a deconvolution, [spatial.., out, in], as oneDNN's oi...
memory::desc deconvolution_filter_desc(const Tensor& weights) {
  const memory::dims have = weights.shape().dims();
  const memory::dims step = strides_of(have);
  const std::size_t n = have.size() - 2;
  memory::dims dims = {have[n], have[n + 1]}, strides = {step[n], 1};
  dims.insert(dims.end(), have.begin(), have.begin() + static_cast<std::ptrdiff_t>(n));
  strides.insert(strides.end(), step.begin(), step.begin() + static_cast<std::ptrdiff_t>(n));
  return {dims, memory::data_type::f32, strides};
}

memory::dims minus_one(Spatial dilations) {
  for (std::int64_t& d : dilations) --d;
  return dilations;
}

#if DNNL_VERSION_MAJOR >= 3
dnnl::convolution_forward::primitive_desc make_convolution_desc(algorithm method, const ConvolutionArguments& a,
                                                                const dnnl::primitive_attr& attr) {
  return {onednn_engine(), dnnl::prop_kind::forward_inference,
          method,          a.src,
          a.weights,       a.bias,
          a.dst,           a.strides,
          a.dilations,     a.pads_begin,
          a.pads_end,      attr};
}
dnnl::deconvolution_forward::primitive_desc make_deconvolution_desc(const ConvolutionArguments& a,
                                                                    const dnnl::primitive_attr& attr) {
  return {onednn_engine(),
          dnnl::prop_kind::forward_inference,
          algorithm::deconvolution_direct,
          a.src,
          a.weights,
          a.bias,
          a.dst,
          a.strides,
          a.dilations,
          a.pads_begin,
          a.pads_end,
          attr};
}
#else
dnnl::convolution_forward::primitive_desc make_convolution_desc(algorithm method, const ConvolutionArguments& a,
                                                                const dnnl::primitive_attr& attr) {
  const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_inference, method, a.src, a.weights, a.bias,
                                             a.dst, a.strides, a.dilations, a.pads_begin, a.pads_end);
  return {desc, attr, onednn_engine()};
}
dnnl::deconvolution_forward::primitive_desc make_deconvolution_desc(const ConvolutionArguments& a,
                                                                    const dnnl::primitive_attr& attr) {
  const dnnl::deconvolution_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm::deconvolution_direct,
                                               a.src, a.weights, a.bias, a.dst, a.strides, a.dilations, a.pads_begin,
                                               a.pads_end);
  return {desc, attr, onednn_engine()};
}
#endif

/// Memory for weights in a primitive's own layout, filled from the layer's tensor.
memory pack_tensor(const Tensor& tensor, const memory::desc& from, const memory::desc& to) {
  memory source(from, onednn_engine(), tensor.raw());
  memory packed(to, onednn_engine());
  dnnl::reorder(source, packed).execute(onednn_stream(), source, packed);
  onednn_stream().wait();
  return packed;
}

/// What convolution and deconvolution have in common: one primitive with weights and bias, then perhaps a tail.
class WindowTactic : public CpuTactic {
 public:
  using CpuTactic::CpuTactic;

 protected:
  /// Everything behind the primitive's choice. `weights_from` describes Layer::weights.
  template <class PrimitiveDesc>
  void adopt(const PrimitiveDesc& pd, const memory::desc& weights_from, bool tail) {
    const ConvGeometry g = conv_geometry(problem_.layer);
    add_port(0, pd.src_desc(), g.channels_first);
    result_ = unbound(pd.dst_desc());
    output_desc_ = g.channels_first ? plain_desc(problem_.output_shape()) : pd.dst_desc();
    weights_desc_ = pd.weights_desc();
    weights_from_ = weights_from;
    scratchpad_ = unbound(pd.scratchpad_desc());
    scratchpad_offset_ = reserve(pd.scratchpad_desc().get_size());
    added_ = added_input(problem_.layer);
    tail_ = tail && !problem_.layer.post_ops.empty();
    weight_bytes_ = weights_desc_.get_size();
    if (added_ < 0) return;
    // A sum wants the other tensor in the result's memory: there already (shared), or brought there first.
    const auto i = static_cast<std::size_t>(added_);
    const TensorLayout& other = problem_.inputs[i];
    if (!tail_ && other.desc == output_desc_ && other.shape == problem_.output_shape()) shareable_ = added_;
    add_port(i, g.channels_first ? plain_desc(problem_.output_shape()) : pd.dst_desc());
    if (!tail_) copy_ = dnnl::reorder(unbound(pd.dst_desc()), unbound(pd.dst_desc()));
  }

  void pack_weights() {
    const Layer& layer = problem_.layer;
    weights_ = pack_tensor(layer.weights, weights_from_, weights_desc_);
    const std::int64_t channels = output_channels(layer);
    bias_ = memory(dense_desc({channels}), onednn_engine());
    auto* values = static_cast<float*>(bias_.get_data_handle());
    for (std::int64_t c = 0; c < channels; ++c)
      values[c] = layer.bias.valid() ? static_cast<float>(number_at(layer.bias, c)) : 0.0f;
    if (tail_) post_ops_ = PostOpTail(layer, result_.get_desc());
  }

  void execute(const TacticMemory& m) override {
    memory& source = bring(0, m);
    std::byte* added = nullptr;
    if (added_ >= 0 && m.inputs[static_cast<std::size_t>(added_)] != m.outputs[0]) {
      memory& other = bring(1, m);
      added = static_cast<std::byte*>(other.get_data_handle());
      if (!tail_) copy_.execute(onednn_stream(), other, bind(result_, m.outputs[0]));
    }
    primitive_.execute(onednn_stream(), {{DNNL_ARG_SRC, source},
                                         {DNNL_ARG_WEIGHTS, weights_},
                                         {DNNL_ARG_BIAS, bias_},
                                         {DNNL_ARG_DST, bind(result_, m.outputs[0])},
                                         {DNNL_ARG_SCRATCHPAD, bind(scratchpad_, m.workspace + scratchpad_offset_)}});
    if (tail_) post_ops_.execute(m.outputs[0], added);
  }

  /// Activations as oneDNN sees them; `any` where the layout is oneDNN's to choose.
  memory::desc activation_desc(const Shape& shape, bool channels_last) const {
    if (conv_geometry(problem_.layer).channels_first) return dense_desc(shape.dims());
    return channels_last ? plain_desc(shape) : any_desc(logical_dims(shape));
  }

  dnnl::primitive_attr attributes(bool tail) const {
    dnnl::primitive_attr attr = user_scratchpad();
    dnnl::post_ops ops;
    if (!tail && to_onednn(problem_.layer, ops)) attr.set_post_ops(ops);
    return attr;
  }

  ConvolutionArguments arguments(const memory::desc& weights, bool channels_last) const {
    const ConvGeometry g = conv_geometry(problem_.layer);
    return {activation_desc(problem_.input_shape(0), channels_last),
            any_desc(weights.dims()),
            dense_desc({output_channels(problem_.layer)}),
            activation_desc(problem_.output_shape(), channels_last),
            g.strides,
            minus_one(g.dilations),
            g.pads_before,
            g.pads_after};
  }

  dnnl::primitive primitive_;

 private:
  memory result_, weights_, bias_, scratchpad_;
  memory::desc weights_desc_, weights_from_;
  std::size_t scratchpad_offset_ = 0;
  int added_ = -1;
  bool tail_ = false;
  PostOpTail post_ops_;
  dnnl::reorder copy_;
};

class ConvolutionTactic final : public WindowTactic {
 public:
  ConvolutionTactic(const LayerProblem& problem, const Variant& variant) : WindowTactic(problem), variant_(variant) {
    description_ = std::string("onednn ") +
                   (variant.method == algorithm::convolution_winograd ? "winograd" : "convolution") +
                   (variant.channels_last ? " channels-last" : " blocked") + " #" +
                   std::to_string(variant.implementation) + (variant.tail ? " with separate post-ops" : "");
  }

 protected:
  Status plan() override {
    const memory::desc weights = filter_desc(problem_.layer.weights, conv_geometry(problem_.layer).groups);
    pd_ = make_convolution_desc(variant_.method, arguments(weights, variant_.channels_last), attributes(variant_.tail));
    for (int i = 0; i < variant_.implementation; ++i)
      if (!pd_.next_impl()) return unsupported("oneDNN has only " + std::to_string(i + 1) + " implementations");
    const std::string name = pd_.impl_info_str();
    if (variant_.implementation > 0 && name.starts_with("ref")) return unsupported("only the reference is left");
    adopt(pd_, weights, variant_.tail);
    description_ = "onednn " + name + " " +
                   (conv_geometry(problem_.layer).channels_first
                        ? "nchw"
                        : layout_name(pd_.src_desc()) + "->" + layout_name(pd_.dst_desc()));
    if (variant_.tail) description_ += " with separate post-ops";
    return {};
  }

  void pack() override {
    pack_weights();
    primitive_ = dnnl::convolution_forward(pd_);
  }

 private:
  Variant variant_;
  dnnl::convolution_forward::primitive_desc pd_;
};

class DeconvolutionTactic final : public WindowTactic {
 public:
  DeconvolutionTactic(const LayerProblem& problem, bool channels_last)
      : WindowTactic(problem), channels_last_(channels_last) {
    description_ = std::string("onednn deconvolution") + (channels_last ? " channels-last" : " blocked");
  }

 protected:
  Status plan() override {
    const memory::desc weights = deconvolution_filter_desc(problem_.layer.weights);
    pd_ = make_deconvolution_desc(arguments(weights, channels_last_), attributes(true));
    adopt(pd_, weights, true);
    description_ = std::string("onednn ") + pd_.impl_info_str() + " " + layout_name(pd_.src_desc());
    return {};
  }

  void pack() override {
    pack_weights();
    primitive_ = dnnl::deconvolution_forward(pd_);
  }

 private:
  bool channels_last_;
  dnnl::deconvolution_forward::primitive_desc pd_;
};

}  // namespace

void add_convolution_tactics(const LayerProblem& problem, LayoutPolicy policy, TacticList& list) {
  if (!problem.layer.weights.valid()) return;
  const ConvGeometry g = conv_geometry(problem.layer);
  const auto add = [&](const Variant& v) { list.push_back(std::make_unique<ConvolutionTactic>(problem, v)); };
  const bool blocked = policy != LayoutPolicy::channels_last,
             last = policy != LayoutPolicy::blocked && !g.channels_first;
  for (int i = 0; i < kImplementations; ++i) {
    if (blocked) add({algorithm::convolution_direct, false, i, false});
    if (last) add({algorithm::convolution_direct, true, i, false});
  }
  const auto is = [](const Spatial& s, std::int64_t v) {
    return std::all_of(s.begin(), s.end(), [&](std::int64_t x) { return x == v; });
  };
  const Shape& filter = problem.layer.weights.shape();
  if (blocked && g.groups == 1 && filter.rank() == 4 && filter.dim(0) == 3 && filter.dim(1) == 3 && is(g.strides, 1) &&
      is(g.dilations, 1))
    add({algorithm::convolution_winograd, false, 0, false});
  add({algorithm::convolution_direct, true, 0, true});
}

void add_deconvolution_tactics(const LayerProblem& problem, TacticList& list) {
  list.push_back(std::make_unique<DeconvolutionTactic>(problem, false));
  if (!conv_geometry(problem.layer).channels_first)
    list.push_back(std::make_unique<DeconvolutionTactic>(problem, true));
}

}  // namespace isotherm::cpu
