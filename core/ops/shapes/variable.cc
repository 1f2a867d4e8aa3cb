// Variables, by reference and as resources.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status var_handle(ShapeContext& c) {
  c.set_output(0, c.scalar());
  ISO_ASSIGN(const ShapeHandle shape, c.from_attr("shape"));
  c.set_output_handle(0, HandleData{c.attrs().get_type("dtype"), shape});
  return {};
}

/// What input 0 refers to; an error where its dtype is not the node's.
Result<ShapeHandle> variable_shape(ShapeContext& c) {
  const auto& handle = c.handle(0);
  if (!handle) return c.unknown_shape();
  const DType dtype = c.attrs().get_type("dtype");
  if (handle->dtype != DType::invalid && dtype != DType::invalid && handle->dtype != dtype) {
    return invalid_input("the variable has dtype " + std::string(dtype_name(handle->dtype)) + ", expected " +
                         std::string(dtype_name(dtype)));
  }
  return handle->shape;
}

/// Attribute "_shape", which tells the shape inside a function, comes before what the handle says.
Status read_variable(ShapeContext& c) {
  if (c.attrs().get_shape("_shape")) {
    ISO_ASSIGN(const ShapeHandle told, c.from_attr("_shape"));
    c.set_output(0, told);
    return {};
  }
  ISO_ASSIGN(const ShapeHandle out, variable_shape(c));
  c.set_output(0, out);
  return {};
}

/// The value has the variable's shape.
Status assign_variable(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle variable, variable_shape(c));
  return c.merge(variable, c.input(1)).status();
}

Status assign(ShapeContext& c) {
  if (c.attrs().get_bool("validate_shape", true)) return merge_both_inputs(c);
  c.set_output(0, c.input(1));
  return {};
}

/// An old variable cannot tell a scalar from an unknown shape.
Status variable_v1(ShapeContext& c) {
  const Shape* shape = c.attrs().get_shape("shape");
  if (shape && shape->rank() > 0) return shape_from_attr(c);
  c.set_output(0, c.unknown_shape());
  return {};
}

Status variable_shape_value(ShapeContext& c) {
  const ShapeHandle shape = c.handle(0) ? c.handle(0)->shape : c.unknown_shape();
  c.set_output(0, c.vector(c.has_rank(shape) ? c.make_dim(c.rank(shape)) : c.unknown_dim()));
  return {};
}

}  // namespace

void register_variable_shapes(ShapeRegistry& registry) {
  registry.add({"VariableV2", "TemporaryVariable"}, shape_from_attr);
  registry.add("Variable", variable_v1);
  registry.add("VarHandleOp", var_handle);
  registry.add({"ReadVariableOp", "_ReadVariablesOp"}, read_variable);
  registry.add({"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"}, assign_variable);
  registry.add({"VarIsInitializedOp", "IsVariableInitialized"}, all_scalar);
  registry.add("VariableShape", variable_shape_value);
  registry.add("Assign", assign);
  registry.add({"AssignAdd", "AssignSub"}, merge_both_inputs);
  registry.add("DestroyResourceOp", no_outputs);
}

}  // namespace isotherm::shapes
