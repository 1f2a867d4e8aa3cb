// A TRTEngineOp node at run time: shape check, engine, and the native segment where either fails; in TF-TRT's order.
#pragma once

#include <optional>
#include <string>

#include "core/runtime/calls.h"

namespace isotherm {

/// Why a TRTEngineOp does not hand these inputs to its engine (kernels/trt_engine_op.cc, VerifyInputShapes): another
/// number of inputs, another rank or fixed dimension than attribute `input_shapes` says; in implicit batch mode
/// (attribute
/// `_use_implicit_batch`, true where absent) a scalar, an empty batch, or first dimensions that differ. Nothing if it
/// does.
std::optional<std::string> engine_shape_refusal(const Graph& graph, const Node& node, std::span<const Shape> shapes);

class EngineNode final : public Kernel {
 public:
  EngineNode(const Graph& graph, NodeId id, SessionContext& context)
      : graph_(graph), id_(id), node_(graph[id]), context_(context) {}
  Status run(KernelContext& context) override;
  /// Null before the first run, and where it could not be made.
  [[nodiscard]] EngineRunner* runner() const { return runner_.get(); }

 private:
  /// The engine's run; an error is the reason for the native segment. `asked`: it got as far as the engine itself.
  Status run_engine(KernelContext& context, bool& asked);
  Status run_native(KernelContext& context, const std::string& reason);

  const Graph& graph_;
  NodeId id_;
  const Node& node_;
  SessionContext& context_;
  std::unique_ptr<EngineRunner> runner_;
  std::optional<Error> no_runner_;  // why the factory made none: not tried again
  std::unique_ptr<Callee> native_;
  std::vector<Tensor> inputs_, outputs_;  // of one call
  std::vector<Shape> shapes_;
};

}  // namespace isotherm
