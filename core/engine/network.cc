#include "core/engine/network.h"

#include <array>

#include "core/engine/network_edit.h"

namespace isotherm {

std::string_view layer_kind_name(LayerKind kind) {
  constexpr std::array<std::string_view, 14> names = {
      "convolution", "deconvolution", "matmul", "pooling", "elementwise", "reduce", "softmax",
      "shuffle",     "concat",        "slice",  "pad",     "gather",      "resize", "native"};
  return names[static_cast<std::size_t>(kind)];
}

namespace {

std::string post_op_text(const PostOp& op) {
  switch (op.kind) {
    case PostOp::Kind::relu:
      return "relu";
    case PostOp::Kind::relu6:
      return "relu6";
    case PostOp::Kind::sigmoid:
      return "sigmoid";
    case PostOp::Kind::tanh:
      return "tanh";
    case PostOp::Kind::elu:
      return "elu";
    case PostOp::Kind::leaky_relu:
      return "leaky_relu";
    case PostOp::Kind::add_tensor:
      return "add";
    case PostOp::Kind::unary:
    case PostOp::Kind::binary_constant:
      return op.op;
  }
  return {};
}

}  // namespace

std::string describe(const Network& network) {
  std::string out;
  for (const Layer& layer : network.layers) {
    out += std::string(layer_kind_name(layer.kind)) + " " + layer.name + " (";
    for (std::size_t i = 0; i < layer.sources.size(); ++i) out += (i ? " " : "") + layer.sources[i];
    out += "):";
    for (const int t : layer.inputs) out += " " + tensor_at(network, t).name;
    out += " ->";
    for (const int t : layer.outputs) out += " " + tensor_at(network, t).name;
    for (const PostOp& op : layer.post_ops) out += " +" + post_op_text(op);
    out += "\n";
  }
  return out;
}

}  // namespace isotherm
