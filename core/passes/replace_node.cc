// One node in another's place, under its name.
#include <algorithm>

#include "core/graph/half.h"
#include "core/passes/constant_folder.h"

namespace isotherm::passes {
namespace {

template <class T>
Tensor one(T value) {
  return Tensor::from<T>(Shape{1}, std::span<const T>(&value, 1));
}

Tensor one_value(DType dtype, int value) {
  switch (dtype) {
    case DType::float16:
      return one(to_half(static_cast<float>(value)));
    case DType::bfloat16:
      return one(to_bfloat16(static_cast<float>(value)));
    case DType::float32:
      return one(static_cast<float>(value));
    case DType::float64:
      return one(static_cast<double>(value));
    case DType::int64:
      return one(std::int64_t{value});
    case DType::uint64:
      return one(static_cast<std::uint64_t>(value));
    case DType::int32:
    case DType::qint32:
      return one(std::int32_t{value}).bitcast(dtype);
    case DType::uint32:
      return one(static_cast<std::uint32_t>(value));
    case DType::int16:
    case DType::uint16:
    case DType::qint16:
    case DType::quint16:
      return one(static_cast<std::int16_t>(value)).bitcast(dtype);
    case DType::int8:
    case DType::uint8:
    case DType::qint8:
    case DType::quint8:
      return one(static_cast<std::int8_t>(value)).bitcast(dtype);
    case DType::boolean:
      return one(value != 0);
    default:
      return {};
  }
}

}  // namespace

Constant uniform_constant(DType dtype, Shape shape, int value) {
  Tensor number = one_value(dtype, value);
  if (!number.valid()) return {};
  return Constant(dtype, std::move(shape), std::move(number));
}

DType ConstantFolder::dtype_of(const WorkNode& n) const {
  for (const char* name : {"T", "dtype"})
    if (n.attrs.contains(name)) return n.attrs.get_type(name);
  if (n.is("LogicalOr") || n.is("LogicalAnd")) return DType::boolean;
  return properties_.output_count(n.name) > 0 ? properties_.output(n.name, 0).dtype : DType::invalid;
}

bool ConstantFolder::replace_with_identity(WorkNode& n, std::size_t input) {
  const DType dtype = dtype_of(n);
  if (input >= n.inputs.size() || dtype == DType::invalid) return false;
  graph_.set_op(n, "Identity");
  erase_regular_attrs(n);
  n.attrs.set("T", TypeValue(dtype));
  std::swap(n.inputs[0], n.inputs[input]);
  make_controls(n, 1);
  return true;
}

bool ConstantFolder::replace_with_snapshot(WorkNode& n, std::size_t input) {
  if (!replace_with_identity(n, input)) return false;
  // Where something writes into tensors, the copy that the node made must stay one.
  if (has_updates_) graph_.set_op(n, "Snapshot");
  return true;
}

bool ConstantFolder::replace_with_broadcast(WorkNode& n, std::size_t input) {
  const DType dtype = dtype_of(n);
  if (dtype == DType::invalid || properties_.output_count(n.name) < 1 || input >= n.inputs.size()) return false;
  const Shape& shape = properties_.output(n.name, 0).shape;
  const std::string name = made_name(n, "-broadcastto_shape-" + std::to_string(input));
  if (!shape.is_static() || exists(name)) return false;
  WorkNode& wanted = add_constant(name, integer_constant(DType::int32, shape.dims()), n);
  for (std::size_t i = 0; i < n.inputs.size(); ++i)
    if (i != input) add_control(wanted, {n.inputs[i].node, 0});
  graph_.set_op(n, "BroadcastTo");
  erase_regular_attrs(n);
  n.attrs.set("T", TypeValue(dtype));
  n.attrs.set("Tidx", TypeValue(DType::int32));
  std::swap(n.inputs[0], n.inputs[input]);
  make_controls(n, 1);
  n.inputs.push_back({wanted.name, 0});
  map_->add_output(wanted.name, n.name);
  std::swap(n.inputs[1], n.inputs.back());
  return true;
}

/// x op y, where x decides nothing but the op, becomes `op` of y.
bool ConstantFolder::replace_with_unary(WorkNode& n, std::string_view op) {
  graph_.set_op(n, op);
  std::swap(n.inputs[0], n.inputs[1]);
  const WorkInput control = control_after(n.inputs[1]);
  map_->update_input(n.name, n.inputs[1].node, control.node);
  n.inputs[1] = control;
  return true;
}

bool ConstantFolder::replace_with_no_op(WorkNode& n) {
  if (has_data_readers(n, *map_)) return false;
  graph_.set_op(n, "NoOp");
  erase_regular_attrs(n);
  for (const char* name : {"_xla_inferred_shapes", "_output_shapes"}) n.attrs.erase(name);
  properties_.clear_outputs(n.name);
  make_controls(n, 0);
  drop_repeated_controls(n);
  changed_ = true;
  return true;
}

bool ConstantFolder::replace_with_constant(WorkNode& n, Constant value) {
  const DType dtype = value.dtype();
  if (dtype == DType::variant) return false;
  graph_.set_op(n, "Const");
  erase_regular_attrs(n);
  n.attrs.set("dtype", TypeValue(dtype));
  n.attrs.set("value", make_constant_attr(std::move(value)));
  make_controls(n, 0);
  drop_repeated_controls(n);
  return true;
}

bool ConstantFolder::replace_with_uniform(WorkNode& n, int value) {
  const DType dtype = dtype_of(n);
  if (properties_.output_count(n.name) < 1) return false;
  Constant constant = uniform_constant(dtype, properties_.output(n.name, 0).shape, value);
  return constant.dtype() != DType::invalid && replace_with_constant(n, std::move(constant));
}

}  // namespace isotherm::passes
