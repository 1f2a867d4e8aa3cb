// Trees of two operations with constants: what is constant moves down to meet other constants.
#include <algorithm>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {

/// parent(constant, child(left, right)), the constant on either side.
struct ConstantFolder::Tree {
  WorkNode* constant = nullptr;
  WorkNode* child = nullptr;
  WorkNode* leaf[2] = {};
  bool constant_is_left = false;
  bool left_leaf_is_constant = false;
  [[nodiscard]] std::size_t constant_index() const { return constant_is_left ? 0 : 1; }
};

namespace {

bool is_inexact(DType dtype) { return is_floating(dtype) || dtype == DType::complex64 || dtype == DType::complex128; }

}  // namespace

std::optional<ConstantFolder::Tree> ConstantFolder::tree_of(WorkNode& n, bool needs_properties) const {
  if (fetches_.empty() || n.data_inputs() != 2) return std::nullopt;
  WorkNode* left = input_node(n, 0);
  WorkNode* right = input_node(n, 1);
  if (!left || !right) return std::nullopt;
  Tree tree;
  tree.constant_is_left = is_constant(*left);
  if (!tree.constant_is_left && !is_constant(*right)) return std::nullopt;
  tree.child = tree.constant_is_left ? right : left;
  tree.constant = tree.constant_is_left ? left : right;
  if (n.device != tree.child->device || n.device != tree.constant->device) return std::nullopt;
  if (tree.child->inputs.size() < 2 || preserved_.contains(tree.child->name) || data_edges_out(*tree.child, *map_) > 1)
    return std::nullopt;
  const DType dtype = n.attrs.get_type("T");
  if (dtype == DType::invalid || dtype == DType::float16 || dtype == DType::bfloat16) return std::nullopt;
  // A constant that waits for the child must not become its input.
  const NodeList& readers = map_->outputs(*tree.child);
  if (std::find(readers.begin(), readers.end(), tree.constant) != readers.end()) return std::nullopt;
  for (std::size_t i = 0; i < 2; ++i) {
    tree.leaf[i] = input_node(*tree.child, i);
    if (!tree.leaf[i]) return std::nullopt;
  }
  tree.left_leaf_is_constant = is_constant(*tree.leaf[0]);
  if (tree.left_leaf_is_constant && is_constant(*tree.leaf[1])) return std::nullopt;  // folds by itself
  if (n.device != tree.leaf[0]->device || n.device != tree.leaf[1]->device) return std::nullopt;
  if (needs_properties && (properties_.input_count(n.name) < 2 || properties_.input_count(tree.child->name) < 2))
    return std::nullopt;
  return tree;
}

