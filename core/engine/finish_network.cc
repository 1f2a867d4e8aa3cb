#include "core/engine/finish_network.h"

#include <algorithm>
#include <unordered_map>

#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

void attribute_folded(Network& network) {
  if (network.layers.empty()) return;
  const NetworkIndex index(network);
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    if (network.tensors[i].folded.empty()) continue;
    int tensor = static_cast<int>(i);
    int layer = index.readers(tensor).empty() ? -1 : index.readers(tensor).front();
    for (std::size_t v = 0; layer < 0 && v < network.tensors.size(); ++v)  // a reader of a view of it
      if (network.tensors[v].view_of == tensor && !index.readers(static_cast<int>(v)).empty())
        layer = index.readers(static_cast<int>(v)).front();
    for (; layer < 0 && tensor >= 0; tensor = tensor_at(network, tensor).view_of) layer = index.producer(tensor);
    take_folded(network, layer_at(network, std::max(layer, 0)), static_cast<int>(i));
  }
}

Status sort_sources(Network& network) {
  ISO_ASSIGN(const std::vector<NodeId> order, network.segment->topological_order());
  std::unordered_map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < order.size(); ++i) place.emplace(network.segment->node(order[i]).name, i);
  for (Layer& layer : network.layers)
    std::sort(layer.sources.begin(), layer.sources.end(),
              [&](const std::string& a, const std::string& b) { return place[a] < place[b]; });
  return {};
}

void remove_unused_tensors(Network& network) {
  std::vector<int> number(network.tensors.size(), -1);
  const auto use = [&](int t) {
    for (; t >= 0; t = tensor_at(network, t).view_of) number[static_cast<std::size_t>(t)] = 0;
  };
  for (const int t : network.inputs) use(t);
  for (const int t : network.outputs) use(t);
  for (Layer& layer : network.layers) {
    if (layer.native_node == kNoNode) layer.native_inputs.clear();
    for (const std::vector<int>* list : {&layer.inputs, &layer.outputs, &layer.native_inputs})
      for (const int t : *list) use(t);
  }
  std::vector<NetworkTensor> kept;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (number[i] < 0) continue;
    number[i] = static_cast<int>(kept.size());
    kept.push_back(std::move(network.tensors[i]));
  }
  network.tensors = std::move(kept);
  const auto renumber = [&](int& t) {
    if (t >= 0) t = number[static_cast<std::size_t>(t)];
  };
  for (NetworkTensor& t : network.tensors) renumber(t.view_of);
  std::for_each(network.inputs.begin(), network.inputs.end(), renumber);
  std::for_each(network.outputs.begin(), network.outputs.end(), renumber);
  for (Layer& layer : network.layers) {
    for (std::vector<int>* list : {&layer.inputs, &layer.outputs, &layer.native_inputs})
      std::for_each(list->begin(), list->end(), renumber);
    for (PostOp& op : layer.post_ops) renumber(op.tensor);
  }
}

}  // namespace

Result<Network> finish_network(Network network) {
  attribute_folded(network);
  ISO_TRY(sort_sources(network));
  remove_unused_tensors(network);
  return network;
}

}  // namespace isotherm
