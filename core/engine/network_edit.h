// What the passes share: who makes and who reads a tensor, and how layers and tensors disappear without losing the
// source nodes that they stand for.
#pragma once

#include <string>
#include <vector>

#include "core/engine/network.h"

namespace isotherm {

/// Producers and readers of a network at one moment. Views count as readers of their base.
class NetworkIndex {
 public:
  explicit NetworkIndex(const Network& network);
  /// Layer that makes the tensor, -1: an input, a constant or a view.
  [[nodiscard]] int producer(int tensor) const { return producers_[static_cast<std::size_t>(tensor)]; }
  /// Layers that read it, ascending, each once.
  [[nodiscard]] const std::vector<int>& readers(int tensor) const { return readers_[static_cast<std::size_t>(tensor)]; }
  [[nodiscard]] bool is_output(int tensor) const { return outputs_[static_cast<std::size_t>(tensor)]; }
  [[nodiscard]] bool has_view(int tensor) const { return viewed_[static_cast<std::size_t>(tensor)]; }
  /// The one layer that reads the tensor, if it is no engine output and has no views; else -1.
  [[nodiscard]] int sole_reader(int tensor) const;

 private:
  std::vector<int> producers_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> outputs_, viewed_;
};

inline NetworkTensor& tensor_at(Network& network, int i) { return network.tensors[static_cast<std::size_t>(i)]; }
inline const NetworkTensor& tensor_at(const Network& network, int i) {
  return network.tensors[static_cast<std::size_t>(i)];
}
inline Layer& layer_at(Network& network, int i) { return network.layers[static_cast<std::size_t>(i)]; }
inline const Layer& layer_at(const Network& network, int i) { return network.layers[static_cast<std::size_t>(i)]; }

/// Adds `names` to `to`, each once.
void add_sources(std::vector<std::string>& to, const std::vector<std::string>& names);
/// `layer` takes over what was folded into `tensor`.
void take_folded(Network& network, Layer& layer, int tensor);
/// Every reader of `from` (layers, views, engine outputs) reads `to` instead; what was folded into `from` goes along.
void replace_tensor(Network& network, int from, int to);
/// Merges layer `gone` into `kept`: sources and folded nodes of its inputs move, `kept` makes its output 0 from now on.
/// `gone` becomes empty (no outputs) until drop_empty_layers.
void merge_into_producer(Network& network, int kept, int gone);
/// Removes layers without outputs.
void drop_empty_layers(Network& network);
/// Whether the layer is one node as imported, so that its op says what it computes.
inline bool is_single_node(const Layer& layer) { return layer.native_node != kNoNode && layer.post_ops.empty(); }
inline const Node& node_of(const Network& network, const Layer& layer) {
  return network.segment->node(layer.native_node);
}

}  // namespace isotherm