bool ConstantFolder::push_down(WorkNode& n) {
  const bool is_sum = is_add(n), is_product = n.is("Mul"), is_sub = n.is("Sub"), is_div = n.is("Div");
  if (!is_sum && !is_product && !is_sub && !is_div) return false;
  const auto found = tree_of(n, false);
  if (!found) return false;
  const Tree& tree = *found;
  WorkNode& child = *tree.child;
  const bool child_is_sum = is_add(child), child_is_product = child.is("Mul");
  const bool additive = (is_sum || is_sub) && (child_is_sum || child.is("Sub"));
  const bool multiplicative = (is_product || is_div) && (child_is_product || child.is("Div"));
  if (!additive && !multiplicative) return false;
  const bool symmetric = is_sum || is_product, child_symmetric = child_is_sum || child_is_product;
  if (!(symmetric && child_symmetric) && !is_inexact(n.attrs.get_type("T"))) return false;

  // x is the leaf that comes up, y the one that stays with the constant c: a constant if there is one.
  const std::size_t xi = tree.left_leaf_is_constant ? 1 : 0;
  const WorkNode& y_node = *tree.leaf[tree.left_leaf_is_constant ? 0 : 1];
  if (!is_constant(y_node) && properties_.input_count(n.name) > 0 && properties_.input_count(child.name) > 0) {
    // Not where the constant is the larger one: the child would do more work.
    const Shape& c = properties_.input(n.name, static_cast<int>(tree.constant_index())).shape;
    const Shape& x = properties_.input(child.name, tree.left_leaf_is_constant ? 0 : 1).shape;
    if (c.is_static() && x.is_static() && c.elements().value_or(-1) > x.elements().value_or(-1)) return false;
    for (int i = 0; i < std::min(c.rank(), x.rank()); ++i)
      if (x.dim(i) >= 0 && c.dim(i) > x.dim(i)) return false;
  }
  const WorkInput x = child.inputs[xi];
  const WorkInput y = x == child.inputs[0] ? child.inputs[1] : child.inputs[0];
  const WorkInput c = n.inputs[tree.constant_index()];
  const WorkInput op = n.inputs[1 - tree.constant_index()];
  map_->update_input(n.name, c.node, x.node);
  map_->add_output(c.node, child.name);
  // As in TensorFlow, which takes a port for part of the name here.
  if (!(x == y) && x.port == 0) map_->remove_output(x.node, child.name);
  properties_.clear_inputs(n.name);
  properties_.clear_inputs(child.name);
  if (symmetric && child_symmetric) {
    n.inputs[0] = x;
    n.inputs[1] = op;
    child.inputs[0] = c;
    child.inputs[1] = y;
    return true;
  }
  // Subtractions and divisions turn the tree: each leaf keeps its sign (or stays above or below the line).
  const auto leaf_is_negative = [&](bool is_right) {
    return (!child_symmetric && is_right) != (!symmetric && tree.constant_is_left);
  };
  const std::string_view same = additive ? "Add" : "Mul", inverse = additive ? "Sub" : "Div";
  const bool c_negative = !symmetric && !tree.constant_is_left;
  const bool x_negative = leaf_is_negative(tree.left_leaf_is_constant);
  const bool y_negative = leaf_is_negative(!tree.left_leaf_is_constant);
  graph_.set_op(n, x_negative || (c_negative && y_negative) ? inverse : same);
  n.inputs[0] = x_negative ? op : x;
  n.inputs[1] = x_negative ? x : op;
  graph_.set_op(child, c_negative != y_negative ? inverse : same);
  child.inputs[0] = c_negative ? y : c;
  child.inputs[1] = c_negative ? c : y;
  return true;
}

void ConstantFolder::swap_leaf(WorkNode& parent, std::size_t constant, WorkNode& child, std::size_t leaf) {
  const WorkInput c = parent.inputs[constant], x = child.inputs[leaf];
  map_->update_input(parent.name, c.node, x.node);
  map_->add_output(c.node, child.name);
  if (!(x == child.inputs[1 - leaf]) && x.port == 0) map_->remove_output(x.node, child.name);
  std::swap(parent.inputs[constant], child.inputs[leaf]);
  properties_.clear_inputs(parent.name);
  properties_.clear_inputs(child.name);
}

/// Two sums of which at least one is a BiasAdd: a constant vector changes places with the vector below, a constant
/// matrix with the matrix.
bool ConstantFolder::push_down_bias(WorkNode& n) {
  const auto is_bias = [](const WorkNode& node) { return node.is("BiasAdd") || node.is("BiasAddV1"); };
  if (!is_bias(n) && !is_add(n)) return false;
  const auto found = tree_of(n, true);
  if (!found || (found->constant_is_left && is_bias(n))) return false;
  const Tree& tree = *found;
  WorkNode& child = *tree.child;
  if (!is_bias(child) && !is_add(child)) return false;
  const auto parent_info = [&](int i) -> const TensorInfo& { return properties_.input(n.name, i); };
  const auto leaf_info = [&](int i) -> const TensorInfo& { return properties_.input(child.name, i); };
  for (int i = 0; i < 2; ++i)
    if (!parent_info(i).shape.has_rank() || !leaf_info(i).shape.has_rank()) return false;
  if (leaf_info(0).shape.rank() != 1 && leaf_info(1).shape.rank() != 1) return false;
  const int vector = leaf_info(0).shape.rank() == 1 ? 0 : 1, matrix = 1 - vector;
  const TensorInfo& constant = parent_info(static_cast<int>(tree.constant_index()));
  int leaf = -1;
  if (!is_bias(n) && is_bias(child) && constant.shape.rank() == leaf_info(matrix).shape.rank() &&
      constant.dtype == leaf_info(matrix).dtype)
    leaf = matrix;
  else if (constant.shape.rank() == 1 && constant.dtype == leaf_info(vector).dtype)
    leaf = vector;
  if (leaf < 0 || tree.leaf[leaf]->op->is_const) return false;
  swap_leaf(n, tree.constant_index(), child, static_cast<std::size_t>(leaf));
  return true;
}

