// Values that shape inference knows, and ops whose output holds one number, become constants.
#include <algorithm>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {
void ConstantFolder::materialise_constants() {
  const std::size_t count = nodes_->size();
  for (std::size_t i = 0; i < count; ++i) {
    WorkNode& n = *(*nodes_)[i];
    if (n.op->is_reduction)
      materialise_reduction_indices(n);
    else if (n.is("Fill") || n.is("ZerosLike") || n.is("OnesLike"))
      materialise_uniform(n);
    else
      materialise_known_value(n);
  }
}

void ConstantFolder::materialise_reduction_indices(WorkNode& n) {
  if (n.inputs.size() < 2) return;
  const WorkNode* indices = input_node(n, 1);
  if (!indices || is_constant(*indices) || properties_.input_count(n.name) != 2) return;
  const Shape& input = properties_.input(n.name, 0).shape;
  if (input.rank() < 1) return;
  const TensorInfo& axes = properties_.input(n.name, 1);
  if (axes.dtype != DType::int32 && axes.dtype != DType::int64) return;
  if (properties_.output_count(n.name) != 1) return;
  const int output_rank = properties_.output(n.name, 0).shape.rank();
  const std::int64_t axis_count = axes.shape.elements().value_or(-1);
  if (output_rank != 0 && axis_count != input.rank()) {
    // What is read as a tensor of one element must have been reduced over all axes.
    const NodeList& readers = map_->outputs(n);
    const auto reads_one = [&](const WorkNode* reader) {
      return reader->is("Reshape") && properties_.output_count(reader->name) == 1 &&
             properties_.output(reader->name, 0).shape.elements() == 1;
    };
    if (readers.empty() || !std::all_of(readers.begin(), readers.end(), reads_one)) return;
  }
  const std::string name = made_name(n, "-reduction_indices");
  if (exists(name)) return;
  std::vector<std::int64_t> all;
  for (int i = 0; i < input.rank(); ++i) all.push_back(i);
  WorkNode& made = add_constant(name, integer_constant(axes.dtype, all), n);
  add_control(made, n.inputs[1]);
  map_->update_input(n.name, indices->name, made.name);
  n.inputs[1] = {made.name, 0};
}

void ConstantFolder::materialise_uniform(WorkNode& n) {
  if (properties_.output_count(n.name) != 1) return;
  const TensorInfo& output = properties_.output(n.name, 0);
  if (!output.shape.is_static()) return;
  if (!n.is("Fill")) {
    if (replace_with_uniform(n, n.is("OnesLike") ? 1 : 0)) changed_ = true;
    return;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const WorkNode* source = input_node(n, i);
    if (!source || !is_constant(*source)) return;
  }
  const Constant* filler = constant_input(n, 1);
  if (!filler) return;
  Constant value(filler->dtype(), output.shape, filler->values());
  n.attrs.set("value", make_constant_attr(std::move(value)));
  n.attrs.set("dtype", TypeValue(output.dtype));
  n.attrs.erase("T");
  n.attrs.erase("index_type");
  graph_.set_op(n, "Const");
  for (std::size_t i = 0; i < 2; ++i) {
    map_->update_input(n.name, n.inputs[i].node, n.inputs[i].node);
    n.inputs[i] = control_on(n.inputs[i].node);
  }
  changed_ = true;
}

void ConstantFolder::materialise_known_value(WorkNode& n) {
  if (properties_.output_count(n.name) != 1) return;
  const TensorInfo& output = properties_.output(n.name, 0);
  if (!output.value || !is_foldable(n)) return;
  if (n.op->is_identity) {
    const WorkNode* source = input_node(n, 0);
    if (source && is_constant(*source)) {
      std::vector<int> ports;
      for (int i = 0; i < static_cast<int>(n.inputs.size()); ++i) ports.push_back(i);
      changed_ = forward_inputs(n, ports);
      return;
    }
  }
  if (replace_with_constant(n, *output.value)) changed_ = true;
}

}  // namespace isotherm::passes
