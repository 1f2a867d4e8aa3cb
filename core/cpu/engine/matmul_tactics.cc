// Matrix product with constant weights, as oneDNN's inner product: weights packed once.
#include "core/cpu/engine/cpu_tactic.h"
#include "core/cpu/engine/post_ops.h"

namespace isotherm::cpu {
namespace {

#if DNNL_VERSION_MAJOR >= 3
dnnl::inner_product_forward::primitive_desc make_inner_product(const memory::desc& src, const memory::desc& weights,
                                                               const memory::desc& bias, const memory::desc& dst,
                                                               const dnnl::primitive_attr& attr) {
  return {onednn_engine(), dnnl::prop_kind::forward_inference, src, weights, bias, dst, attr};
}
#else
dnnl::inner_product_forward::primitive_desc make_inner_product(const memory::desc& src, const memory::desc& weights,
                                                               const memory::desc& bias, const memory::desc& dst,
                                                               const dnnl::primitive_attr& attr) {
  return {dnnl::inner_product_forward::desc(dnnl::prop_kind::forward_inference, src, weights, bias, dst), attr,
          onednn_engine()};
}
#endif

class MatmulTactic final : public CpuTactic {
 public:
  MatmulTactic(const LayerProblem& problem, int implementation) : CpuTactic(problem), implementation_(implementation) {
    description_ = "onednn inner product #" + std::to_string(implementation);
  }

 protected:
  Status plan() override {
    const Layer& layer = problem_.layer;
    const bool transposed = layer.attrs.get_bool("transpose_b");
    const memory::dims have = layer.weights.shape().dims();
    const memory::dims dims = transposed ? have : memory::dims{have[1], have[0]};
    weights_from_ =
        memory::desc(dims, memory::data_type::f32, transposed ? memory::dims{have[1], 1} : memory::dims{1, have[1]});
    dnnl::primitive_attr attr = user_scratchpad();
    dnnl::post_ops ops;
    if (!to_onednn(layer, ops)) return unsupported("a post-op has no counterpart");
    attr.set_post_ops(ops);
    pd_ = make_inner_product(plain_desc(problem_.input_shape(0)), any_desc(dims), dense_desc({dims[0]}),
                             plain_desc(problem_.output_shape()), attr);
    for (int i = 0; i < implementation_; ++i)
      if (!pd_.next_impl()) return unsupported("oneDNN has only " + std::to_string(i + 1) + " implementations");
    const std::string name = pd_.impl_info_str();
    if (implementation_ > 0 && name.starts_with("ref")) return unsupported("only the reference is left");
    description_ = "onednn " + name;
    add_port(0, pd_.src_desc());
    output_desc_ = pd_.dst_desc();
    result_ = unbound(output_desc_);
    scratchpad_ = unbound(pd_.scratchpad_desc());
    scratchpad_offset_ = reserve(pd_.scratchpad_desc().get_size());
    weight_bytes_ = pd_.weights_desc().get_size();
    added_ = added_input(layer);
    if (added_ >= 0) {
      const auto i = static_cast<std::size_t>(added_);
      if (problem_.inputs[i].desc == output_desc_ && problem_.inputs[i].shape == problem_.output_shape())
        shareable_ = added_;
      add_port(i, output_desc_);
      copy_ = dnnl::reorder(result_, result_);
    }
    return {};
  }

  void pack() override {
    const Layer& layer = problem_.layer;
    memory source(weights_from_, onednn_engine(), layer.weights.raw());
    weights_ = memory(pd_.weights_desc(), onednn_engine());
    dnnl::reorder(source, weights_).execute(onednn_stream(), source, weights_);
    onednn_stream().wait();
    const std::int64_t channels = output_channels(layer);
    bias_ = memory(dense_desc({channels}), onednn_engine());
    auto* values = static_cast<float*>(bias_.get_data_handle());
    for (std::int64_t c = 0; c < channels; ++c)
      values[c] = layer.bias.valid() ? static_cast<float>(number_at(layer.bias, c)) : 0.0f;
    primitive_ = dnnl::inner_product_forward(pd_);
  }

  void execute(const TacticMemory& m) override {
    memory& source = bring(0, m);
    if (added_ >= 0 && m.inputs[static_cast<std::size_t>(added_)] != m.outputs[0])
      copy_.execute(onednn_stream(), bring(1, m), bind(result_, m.outputs[0]));
    primitive_.execute(onednn_stream(), {{DNNL_ARG_SRC, source},
                                         {DNNL_ARG_WEIGHTS, weights_},
                                         {DNNL_ARG_BIAS, bias_},
                                         {DNNL_ARG_DST, bind(result_, m.outputs[0])},
                                         {DNNL_ARG_SCRATCHPAD, bind(scratchpad_, m.workspace + scratchpad_offset_)}});
  }

 private:
  int implementation_;
  dnnl::inner_product_forward::primitive_desc pd_;
  dnnl::primitive primitive_;
  dnnl::reorder copy_;
  memory::desc weights_from_;
  memory result_, weights_, bias_, scratchpad_;
  std::size_t scratchpad_offset_ = 0;
  int added_ = -1;
};

}  // namespace

void add_matmul_tactics(const LayerProblem& problem, TacticList& list) {
  if (!problem.layer.weights.valid() || problem.output_shape().rank() != 2) return;
  for (int i = 0; i < 3; ++i) list.push_back(std::make_unique<MatmulTactic>(problem, i));
}

}  // namespace isotherm::cpu
