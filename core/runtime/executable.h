// A part of a graph made ready to run: what some fetches need from some feeds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/run.h"

namespace isotherm {

/// What an executable is compiled from.
struct Excerpt {
  const std::vector<TensorRef>& feeds;
  const std::vector<TensorRef>& fetches;  ///< port kControlPort: the node is to run, and has no value
  const std::vector<NodeId>& order;       ///< the nodes to run, each after its inputs but for the back edges of loops
  std::vector<std::uint8_t> tainted;      ///< by node: nothing inferred about it holds here; empty: all holds
};

class Executable {
 public:
  virtual ~Executable() = default;
  /// `arguments`, one per feed, may be moved from. `results`, one per fetch, are on whatever side they were made; an
  /// invalid one has no value: a node without outputs, or a tensor on a branch that was not taken. An error names the
  /// node it came from. Work may still be queued on the stream when this returns. May be entered again from within
  /// (recursion).
  virtual Status run(Run& run, std::span<Tensor> arguments, std::span<Tensor> results) = 0;
};

}  // namespace isotherm
