#include "core/engine/fold_constants.h"

#include <algorithm>

#include "core/engine/evaluate.h"
#include "core/engine/import_segment.h"
#include "core/engine/network_edit.h"
#include "core/ops/op_def.h"

namespace isotherm {
namespace {

constexpr std::int64_t kLargestGrownConstant = std::int64_t{1} << 28;

bool passes_value_on(std::string_view op) {
  return op == "Identity" || op == "StopGradient" || op == "Snapshot" || op == "PreventGradient";
}

bool grows_too_much(const Network& network, const Layer& layer) {
  std::int64_t in = 0, out = 0;
  for (const int t : layer.inputs) in += static_cast<std::int64_t>(tensor_at(network, t).constant.byte_size());
  for (const int t : layer.outputs) {
    const NetworkTensor& tensor = tensor_at(network, t);
    out += tensor.shape.elements().value_or(0) * static_cast<std::int64_t>(dtype_size(tensor.dtype));
  }
  return out > kLargestGrownConstant && out > in;
}

std::vector<Tensor> evaluate(const Network& network, const Layer& layer, Device* device) {
  if (passes_value_on(node_of(network, layer).op)) return {tensor_at(network, layer.inputs[0]).constant};
  if (!device || grows_too_much(network, layer)) return {};
  auto values = evaluate_layer(*device, network, layer);
  if (!values.ok()) return {};
  const auto valid = [](const Tensor& t) { return t.valid() && t.on_host(); };
  return std::all_of(values->begin(), values->end(), valid) ? std::move(values).value() : std::vector<Tensor>();
}

}  // namespace

Result<Network> fold_constants(Network network, const NetworkOptions& options) {
  std::size_t left = network.layers.size();
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const bool constant = std::all_of(layer.inputs.begin(), layer.inputs.end(),
                                      [&](int t) { return tensor_at(network, t).constant.valid(); });
    if (!constant || !is_single_node(layer)) continue;
    const OpDef* op = find_op(node_of(network, layer).op);
    if (!op || op->is_stateful) continue;
    if (left == 1) break;  // an engine of constants alone still lists its nodes somewhere
    std::vector<Tensor> values = evaluate(network, layer, options.evaluator);
    if (values.size() != layer.outputs.size()) continue;
    set_constant(network, static_cast<int>(l), std::move(values));
    --left;
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
