// Post-ops of a layer as oneDNN takes them, fused into a primitive or run behind it.
#pragma once

#include <vector>

#include "core/cpu/engine/port.h"

namespace isotherm::cpu {

/// algorithm, alpha and beta of an activation; false for one that oneDNN does not have.
struct Activation {
  dnnl::algorithm algorithm = dnnl::algorithm::undef;
  float alpha = 0, beta = 0;
};
bool find_activation(const PostOp& post_op, Activation& activation);

/// Input of the layer that its add_tensor post-op adds, -1: none.
int added_input(const Layer& layer);

/// add_tensor becomes `sum`: the primitive's result is added to what its output memory holds. False if an op has no
/// counterpart. Throws dnnl::error.
bool to_onednn(const Layer& layer, dnnl::post_ops& ops);

/// The same ops as primitives of their own, in place on a result.
class PostOpTail {
 public:
  PostOpTail() = default;
  /// `result` lies as `desc`. Throws dnnl::error.
  PostOpTail(const Layer& layer, const memory::desc& desc);
  /// `added` holds the tensor to add in the same layout, where there is one.
  void execute(std::byte* result, std::byte* added);

 private:
  struct Op {
    dnnl::primitive primitive;
    bool adds = false;
  };
  std::vector<Op> ops_;
  memory result_, added_;
};

dnnl::eltwise_forward::primitive_desc make_eltwise(const Activation& activation, const memory::desc& desc);
dnnl::binary::primitive_desc make_binary(dnnl::algorithm algorithm, const memory::desc& a, const memory::desc& b,
                                         const memory::desc& dst, const dnnl::primitive_attr& attr);

}  // namespace isotherm::cpu
