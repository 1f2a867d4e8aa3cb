// Propagates shapes and small values through a graph until nothing changes, as TensorFlow's graph optimiser does
// (grappler, GraphProperties::InferStatically with valid feeds and without aggressive inference): nodes in topological
// order, loops to their fixpoint, function calls through their bodies. Then the equalities that the shape functions
// demanded are joined, so that what is known downstream is known upstream too.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/shapes/context.h"
#include "core/ops/shapes/merges.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {

/// What a call hands to an argument of a function.
struct Argument {
  Shape shape = Shape::unknown_rank();
  std::shared_ptr<const Constant> value;
  std::optional<DType> handle_dtype;  ///< of the variable that a resource refers to
  Shape handle_shape = Shape::unknown_rank();
};

/// Bodies of functions, and how much more work function calls may make. Shared by nested propagations.
struct CallState {
  const FunctionLibrary* functions = nullptr;  ///< of the outermost graph: bodies do not carry one
  std::map<std::string, std::shared_ptr<const Graph>, std::less<>> bodies;  ///< null: cannot be instantiated
  std::int64_t nodes_left = 2'000'000;
  int depth = 0;
};

class Propagation {
 public:
  /// `arguments`: of the `_Arg` nodes, null in a graph that is no function body. All must outlive the propagation.
  Propagation(const Graph& graph, CallState& calls, const std::vector<Argument>* arguments);

  /// Demands `shape` of output 0 of a node, before run().
  void override_shape(NodeId node, const Shape& shape) { overrides_[node] = &shape; }

  /// Output 0 of the node may be anything, before run().
  void feed(NodeId node) { fed_.emplace(node, ShapeHandle()); }

  /// An error only where the graph has a cycle outside loops, an override contradicts the node, or a loop does not
  /// settle. Contradictions of shape functions are kept in contradictions(), their outputs are unknown.
  Status run();

  [[nodiscard]] const std::map<NodeId, Error>& contradictions() const { return contradictions_; }
  [[nodiscard]] bool inferred(NodeId node) const { return state(node).inferred; }
  [[nodiscard]] int outputs(NodeId node) const { return begin(node + 1) - begin(node); }
  [[nodiscard]] TypeValue type(NodeId node, int port) const {
    return types_[static_cast<std::size_t>(begin(node) + port)];
  }
  /// After run(): the shape with all that is known, symbols for the rest.
  Shape shape(NodeId node, int port);
  /// After run(): the value where it is known and small, or a Const.
  [[nodiscard]] std::shared_ptr<const Constant> value(NodeId node, int port) const;
  [[nodiscard]] int symbol_count() const { return equal_ ? equal_->symbol_count() : 0; }

 private:
  /// How a node's outputs come about.
  enum class Kind { function_of_inputs, enter, merge, argument, call };
  /// Which values pass through an op.
  enum class ValueRule { none, constant, rank, size, shape, pack, concat, identity, slice, strided_slice };
  struct OpInfo {
    ShapeFunction function = nullptr;
    Kind kind = Kind::function_of_inputs;
    ValueRule rule = ValueRule::none;
  };
  struct NodeState {
    const OpInfo* op = nullptr;
    std::int32_t inputs_begin = 0;
    std::int32_t shape_merges = 0;  ///< first of this node's equalities in shape_merges_
    std::int32_t shape_merge_count = 0;
    std::int32_t dim_merges = 0;
    std::int32_t dim_merge_count = 0;
    bool visited = false;
    bool inferred = false;
    bool reads_partial_values = false;
  };

  [[nodiscard]] std::int32_t begin(NodeId node) const { return begin_[static_cast<std::size_t>(node)]; }
  [[nodiscard]] const NodeState& state(NodeId node) const { return states_[static_cast<std::size_t>(node)]; }
  TensorState& tensor(NodeId node, int port) { return tensors_[static_cast<std::size_t>(begin(node) + port)]; }
  const OpInfo& op_info(const std::string& op);
  void prepare();
  Status propagate();
  void join_equalities();

  /// Infers one node again; true if its consumers have to follow.
  Result<bool> update(NodeId id);
  Result<bool> update_enter(NodeId id);
  Result<bool> update_merge(NodeId id);
  Result<bool> update_ordinary(NodeId id);
  void infer(NodeId id);
  Status apply_override(NodeId id);
  void take_results(NodeId id);

  TensorState source(const Input& in);
  ShapeHandle union_of(NodeId node, ShapeHandle a, ShapeHandle b);
  [[nodiscard]] bool equivalent(ShapeHandle a, ShapeHandle b) const;

  // calls.cc
  Status infer_call(const Node& node);
  void infer_argument(const Node& node);
  [[nodiscard]] Shape raw_shape(ShapeHandle s) const;

  // values.cc: values of small integer tensors.
  void propagate_values(const Node& node, ValueRule rule, const std::vector<ShapeHandle>& inputs_as_shapes);
  [[nodiscard]] ShapeHandle as_shape(const Constant& constant);
  [[nodiscard]] ShapeHandle without_const_unknowns(ShapeHandle s);
  [[nodiscard]] std::optional<std::vector<DimHandle>> packed_dims(const std::vector<ShapeHandle>& inputs_as_shapes);
  [[nodiscard]] ShapeHandle sliced(const Node& node, ValueRule rule, ShapeHandle input);
  [[nodiscard]] std::shared_ptr<const Constant> constant_of(ShapeHandle shape, ShapeHandle as_shape, DType dtype) const;

  const Graph& graph_;
  CallState& calls_;
  const std::vector<Argument>* arguments_;
  ShapeArena arena_;
  ShapeContext context_;
  std::map<std::string, OpInfo, std::less<>> ops_;
  std::vector<NodeState> states_;
  std::vector<std::int32_t> begin_;  ///< of a node's outputs in tensors_ and types_
  std::vector<TensorState> tensors_;
  std::vector<TypeValue> types_;
  std::vector<ShapeHandle> last_inputs_;  ///< what each node was inferred from
  std::vector<std::pair<ShapeHandle, ShapeHandle>> shape_merges_;
  std::vector<std::pair<DimHandle, DimHandle>> dim_merges_;
  std::map<std::pair<NodeId, int>, DimHandle> loop_dims_;  ///< unknown dimensions of Merge outputs
  std::map<NodeId, ShapeHandle> loop_shapes_;              ///< unknown shapes of Merge outputs
  std::map<NodeId, const Shape*> overrides_;
  std::map<NodeId, ShapeHandle> fed_;  ///< nodes whose first output may be anything: its unknown shape
  std::map<NodeId, Error> contradictions_;
  std::optional<EqualShapes> equal_;
};

/// Stands for -1 in a constant read as a shape while it passes from node to node: an unknown dimension without
/// identity.
inline constexpr std::int64_t kUnknownFromConst = std::numeric_limits<std::int64_t>::max();

}  // namespace isotherm::shapes
