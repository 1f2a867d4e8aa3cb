// Elementwise layers: activations, arithmetic on two tensors, channelwise scale and shift.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/cpu/engine/cpu_tactic.h"
#include "core/cpu/engine/post_ops.h"
#include "core/cpu/parallel.h"

namespace isotherm::cpu {
namespace {

using dnnl::algorithm;

bool layer_activation(const Layer& layer, PostOp& op) {
  const std::string name = layer.attrs.get_string("op");
  using Kind = PostOp::Kind;
  if (name == "Relu")
    op.kind = Kind::relu;
  else if (name == "Relu6")
    op.kind = Kind::relu6;
  else if (name == "Sigmoid")
    op.kind = Kind::sigmoid;
  else if (name == "Tanh")
    op.kind = Kind::tanh;
  else if (name == "Elu")
    op.kind = Kind::elu, op.alpha = 1;
  else if (name == "LeakyRelu")
    op.kind = Kind::leaky_relu, op.alpha = layer.attrs.get_float("alpha", 0.2f);
  else
    return false;  // the others keep the native kernel's exact functions
  return true;
}

/// An activation on the layout that its input has, in place where it may.
class ActivationTactic final : public CpuTactic {
 public:
  ActivationTactic(const LayerProblem& problem, const Activation& activation)
      : CpuTactic(problem), activation_(activation) {}

 protected:
  Status plan() override {
    const bool same_view = problem_.inputs[0].shape == problem_.input_shape(0);
    output_desc_ = same_view ? problem_.inputs[0].desc : plain_desc(problem_.input_shape(0));
    if (same_view) shareable_ = 0;
    const auto pd = make_eltwise(activation_, output_desc_);
    description_ = std::string("onednn ") + pd.impl_info_str() + " " + layout_name(output_desc_);
    primitive_ = dnnl::eltwise_forward(pd);
    add_port(0, output_desc_);
    result_ = unbound(output_desc_);
    return {};
  }

  void execute(const TacticMemory& m) override {
    primitive_.execute(onednn_stream(), {{DNNL_ARG_SRC, bring(0, m)}, {DNNL_ARG_DST, bind(result_, m.outputs[0])}});
  }

 private:
  Activation activation_;
  dnnl::primitive primitive_;
  memory result_;
};

/// Two tensors, the first of the result's shape, the second broadcast to it.
class BinaryTactic final : public CpuTactic {
 public:
  BinaryTactic(const LayerProblem& problem, algorithm method, std::size_t large, bool plain)
      : CpuTactic(problem), method_(method), large_(large), plain_(plain) {
    description_ = std::string("onednn binary") + (plain ? " channels-last" : " as it comes");
  }

 protected:
  Status plan() override {
    const std::size_t small = 1 - large_;
    const Shape& shape = problem_.output_shape();
    const Shape& other = problem_.input_shape(small);
    const TensorLayout& have = problem_.inputs[large_];
    output_desc_ = plain_ || have.shape != shape ? plain_desc(shape) : have.desc;
    memory::desc second = output_desc_;
    bool reinterpret = false;
    if (other != shape) {  // ones in front, then the same rank
      std::vector<std::int64_t> dims(static_cast<std::size_t>(shape.rank() - other.rank()), 1);
      dims.insert(dims.end(), other.dims().begin(), other.dims().end());
      second = plain_desc(Shape(dims));
      reinterpret = true;
    }
    dnnl::primitive_attr attr;
    dnnl::post_ops ops;
    if (!to_onednn(problem_.layer, ops)) return unsupported("a post-op has no counterpart");
    attr.set_post_ops(ops);
    const auto pd = make_binary(method_, output_desc_, second, output_desc_, attr);
    description_ = std::string("onednn ") + pd.impl_info_str() + " " + layout_name(output_desc_);
    primitive_ = dnnl::binary(pd);
    add_port(large_, output_desc_);
    add_port(small, second, reinterpret);
    if (have.desc == output_desc_ && have.shape == shape) shareable_ = static_cast<int>(large_);
    result_ = unbound(output_desc_);
    return {};
  }

  void execute(const TacticMemory& m) override {
    memory& first = bring(0, m);
    memory& second = bring(1, m);
    primitive_.execute(
        onednn_stream(),
        {{DNNL_ARG_SRC_0, first}, {DNNL_ARG_SRC_1, second}, {DNNL_ARG_DST, bind(result_, m.outputs[0])}});
  }

 private:
  algorithm method_;
  std::size_t large_;
  bool plain_;
  dnnl::primitive primitive_;
  memory result_;
};

/// x * scale[c] + shift[c] with activations behind it, by a loop of ours: one pass over memory.
class ScaleShiftTactic final : public CpuTactic {
 public:
  using CpuTactic::CpuTactic;

