// Constant folding at work. One file a group of rewrites; constant_folder.cc runs them.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/passes/fold_constants.h"
#include "core/passes/node_edit.h"
#include "core/passes/properties.h"

namespace isotherm::passes {

class ConstantFolder {
 public:
  ConstantFolder(WorkGraph& graph, const PassTarget& target, const NodeEvaluator* evaluator);
  void run();
  [[nodiscard]] std::vector<NotFolded> not_folded();

 private:
  // constant_folder.cc
  void round();
  void simplify_all();
  void simplify(WorkNode& node);

  [[nodiscard]] WorkNode* node(const WorkInput& input) const { return map_->node(input); }
  [[nodiscard]] WorkNode* input_node(const WorkNode& n, std::size_t i) const {
    return i < n.inputs.size() ? map_->node(n.inputs[i]) : nullptr;
  }
  /// A Const that cannot be fed.
  [[nodiscard]] bool is_constant(const WorkNode& n) const { return n.op->is_const && !fed_.contains(n.name); }
  /// The value of input `i` if it is such a Const.
  [[nodiscard]] const Constant* constant_input(const WorkNode& n, std::size_t i) const;
  /// The same as integers; nothing for other types.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integer_input(const WorkNode& n, std::size_t i) const;
  [[nodiscard]] bool is_zeros(const WorkNode& n) const { return is_all(n, 0); }
  [[nodiscard]] bool is_ones(const WorkNode& n) const { return is_all(n, 1); }
  [[nodiscard]] bool is_all(const WorkNode& n, int value) const;

  /// "ConstantFolding/<node><suffix>".
  [[nodiscard]] std::string made_name(const WorkNode& n, std::string_view suffix) const;
  [[nodiscard]] bool exists(std::string_view name) const;
  /// A node put at the end of the graph and into the map, on `like`'s device, without inputs.
  WorkNode& add_node(std::string_view name, std::string_view op, const WorkNode& like);
  WorkNode& add_constant(std::string_view name, Constant value, const WorkNode& like);
  /// Gives `n` the control input that says that `after` exists.
  void add_control(WorkNode& n, const WorkInput& after);
  WorkInput control_after(const WorkInput& input) { return passes::control_after(graph_, *map_, *nodes_, input); }
  /// Turns data inputs from `first` on into control inputs.
  void make_controls(WorkNode& n, std::size_t first);

  // fold_shapes.cc: what is known of tensors' shapes.
  void materialise_shapes();
  void materialise_shape(WorkNode& n);
  void materialise_shape_n(WorkNode& n);
  void materialise_array_size(WorkNode& n);

  // fold_known_values.cc: values that shape inference found, or that an op's outputs all have.
  void materialise_constants();
  void materialise_reduction_indices(WorkNode& n);
  void materialise_uniform(WorkNode& n);
  void materialise_known_value(WorkNode& n);

  // fold_nodes.cc: nodes of constant inputs.
  [[nodiscard]] bool is_foldable(const WorkNode& n);
  [[nodiscard]] bool may_be_foldable(const WorkNode& n) const;
  [[nodiscard]] bool is_foldable_now(const WorkNode& n) const;
  enum class Folded { yes, no, too_large };
  Folded fold(WorkNode& n);
  Folded fold_merge(WorkNode& n);
  std::optional<std::vector<Tensor>> compute(const WorkNode& n, std::int64_t& input_bytes);
  void replace_outputs(WorkNode& n, const std::vector<WorkNode*>& values);
  [[nodiscard]] std::vector<WorkInput> controls_of(const WorkNode& n) const;
  void fold_graph();

  // simplify_arrays.cc: array ops that change nothing.
  bool remove_split(WorkNode& n);
  bool remove_transpose(WorkNode& n);
  bool remove_random_shuffle(WorkNode& n);
  bool remove_reverse(WorkNode& n);
  bool remove_slice(WorkNode& n);
  bool remove_strided_slice(WorkNode& n);
  bool remove_tile(WorkNode& n);
  bool remove_pad(WorkNode& n);
  bool remove_squeeze(WorkNode& n);
  bool simplify_pack(WorkNode& n);
  bool simplify_reshape(WorkNode& n);

  // simplify_reductions.cc
  bool simplify_reduction(WorkNode& n);
  bool reduction_to_identity(WorkNode& n);

  // simplify_control.cc
  bool move_constant_past_enter(WorkNode& n);
  bool simplify_switch(WorkNode& n);
  bool simplify_select(WorkNode& n);

  // simplify_arithmetic.cc
  bool simplify_arithmetic(WorkNode& n);
  bool divide_by_multiplying(WorkNode& n);

  // push_down_constants.cc: constants move towards constants.
  struct Tree;  // a binary node with a constant child and a binary child
  std::optional<Tree> tree_of(WorkNode& n, bool needs_properties) const;
  bool push_down(WorkNode& n);
  bool push_down_bias(WorkNode& n);
  bool push_into_convolution(WorkNode& n);
  void swap_leaf(WorkNode& parent, std::size_t constant, WorkNode& child, std::size_t leaf);

  // fold_partly.cc: some inputs are constants.
  bool forward_identity_n(WorkNode& n);
  bool forward_inputs(WorkNode& n, const std::vector<int>& ports);
  bool fold_sum_partly(WorkNode& n);
  bool fold_concat_partly(WorkNode& n);
  bool merge_concat(WorkNode& n);
  [[nodiscard]] std::optional<std::int64_t> concat_axis(const WorkNode& n) const;

  // replace_node.cc
  [[nodiscard]] DType dtype_of(const WorkNode& n) const;
  bool replace_with_identity(WorkNode& n, std::size_t input);
  bool replace_with_snapshot(WorkNode& n, std::size_t input);
  bool replace_with_broadcast(WorkNode& n, std::size_t input);
  bool replace_with_unary(WorkNode& n, std::string_view op);
  bool replace_with_no_op(WorkNode& n);
  bool replace_with_constant(WorkNode& n, Constant value);
  /// A constant of the node's known output shape, all `value`; false for types that have no such number.
  bool replace_with_uniform(WorkNode& n, int value);

  WorkGraph& graph_;
  const NodeEvaluator* evaluator_;
  const NameSet preserved_;
  NameSet fed_;
  std::vector<NameId> fetches_;
  NameSet foldable_fetches_;  ///< fetches of one output, which keep their name when they become a constant
  bool has_updates_ = false;  ///< something writes into tensors, so that an Identity may not share memory
  Properties properties_;
  std::optional<NodeMap> map_;
  NodeList* nodes_ = nullptr;  ///< where new nodes go
  bool changed_ = false;
  std::unordered_map<NameId, std::vector<std::pair<const OpTraits*, bool>>> may_fold_;  ///< answers, by name and op
  NameSet too_large_;                                                                   ///< of this round
  std::vector<NotFolded> not_folded_;
};

/// A constant of one number; an invalid dtype for types that have none.
Constant uniform_constant(DType dtype, Shape shape, int value);
/// A vector of int32 or int64.
Constant integer_constant(DType dtype, const std::vector<std::int64_t>& values);
Constant integer_scalar(DType dtype, std::int64_t value);

}  // namespace isotherm::passes
