// Reductions that reduce nothing.
#include <algorithm>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {

bool ConstantFolder::reduction_to_identity(WorkNode& n) {
  const DType dtype = n.is("Any") || n.is("All") ? DType::boolean : n.attrs.get_type("T");
  if (dtype == DType::invalid) return false;
  graph_.set_op(n, "Identity");
  erase_regular_attrs(n);
  n.attrs.set("T", TypeValue(dtype));
  n.inputs[1] = control_on(n.inputs[1].node);
  return true;
}

bool ConstantFolder::simplify_reduction(WorkNode& n) {
  if (!n.op->is_reduction || n.inputs.size() < 2) return false;
  const Constant* indices = constant_input(n, 1);
  if (!indices) return false;
  if (indices->shape().elements() == 0) return reduction_to_identity(n);
  const auto axes = integer_input(n, 1);
  if (!axes || properties_.input_count(n.name) < 1 || properties_.output_count(n.name) < 1) return false;
  const Shape& input = properties_.input(n.name, 0).shape;
  const Shape& output = properties_.output(n.name, 0).shape;
  if (!input.is_static() || !output.is_static()) return false;
  if (input.rank() == 0 || output.rank() == 0) return false;  // which TensorFlow takes for unknown here
  const bool keeps_dims = n.attrs.get_bool("keep_dims");
  if (input.elements() == 1 && output.elements() == 1 && !keeps_dims && n.attrs.contains("T")) {
    const std::vector<std::int64_t> ones(static_cast<std::size_t>(output.rank()), 1);
    WorkNode& shape = add_constant(made_name(n, "_shape_const"), integer_constant(DType::int32, ones), n);
    shape.inputs = {control_on(n.inputs[1].node)};
    map_->add_output(n.inputs[1].node, shape.name);
    graph_.set_op(n, "Reshape");
    map_->update_input(n.name, n.inputs[1].node, shape.name);
    n.inputs[1] = {shape.name, 0};
    n.attrs.erase("keep_dims");
    n.attrs.erase("Tidx");
    n.attrs.set("Tshape", TypeValue(DType::int32));
    return true;
  }
  if (!keeps_dims) return false;
  const auto is_one = [&](std::int64_t axis) {
    if (axis < 0) axis += input.rank();
    return axis >= 0 && axis < input.rank() && input.dim(static_cast<int>(axis)) == 1;
  };
  return std::all_of(axes->begin(), axes->end(), is_one) && reduction_to_identity(n);
}

}  // namespace isotherm::passes
