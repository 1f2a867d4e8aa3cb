// Constants in loops and branches, and choices that are made already.
#include <algorithm>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {

/// A constant that enters a loop unchanged may as well stand in it.
bool ConstantFolder::move_constant_past_enter(WorkNode& n) {
  if (!n.op->is_enter || n.inputs.empty() || !n.attrs.get_bool("is_constant")) return false;
  const WorkNode* source = input_node(n, 0);
  if (!source || !is_constant(*source)) return false;
  const std::string name = made_name(*source, "_enter");
  if (exists(name)) return false;
  NodeList readers;
  for (WorkNode* reader : map_->outputs(n)) {
    const auto& inputs = reader->inputs;
    if (!reader->op->is_const && std::find(inputs.begin(), inputs.end(), WorkInput{n.name, 0}) != inputs.end())
      readers.push_back(reader);
  }
  if (readers.empty()) return false;
  WorkNode& made = graph_.copy_node(*source, name);
  made.device = n.device;
  made.inputs = {control_on(n.name)};
  nodes_->push_back(&made);
  map_->add_node(made);
  map_->add_output(n.name, made.name);
  for (WorkNode* reader : readers)
    for (WorkInput& in : reader->inputs) {
      if (in.node != n.name) continue;
      map_->update_input(reader->name, n.name, made.name);
      in = {made.name, 0};
    }
  return true;
}

/// Behind Switch(p, p) it is known what p is.
bool ConstantFolder::simplify_switch(WorkNode& n) {
  if (!n.is("Switch") || n.inputs.size() < 2 || !(n.inputs[0] == n.inputs[1])) return false;
  const std::string names[2] = {made_name(n, "_const_false"), made_name(n, "_const_true")};
  if (exists(names[0]) || exists(names[1])) return false;
  // Two Identity readers that only control others are what this rewrite leaves behind. With another number of readers
  // nothing says that it has been here.
  const NodeList& outputs = map_->outputs(n);
  const auto only_controls = [&](const WorkNode* r) { return is_identity_like(*r) && !has_data_readers(*r, *map_); };
  if (outputs.size() != 2 || std::all_of(outputs.begin(), outputs.end(), only_controls)) return false;
  const NodeList readers = map_->outputs_by_name(n.name);
  WorkNode* made[2];
  for (int port = 0; port < 2; ++port) made[port] = &add_constant(names[port], Constant(Tensor::scalar(port == 1)), n);
  for (int port = 0; port < 2; ++port) add_control(*made[port], {n.name, port});
  for (WorkNode* reader : readers)
    for (WorkInput& in : reader->inputs) {
      if (in.node != n.name || in.is_control() || in.port > 1) continue;
      in = {made[in.port]->name, 0};
      map_->update_input(reader->name, n.name, in.node);
    }
  return true;
}

/// A Select whose condition is constant passes one of its inputs on.
bool ConstantFolder::simplify_select(WorkNode& n) {
  if ((!n.is("Select") && !n.is("SelectV2")) || properties_.input_count(n.name) < 3) return false;
  const WorkNode* condition = input_node(n, 0);
  if (!condition) return false;
  const bool all_true = is_ones(*condition), all_false = is_zeros(*condition);
  if (!all_true && !all_false) return false;
  const std::size_t taken = all_true ? 1 : 2, ignored = all_true ? 2 : 1;
  const auto shape = [&](int i) -> const Shape& { return properties_.input(n.name, i).shape; };
  const bool is_scalar = shape(0).rank() == 0;
  if (symbolically_equal(shape(1), shape(2)) && (is_scalar || symbolically_equal(shape(0), shape(1)))) {
    graph_.set_op(n, "Identity");
    n.inputs[0] = control_after(n.inputs[0]);
    n.inputs[ignored] = control_after(n.inputs[ignored]);
    std::swap(n.inputs[0], n.inputs[taken]);
  } else if (!replace_with_broadcast(n, taken)) {
    return false;
  }
  drop_repeated_controls(n);
  return true;
}

}  // namespace isotherm::passes
