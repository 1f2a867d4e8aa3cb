// Which nodes a run needs: all that the fetches reach backwards, without going through a fed tensor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// The tensors fed in a run, looked up by node and port.
class FedTensors {
 public:
  FedTensors(const Graph& graph, std::span<const TensorRef> feeds);
  /// Index of the feed of that tensor; -1 if it is not fed.
  [[nodiscard]] int find(NodeId node, int port) const;
  /// Whether the node is a fed Placeholder: a control edge from it is satisfied by the feed. Other nodes whose outputs
  /// are fed run all the same if a control edge asks for them.
  [[nodiscard]] bool satisfies_control(NodeId node) const;

 private:
  const Graph& graph_;
  std::vector<TensorRef> feeds_;
  std::vector<std::uint8_t> any_;  // by node: one of its outputs is fed
};

/// By node: 1 if it has to run for `fetches` (port kControlPort: the node is to run, whatever its outputs). A fetch
/// that is fed needs nothing.
std::vector<std::uint8_t> needed_nodes(const Graph& graph, const FedTensors& fed, std::span<const TensorRef> fetches);

/// The needed nodes, each after those it reads; ties by id. Edges from fed tensors and the back edges of loops do not
/// count. An error names a node on a cycle.
Result<std::vector<NodeId>> order_nodes(const Graph& graph, const FedTensors& fed,
                                        const std::vector<std::uint8_t>& needed);

}  // namespace isotherm
