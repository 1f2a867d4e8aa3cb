#include "core/engine/network_edit.h"

#include <algorithm>

namespace isotherm {

NetworkIndex::NetworkIndex(const Network& network)
    : producers_(network.tensors.size(), -1),
      readers_(network.tensors.size()),
      outputs_(network.tensors.size(), false),
      viewed_(network.tensors.size(), false) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    for (const int t : network.layers[l].outputs) producers_[static_cast<std::size_t>(t)] = static_cast<int>(l);
    for (const int t : network.layers[l].inputs) {
      auto& list = readers_[static_cast<std::size_t>(t)];
      if (list.empty() || list.back() != static_cast<int>(l)) list.push_back(static_cast<int>(l));
    }
  }
  for (const int t : network.outputs) outputs_[static_cast<std::size_t>(t)] = true;
  for (const NetworkTensor& t : network.tensors)
    if (t.view_of >= 0) viewed_[static_cast<std::size_t>(t.view_of)] = true;
}

int NetworkIndex::sole_reader(int tensor) const {
  return is_output(tensor) || has_view(tensor) || readers(tensor).size() != 1 ? -1 : readers(tensor).front();
}

void add_sources(std::vector<std::string>& to, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

void take_folded(Network& network, Layer& layer, int tensor) {
  NetworkTensor& t = tensor_at(network, tensor);
  add_sources(layer.sources, t.folded);
  t.folded.clear();
}

void replace_tensor(Network& network, int from, int to) {
  if (from == to) return;
  for (Layer& layer : network.layers) {
    std::replace(layer.inputs.begin(), layer.inputs.end(), from, to);
    std::replace(layer.native_inputs.begin(), layer.native_inputs.end(), from, to);
    for (PostOp& op : layer.post_ops)
      if (op.tensor == from) op.tensor = to;
  }
  for (NetworkTensor& t : network.tensors)
    if (t.view_of == from) t.view_of = to;
  std::replace(network.outputs.begin(), network.outputs.end(), from, to);
  add_sources(tensor_at(network, to).folded, tensor_at(network, from).folded);
  tensor_at(network, from).folded.clear();
}

void merge_into_producer(Network& network, int kept, int gone) {
  Layer& a = layer_at(network, kept);
  Layer& b = layer_at(network, gone);
  for (const int t : a.outputs) take_folded(network, a, t);
  for (const int t : b.inputs) {
    if (tensor_at(network, t).constant.valid()) take_folded(network, a, t);
  }
  add_sources(a.sources, b.sources);
  a.outputs = b.outputs;
  a.native_node = kNoNode;
  b.outputs.clear();
  b.inputs.clear();
}

void drop_empty_layers(Network& network) {
  std::erase_if(network.layers, [](const Layer& layer) { return layer.outputs.empty(); });
}

}  // namespace isotherm
