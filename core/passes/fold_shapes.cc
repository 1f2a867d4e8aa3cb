// Shape, ShapeN, Size, Rank and TensorArraySizeV3 of what is known become constants.
#include <algorithm>
#include <limits>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {
namespace {

/// The value of a Shape, Size or Rank of a tensor of that shape; nothing where it does not fit the type.
std::optional<Constant> shape_value(std::string_view op, DType dtype, const Shape& shape) {
  std::vector<std::int64_t> values;
  if (op == "Rank") {
    values = {shape.rank()};
  } else if (op == "Size") {
    const auto elements = shape.elements();
    if (!elements) return std::nullopt;
    values = {*elements};
  } else {
    values = shape.dims();
  }
  const auto too_large = [](std::int64_t v) { return v >= std::numeric_limits<std::int32_t>::max(); };
  if (dtype == DType::int32 && std::any_of(values.begin(), values.end(), too_large)) return std::nullopt;
  return op == "Rank" || op == "Size" ? integer_scalar(dtype, values[0]) : integer_constant(dtype, values);
}

}  // namespace

Constant integer_constant(DType dtype, const std::vector<std::int64_t>& values) {
  if (dtype == DType::int64) return Constant(Tensor::vector(values));
  return Constant(Tensor::vector(std::vector<std::int32_t>(values.begin(), values.end())));
}

Constant integer_scalar(DType dtype, std::int64_t value) {
  if (dtype == DType::int64) return Constant(Tensor::scalar(value));
  return Constant(Tensor::scalar(static_cast<std::int32_t>(value)));
}

void ConstantFolder::materialise_shapes() {
  const std::size_t count = nodes_->size();
  for (std::size_t i = 0; i < count; ++i) {
    WorkNode& n = *(*nodes_)[i];
    if (n.is("Shape") || n.is("Size") || n.is("Rank"))
      materialise_shape(n);
    else if (n.is("ShapeN"))
      materialise_shape_n(n);
    else if (n.is("TensorArraySizeV3"))
      materialise_array_size(n);
  }
}

void ConstantFolder::materialise_shape(WorkNode& n) {
  if (properties_.input_count(n.name) != 1 || properties_.output_count(n.name) != 1) return;
  const Shape& shape = properties_.input(n.name, 0).shape;
  if (n.is("Rank") ? !shape.has_rank() : !shape.is_static()) return;
  // TensorFlow distrusts a first dimension of zero.
  if (n.is("Shape") && shape.rank() > 0 && shape.dim(0) == 0) return;
  const DType dtype = properties_.output(n.name, 0).dtype;
  auto value = shape_value(n.op->name, dtype, shape);
  if (!value) return;
  graph_.set_op(n, "Const");
  erase_regular_attrs(n);
  n.attrs.set("dtype", TypeValue(dtype));
  n.attrs.set("value", make_constant_attr(std::move(*value)));
  // The constant is there only if the tensor would have been: in a branch not taken, a loop that has ended.
  const WorkInput control = control_after(n.inputs[0]);
  map_->update_input(n.name, n.inputs[0].node, control.node);
  n.inputs[0] = control;
  changed_ = true;
}

void ConstantFolder::materialise_shape_n(WorkNode& n) {
  const int count = std::min(properties_.input_count(n.name), properties_.output_count(n.name));
  for (int port = 0; port < count; ++port) {
    const Shape& shape = properties_.input(n.name, port).shape;
    if (!shape.is_static()) continue;
    const auto value = shape_value("ShapeN", properties_.output(n.name, port).dtype, shape);
    if (!value) continue;
    const std::string name = made_name(n, "-matshapes-" + std::to_string(port));
    const NodeList readers = map_->outputs(n);
    for (WorkNode* reader : readers) {
      bool still_reads = false;
      for (WorkInput& in : reader->inputs) {
        if (in.node != n.name) continue;
        if (in.port != port) {
          still_reads = true;
          continue;
        }
        if (!exists(name)) add_control(add_constant(name, *value, n), {n.name, 0});
        in = {*graph_.find(name), 0};
        map_->add_output(in.node, reader->name);
        changed_ = true;
      }
      if (!still_reads) map_->remove_output(n.name, reader->name);
    }
  }
}

void ConstantFolder::materialise_array_size(WorkNode& n) {
  if (n.data_inputs() < 2 || properties_.input_count(n.name) == 0) return;
  const WorkNode* array = input_node(n, 0);
  if (!array || array->inputs.empty() || array->attrs.get_bool("dynamic_size")) return;
  const WorkNode* size = input_node(*array, 0);
  if (!size || !is_constant(*size)) return;
  const Constant* value = size->attrs.get_constant("value");
  if (!value || value->dtype() != DType::int32) return;
  const auto numbers = value->integers(1);
  if (!numbers || numbers->empty() || (*numbers)[0] == 0) return;
  graph_.set_op(n, "Const");
  n.attrs = size->attrs;
  n.inputs[0] = control_on(n.inputs[0].node);
  n.inputs[1] = control_after({n.inputs[1].node, 0});
  changed_ = true;
}

}  // namespace isotherm::passes
