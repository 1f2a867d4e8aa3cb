// Softmax, concatenation, transposition.
#include <algorithm>

#include "core/cpu/engine/cpu_tactic.h"

namespace isotherm::cpu {
namespace {

#if DNNL_VERSION_MAJOR >= 3
dnnl::softmax_forward::primitive_desc make_softmax(const memory::desc& desc, int axis) {
  return {onednn_engine(),  dnnl::prop_kind::forward_inference, dnnl::algorithm::softmax_accurate, desc, desc, axis,
          user_scratchpad()};
}
dnnl::concat::primitive_desc make_concat(int axis, const std::vector<memory::desc>& sources) {
  return {onednn_engine(), axis, sources, user_scratchpad()};
}
#else
dnnl::softmax_forward::primitive_desc make_softmax(const memory::desc& desc, int axis) {
  return {dnnl::softmax_forward::desc(dnnl::prop_kind::forward_inference, desc, axis), user_scratchpad(),
          onednn_engine()};
}
dnnl::concat::primitive_desc make_concat(int axis, const std::vector<memory::desc>& sources) {
  return {axis, sources, onednn_engine(), user_scratchpad()};
}
#endif

class SoftmaxTactic final : public CpuTactic {
 public:
  using CpuTactic::CpuTactic;

 protected:
  Status plan() override {
    // Row-major, the softmax over the last axis: a matrix, whatever the rank.
    const Shape& shape = problem_.output_shape();
    const std::int64_t columns = shape.dim(shape.rank() - 1);
    const memory::desc matrix = dense_desc({*shape.elements() / columns, columns});
    const auto pd = make_softmax(matrix, 1);
    description_ = std::string("onednn ") + pd.impl_info_str();
    primitive_ = dnnl::softmax_forward(pd);
    add_port(0, matrix, true);
    output_desc_ = plain_desc(shape);
    if (problem_.inputs[0].desc == output_desc_ && problem_.inputs[0].shape == shape) shareable_ = 0;
    result_ = unbound(matrix);
    scratchpad_ = unbound(pd.scratchpad_desc());
    scratchpad_offset_ = reserve(pd.scratchpad_desc().get_size());
    return {};
  }

  void execute(const TacticMemory& m) override {
    primitive_.execute(onednn_stream(), {{DNNL_ARG_SRC, bring(0, m)},
                                         {DNNL_ARG_DST, bind(result_, m.outputs[0])},
                                         {DNNL_ARG_SCRATCHPAD, bind(scratchpad_, m.workspace + scratchpad_offset_)}});
  }

 private:
  dnnl::primitive primitive_;
  memory result_, scratchpad_;
  std::size_t scratchpad_offset_ = 0;
};

class ConcatTactic final : public CpuTactic {
 public:
  ConcatTactic(const LayerProblem& problem, bool plain) : CpuTactic(problem), plain_(plain) {
    description_ = std::string("onednn concat") + (plain ? " channels-last" : " as it comes");
  }

 protected:
  Status plan() override {
    const Shape& shape = problem_.output_shape();
    const int axis = logical_axis(static_cast<int>(problem_.layer.attrs.get_int("axis")), shape.rank());
    std::vector<memory::desc> sources;
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
      const bool as_is = !plain_ && problem_.inputs[i].shape == problem_.input_shape(i);
      sources.push_back(as_is ? problem_.inputs[i].desc : plain_desc(problem_.input_shape(i)));
    }
    const auto pd = make_concat(axis, sources);
    const std::string name = pd.impl_info_str();
    if (!plain_ && name.starts_with("ref")) return unsupported("the inputs' layouts do not join");
    primitive_ = dnnl::concat(pd);
    for (std::size_t i = 0; i < sources.size(); ++i) add_port(i, sources[i]);
    output_desc_ = pd.dst_desc();
    description_ = "onednn " + name + " " + layout_name(output_desc_);
    result_ = unbound(output_desc_);
    scratchpad_ = unbound(pd.scratchpad_desc());
    scratchpad_offset_ = reserve(pd.scratchpad_desc().get_size());
    return {};
  }