/// A convolution's output times a constant is the convolution with its filter times the constant. The convolution
/// takes the product's name, the product becomes `<convolution>/merged_input`.
bool ConstantFolder::push_into_convolution(WorkNode& n) {
  if ((!n.is("Mul") && !n.is("MulNoNan")) || n.data_inputs() != 2) return false;
  WorkNode* left = input_node(n, 0);
  WorkNode* right = input_node(n, 1);
  if (!left || !right) return false;
  const bool constant_is_left = is_constant(*left);
  if (!constant_is_left && !is_constant(*right)) return false;
  WorkNode& conv = constant_is_left ? *right : *left;
  WorkNode& factor = constant_is_left ? *left : *right;
  if ((!conv.is("Conv2D") && !conv.is("Conv3D")) || n.device != left->device || n.device != right->device) return false;
  if (conv.inputs.size() < 2 || data_edges_out(conv, *map_) > 1 || preserved_.contains(conv.name)) return false;
  WorkNode* sources[2] = {input_node(conv, 0), input_node(conv, 1)};
  if (!sources[0] || !sources[1] || is_constant(*sources[0]) == is_constant(*sources[1])) return false;
  const std::size_t weights = is_constant(*sources[0]) ? 0 : 1;
  if (properties_.output_count(n.name) < 1 || properties_.output_count(conv.name) < 1 ||
      properties_.input_count(conv.name) < 2 || properties_.output_count(factor.name) < 1)
    return false;
  if (!symbolically_equal(properties_.output(n.name, 0).shape, properties_.output(conv.name, 0).shape)) return false;
  const Shape& filter = properties_.input(conv.name, 1).shape;
  const Shape& scale = properties_.output(factor.name, 0).shape;
  const std::string format = conv.attrs.get_string("data_format");
  const bool is_one = scale.elements() == 1 && scale.rank() <= static_cast<int>(format.size());
  if (!is_one) {
    // One factor a channel, which the filter's last dimension takes. Channels first is left alone.
    if ((format != "NHWC" && format != "NDHWC") || !filter.has_rank() || !scale.has_rank()) return false;
    if (scale.rank() > filter.rank()) return false;
    for (int i = 0; i < scale.rank(); ++i) {
      const std::int64_t facing = filter.dim(filter.rank() - scale.rank() + i);
      const std::int64_t dim = scale.dim(i);
      if (facing == kUnknownDim || dim == kUnknownDim || (dim != 1 && dim != facing)) return false;
      if (i + 1 < scale.rank() && dim > 1) return false;
    }
  }
  const std::string merged_name = graph_.text(conv) + "/merged_input";
  if (exists(merged_name)) return false;
  // The factor must not wait for the convolution that it now feeds.
  const WorkInput conv_weights = conv.inputs[weights];
  const auto waits = std::find(factor.inputs.begin(), factor.inputs.end(), control_on(conv.name));
  if (waits != factor.inputs.end()) {
    drop_input(factor, static_cast<std::size_t>(waits - factor.inputs.begin()));
    map_->remove_output(conv.name, factor.name);
    const auto reads = [&](const WorkInput& in) { return in.node == conv_weights.node; };
    if (std::none_of(factor.inputs.begin(), factor.inputs.end(), reads)) add_control(factor, conv_weights);
  }
  const NameId name = n.name;
  for (WorkNode* reader : map_->outputs(conv))
    for (WorkInput& in : reader->inputs)
      if (in == control_on(conv.name)) in = control_on(name);
  conv.name = name;
  n.name = graph_.intern(merged_name);
  map_->update_input(name, n.inputs[weights].node, n.name);
  conv.inputs[weights] = {n.name, 0};
  n.inputs[constant_is_left ? 1 : 0] = {sources[weights]->name, 0};
  map_->add_node(n);
  return true;
}

}  // namespace isotherm::passes