 protected:
  Status plan() override {
    description_ = "scale and shift";
    const Shape& shape = problem_.input_shape(0);
    const TensorLayout& have = problem_.inputs[0];
    const int axis = static_cast<int>(problem_.layer.attrs.get_int("channel_axis"));
    const bool last = axis == shape.rank() - 1;
    const bool blocked = last && have.shape == shape && find_block(have.desc);
    output_desc_ = blocked ? have.desc : plain_desc(shape);
    if (!blocked) {
      outer_ = inner_ = 1;
      for (int i = 0; i < axis; ++i) outer_ *= shape.dim(i);
      for (int i = axis + 1; i < shape.rank(); ++i) inner_ *= shape.dim(i);
      blocks_ = last ? 1 : shape.dim(axis);
      lanes_ = last ? shape.dim(axis) : 1;
    }
    channels_ = shape.dim(axis);
    if (have.desc == output_desc_ && have.shape == shape) shareable_ = 0;
    add_port(0, output_desc_);
    for (const PostOp& op : problem_.layer.post_ops) {
      Activation a;
      if (!find_activation(op, a)) return unsupported("a post-op has no counterpart");
    }
    return {};
  }

  void pack() override {
    const Layer& layer = problem_.layer;
    const auto padded = static_cast<std::size_t>(std::max(blocks_ * lanes_, channels_));
    // Padded channels of a blocked layout stay zero: that is what every primitive that reads them expects.
    scale_.assign(padded, 0.0f);
    shift_.assign(padded, 0.0f);
    const auto value = [](const Tensor& t, std::int64_t c, double otherwise) {
      return t.valid() ? number_at(t, t.elements() == 1 ? 0 : c) : otherwise;
    };
    for (std::int64_t c = 0; c < channels_; ++c) {
      scale_[static_cast<std::size_t>(c)] = static_cast<float>(value(layer.weights, c, 1));
      shift_[static_cast<std::size_t>(c)] = static_cast<float>(value(layer.bias, c, 0));
    }
    weight_bytes_ = 2 * padded * sizeof(float);
    if (!layer.post_ops.empty()) tail_ = PostOpTail(layer, output_desc_);
  }

  void execute(const TacticMemory& m) override {
    const auto* from = static_cast<const float*>(bring(0, m).get_data_handle());
    auto* to = reinterpret_cast<float*>(m.outputs[0]);
    parallel_for(problem_.threads, outer_ * blocks_, inner_ * lanes_, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t block = i % blocks_;
        const float* x = from + i * inner_ * lanes_;
        float* y = to + i * inner_ * lanes_;
        if (lanes_ == 1)
          line(x, y, inner_, scale_[static_cast<std::size_t>(block)], shift_[static_cast<std::size_t>(block)]);
        else
          lines(x, y, scale_.data() + block * lanes_, shift_.data() + block * lanes_);
      }
    });
    if (!problem_.layer.post_ops.empty()) tail_.execute(m.outputs[0], nullptr);
  }

 private:
  static void line(const float* x, float* y, std::int64_t n, float scale, float shift) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] * scale + shift;
  }
  void lines(const float* x, float* y, const float* scale, const float* shift) const {
    for (std::int64_t i = 0; i < inner_; ++i, x += lanes_, y += lanes_)
      for (std::int64_t v = 0; v < lanes_; ++v) y[v] = x[v] * scale[v] + shift[v];
  }

  /// nC..16c and nC..8c: outer = n, blocks of channels, inner = space, lanes = 16 or 8.
  bool find_block(const memory::desc& desc) {
    const memory::dims dims = desc.dims();
    using tag = memory::format_tag;
    if (dims.size() != 4) return false;
    for (const auto& [t, lanes] : {std::pair(tag::nChw16c, 16), std::pair(tag::nChw8c, 8)}) {
      if (desc != memory::desc(dims, memory::data_type::f32, t)) continue;
      outer_ = dims[0];
      blocks_ = (dims[1] + lanes - 1) / lanes;
      inner_ = dims[2] * dims[3];
      lanes_ = lanes;
      return true;
    }
    return false;
  }

  std::int64_t outer_ = 1, blocks_ = 1, inner_ = 1, lanes_ = 1, channels_ = 1;
  std::vector<float> scale_, shift_;
  PostOpTail tail_;
};

}  // namespace

void add_pointwise_tactics(const LayerProblem& problem, TacticList& list) {
  const Layer& layer = problem.layer;
  const std::string op = layer.attrs.get_string("op");
  if (op == "ScaleShift") {
    list.push_back(std::make_unique<ScaleShiftTactic>(problem));
    return;
  }
  PostOp post_op;
  Activation activation;
  if (layer.inputs.size() == 1) {
    if (layer_activation(layer, post_op) && find_activation(post_op, activation))
      list.push_back(std::make_unique<ActivationTactic>(problem, activation));
    return;
  }
  constexpr std::array<std::pair<std::string_view, algorithm>, 6> binary = {{{"Add", algorithm::binary_add},
                                                                             {"Sub", algorithm::binary_sub},
                                                                             {"Mul", algorithm::binary_mul},
                                                                             {"RealDiv", algorithm::binary_div},
                                                                             {"Maximum", algorithm::binary_max},
                                                                             {"Minimum", algorithm::binary_min}}};
  const auto* found = std::find_if(binary.begin(), binary.end(), [&](const auto& b) { return b.first == op; });
  if (found == binary.end() || layer.inputs.size() != 2) return;
  std::size_t large = 0;
  if (problem.input_shape(0) != problem.output_shape()) {
    if (op == "Sub" || op == "RealDiv" || problem.input_shape(1) != problem.output_shape()) return;
    large = 1;
  }
  list.push_back(std::make_unique<BinaryTactic>(problem, found->second, large, false));
  list.push_back(std::make_unique<BinaryTactic>(problem, found->second, large, true));
}

}  // namespace isotherm::cpu