  void execute(const TacticMemory& m) override {
    std::unordered_map<int, memory> arguments = {
        {DNNL_ARG_DST, bind(result_, m.outputs[0])},
        {DNNL_ARG_SCRATCHPAD, bind(scratchpad_, m.workspace + scratchpad_offset_)}};
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i)
      arguments.emplace(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), bring(i, m));
    primitive_.execute(onednn_stream(), arguments);
  }

 private:
  bool plain_;
  dnnl::primitive primitive_;
  memory result_, scratchpad_;
  std::size_t scratchpad_offset_ = 0;
};

/// A transposition is a reorder between two descriptions of the same logical tensor.
class TransposeTactic final : public CpuTactic {
 public:
  using CpuTactic::CpuTactic;

 protected:
  Status plan() override {
    const Shape& in = problem_.input_shape(0);
    const Shape& out = problem_.output_shape();
    const std::vector<std::int64_t> perm = problem_.layer.attrs.get_ints("perm");
    if (perm.size() != static_cast<std::size_t>(in.rank())) return unsupported("the permutation does not fit the rank");
    const memory::dims steps = row_major(in.dims());
    memory::dims strides;
    for (const std::int64_t p : perm) {
      if (p < 0 || p >= in.rank()) return unsupported("the permutation does not fit the rank");
      strides.push_back(steps[static_cast<std::size_t>(p)]);
    }
    const memory::desc from(out.dims(), memory::data_type::f32, strides);
    add_port(0, from, true);
    output_desc_ = plain_desc(out);
    source_ = unbound(from);
    result_ = unbound(dense_desc(out.dims()));
    primitive_ = dnnl::reorder(source_, result_);
    description_ = "onednn reorder";
    return {};
  }

  void execute(const TacticMemory& m) override {
    primitive_.execute(onednn_stream(), bring(0, m), bind(result_, m.outputs[0]));
  }

 private:
  static memory::dims row_major(const memory::dims& dims) {
    memory::dims strides(dims.size(), 1);
    for (std::size_t i = dims.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * dims[i + 1];
    return strides;
  }

  dnnl::reorder primitive_;
  memory source_, result_;
};

/// A reshape that could not become a view: a copy, or nothing at all in place.
class ReshapeTactic final : public CpuTactic {
 public:
  using CpuTactic::CpuTactic;

 protected:
  Status plan() override {
    description_ = "copy";
    const memory::desc line = dense_desc({*problem_.output_shape().elements()});
    add_port(0, line, true);
    output_desc_ = plain_desc(problem_.output_shape());
    bytes_ = line.get_size();
    return {};
  }

  void execute(const TacticMemory& m) override {
    const auto* from = static_cast<const std::byte*>(bring(0, m).get_data_handle());
    if (from != m.outputs[0]) std::copy(from, from + bytes_, m.outputs[0]);
  }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace

void add_array_tactics(const LayerProblem& problem, TacticList& list) {
  const Layer& layer = problem.layer;
  const std::string mode = layer.attrs.get_string("mode");
  if (layer.kind == LayerKind::softmax) list.push_back(std::make_unique<SoftmaxTactic>(problem));
  if (layer.kind == LayerKind::concat && layer.attrs.contains("axis")) {
    list.push_back(std::make_unique<ConcatTactic>(problem, false));
    list.push_back(std::make_unique<ConcatTactic>(problem, true));
  }
  if (layer.kind == LayerKind::shuffle && mode == "reshape") list.push_back(std::make_unique<ReshapeTactic>(problem));
  if (layer.kind == LayerKind::shuffle && mode == "transpose" && problem.output_shape().rank() >= 1)
    list.push_back(std::make_unique<TransposeTactic>(problem));
}

}  // namespace isotherm::cpu
