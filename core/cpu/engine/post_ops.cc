#include "core/cpu/engine/post_ops.h"

#include <algorithm>

namespace isotherm::cpu {

bool find_activation(const PostOp& op, Activation& a) {
  using dnnl::algorithm;
  switch (op.kind) {
    case PostOp::Kind::relu:
      a = {algorithm::eltwise_relu, 0, 0};
      return true;
    case PostOp::Kind::relu6:
      a = {algorithm::eltwise_clip, 0, 6};
      return true;
    case PostOp::Kind::sigmoid:
      a = {algorithm::eltwise_logistic, 0, 0};
      return true;
    case PostOp::Kind::tanh:
      a = {algorithm::eltwise_tanh, 0, 0};
      return true;
    case PostOp::Kind::elu:
      a = {algorithm::eltwise_elu, op.alpha, 0};
      return true;
    case PostOp::Kind::leaky_relu:
      a = {algorithm::eltwise_relu, op.alpha, 0};
      return true;
    case PostOp::Kind::unary:
      if (op.op == "Abs")
        a = {algorithm::eltwise_abs, 0, 0};
      else if (op.op == "Exp")
        a = {algorithm::eltwise_exp, 0, 0};
      else if (op.op == "Square")
        a = {algorithm::eltwise_square, 0, 0};
      else if (op.op == "Softplus")
        a = {algorithm::eltwise_soft_relu, 1, 0};
      else
        return false;
      return true;
    default:
      return false;
  }
}

int added_input(const Layer& layer) {
  for (const PostOp& op : layer.post_ops) {
    if (op.kind != PostOp::Kind::add_tensor) continue;
    for (std::size_t i = layer.inputs.size(); i-- > 1;)
      if (layer.inputs[i] == op.tensor) return static_cast<int>(i);
  }
  return -1;
}

bool to_onednn(const Layer& layer, dnnl::post_ops& ops) {
  for (const PostOp& op : layer.post_ops) {
    Activation a;
    if (op.kind == PostOp::Kind::add_tensor) {
      ops.append_sum(1.0f);
    } else if (find_activation(op, a)) {
#if DNNL_VERSION_MAJOR >= 3
      ops.append_eltwise(a.algorithm, a.alpha, a.beta);
#else
      ops.append_eltwise(1.0f, a.algorithm, a.alpha, a.beta);
#endif
    } else {
      return false;
    }
  }
  return true;
}

dnnl::eltwise_forward::primitive_desc make_eltwise(const Activation& a, const memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), dnnl::prop_kind::forward_inference, a.algorithm, desc, desc, a.alpha, a.beta};
#else
  return {dnnl::eltwise_forward::desc(dnnl::prop_kind::forward_inference, a.algorithm, desc, a.alpha, a.beta),
          onednn_engine()};
#endif
}

dnnl::binary::primitive_desc make_binary(dnnl::algorithm algorithm, const memory::desc& a, const memory::desc& b,
                                         const memory::desc& dst, const dnnl::primitive_attr& attr) {
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), algorithm, a, b, dst, attr};
#else
  return {dnnl::binary::desc(algorithm, a, b, dst), attr, onednn_engine()};
#endif
}

PostOpTail::PostOpTail(const Layer& layer, const memory::desc& desc) : result_(unbound(desc)), added_(unbound(desc)) {
  for (const PostOp& op : layer.post_ops) {
    Activation a;
    if (op.kind == PostOp::Kind::add_tensor)
      ops_.push_back({dnnl::binary(make_binary(dnnl::algorithm::binary_add, desc, desc, desc, {})), true});
    else if (find_activation(op, a))
      ops_.push_back({dnnl::eltwise_forward(make_eltwise(a, desc)), false});
  }
}

void PostOpTail::execute(std::byte* result, std::byte* added) {
  for (Op& op : ops_) {
    if (op.adds) {
      op.primitive.execute(
          onednn_stream(),
          {{DNNL_ARG_SRC_0, bind(result_, result)}, {DNNL_ARG_SRC_1, bind(added_, added)}, {DNNL_ARG_DST, result_}});
    } else {
      op.primitive.execute(onednn_stream(), {{DNNL_ARG_SRC, bind(result_, result)}, {DNNL_ARG_DST, result_}});
    }
  }
}

}  // namespace isotherm::cpu
