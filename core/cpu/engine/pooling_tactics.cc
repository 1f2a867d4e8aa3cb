// Pooling, and the mean over all spatial dimensions, which is a pooling with one window.
#include "core/cpu/engine/cpu_tactic.h"

namespace isotherm::cpu {
namespace {

using dnnl::algorithm;

struct Window {
  algorithm method = algorithm::pooling_max;
  memory::dims kernel, strides, before, after;
  bool channels_first = false;
};

class PoolingTactic final : public CpuTactic {
 public:
  PoolingTactic(const LayerProblem& problem, Window window, bool plain_input)
      : CpuTactic(problem), window_(std::move(window)), plain_input_(plain_input) {
    description_ = std::string("onednn pooling") + (plain_input ? " channels-last" : " as it comes");
  }

 protected:
  Status plan() override {
    const Shape& in = problem_.input_shape(0);
    const bool same_view = problem_.inputs[0].shape == in;
    memory::desc src = window_.channels_first       ? dense_desc(in.dims())
                       : plain_input_ || !same_view ? plain_desc(in)
                                                    : problem_.inputs[0].desc;
    memory::dims out = src.dims();  // the output may lack the reduced dimensions
    for (std::size_t i = 2; i < out.size(); ++i)
      out[i] =
          (out[i] + window_.before[i - 2] + window_.after[i - 2] - window_.kernel[i - 2]) / window_.strides[i - 2] + 1;
    const memory::desc dst = window_.channels_first ? dense_desc(out) : any_desc(out);
    pd_ = make_pooling({window_.method, src, dst, window_.strides, window_.kernel, window_.before, window_.after},
                       user_scratchpad());
    description_ = std::string("onednn ") + pd_.impl_info_str() + " " + layout_name(src);
    add_port(0, src, window_.channels_first);
    result_ = unbound(pd_.dst_desc());
    scratchpad_ = unbound(pd_.scratchpad_desc());
    scratchpad_offset_ = reserve(pd_.scratchpad_desc().get_size());
    const Shape& shape = problem_.output_shape();
    if (window_.channels_first) {
      output_desc_ = plain_desc(shape);
    } else if (logical_dims(shape) == out) {
      output_desc_ = pd_.dst_desc();
    } else {  // dimensions of size 1 are gone: the result is handed on row-major
      output_desc_ = plain_desc(shape);
      memory::dims kept = {out[0]};  // network order with the ones, [n, 1.., c]
      kept.insert(kept.end(), out.begin() + 2, out.end());
      kept.push_back(out[1]);
      const Shape full(kept);
      if (!is_plain(pd_.dst_desc(), full)) {
        plain_ = unbound(plain_desc(full));
        plain_offset_ = reserve(pd_.dst_desc().get_size());
        to_plain_ = dnnl::reorder(result_, plain_);
        makes_plain_ = true;
      }
    }
    return {};
  }

  void pack() override { primitive_ = dnnl::pooling_forward(pd_); }

  void execute(const TacticMemory& m) override {
    memory& source = bring(0, m);
    bind(result_, makes_plain_ ? m.workspace + plain_offset_ : m.outputs[0]);
    primitive_.execute(onednn_stream(), {{DNNL_ARG_SRC, source},
                                         {DNNL_ARG_DST, result_},
                                         {DNNL_ARG_SCRATCHPAD, bind(scratchpad_, m.workspace + scratchpad_offset_)}});
    if (makes_plain_) to_plain_.execute(onednn_stream(), result_, bind(plain_, m.outputs[0]));
  }

 private:
  Window window_;
  bool plain_input_;
  dnnl::pooling_forward::primitive_desc pd_;
  dnnl::primitive primitive_;
  dnnl::reorder to_plain_;
  memory result_, plain_, scratchpad_;
  std::size_t scratchpad_offset_ = 0, plain_offset_ = 0;
  bool makes_plain_ = false;
};

bool pooling_window(const Layer& layer, Window& window) {
  const PoolGeometry g = pool_geometry(layer);
  if (g.ksize.empty()) return false;
  window.method = g.max             ? algorithm::pooling_max
                  : g.count_padding ? algorithm::pooling_avg_include_padding
                                    : algorithm::pooling_avg_exclude_padding;
  window.kernel = g.ksize;
  window.strides = g.strides;
  window.before = g.pads_before;
  window.after = g.pads_after;
  window.channels_first = g.channels_first;
  return true;
}

/// Mean or Max over exactly the spatial dimensions of a channels-last tensor.
bool global_window(const LayerProblem& problem, Window& window) {
  const Layer& layer = problem.layer;
  const std::string op = layer.attrs.get_string("op");
  const Shape& in = problem.input_shape(0);
  const std::vector<std::int64_t> axes = layer.attrs.get_ints("axes");
  if ((op != "Mean" && op != "Max") || in.rank() < 3 || in.rank() > 5 ||
      axes.size() != static_cast<std::size_t>(in.rank() - 2))
    return false;
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i] != static_cast<std::int64_t>(i) + 1) return false;
  window.method = op == "Mean" ? algorithm::pooling_avg_exclude_padding : algorithm::pooling_max;
  window.kernel = spatial_part(in, false);
  window.strides.assign(axes.size(), 1);
  window.before.assign(axes.size(), 0);
  window.after.assign(axes.size(), 0);
  return true;
}

}  // namespace

void add_pooling_tactics(const LayerProblem& problem, LayoutPolicy, TacticList& list) {
  Window window;
  if (!(problem.layer.kind == LayerKind::pooling ? pooling_window(problem.layer, window)
                                                 : global_window(problem, window)))
    return;
  list.push_back(std::make_unique<PoolingTactic>(problem, window, false));
  if (!window.channels_first && problem.inputs[0].desc != plain_desc(problem.input_shape(0)))
    list.push_back(std::make_unique<PoolingTactic>(problem, window, true));
}

}  // namespace isotherm::cpu
