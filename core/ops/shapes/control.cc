// Control flow and ops without results.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status switch_(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  for (int i = 0; i < c.outputs(); ++i) {
    c.set_output(i, c.input(0));
    if (c.handle(0)) c.set_output_handle(i, c.handle(0));
  }
  return {};
}

/// While without output_shapes: every loop variable keeps its shape.
Status while_(ShapeContext& c) {
  const AttrList* shapes = c.attrs().get_list("output_shapes");
  for (int i = 0; i < c.outputs(); ++i) {
    if (!shapes || shapes->shape.empty()) {
      c.set_output(i, c.input(i));
    } else if (static_cast<std::size_t>(i) < shapes->shape.size()) {
      ISO_ASSIGN(const ShapeHandle out, c.from_shape(shapes->shape[static_cast<std::size_t>(i)]));
      c.set_output(i, out);
    }
    if (c.handle(i)) c.set_output_handle(i, c.handle(i));
  }
  return {};
}

/// If and Case, and engines: what attribute output_shapes says, else unknown.
Status output_shapes_attr(ShapeContext& c) {
  const AttrList* shapes = c.attrs().get_list("output_shapes");
  for (int i = 0; shapes && i < c.outputs() && static_cast<std::size_t>(i) < shapes->shape.size(); ++i) {
    ISO_ASSIGN(const ShapeHandle out, c.from_shape(shapes->shape[static_cast<std::size_t>(i)]));
    c.set_output(i, out);
  }
  return {};
}

/// The argument of a function that is looked at by itself.
Status argument(ShapeContext& c) {
  if (c.attrs().get_type("T") == DType::resource) {
    const AttrList* types = c.attrs().get_list("_handle_dtypes");
    const AttrList* shapes = c.attrs().get_list("_handle_shapes");
    c.set_output(0, c.unknown_shape());
    if (types && shapes && types->type.size() == 1 && shapes->shape.size() == 1) {
      ISO_ASSIGN(const ShapeHandle shape, c.from_shape(shapes->shape[0]));
      c.set_output_handle(0, HandleData{types->type[0].dtype, shape});
    }
    return {};
  }
  const AttrList* shapes = c.attrs().get_list("_output_shapes");
  ShapeHandle out = c.unknown_shape();
  if (shapes && !shapes->shape.empty()) {
    ISO_ASSIGN(out, c.from_shape(shapes->shape[0]));
  }
  c.set_output(0, out);
  return {};
}

}  // namespace

void register_control_shapes(ShapeRegistry& registry) {
  // Enter and Merge are the propagation's own work.
  registry.add({"Switch", "RefSwitch"}, switch_);
  registry.add({"Exit", "RefExit", "NextIteration", "RefNextIteration"}, unchanged);
  registry.add("LoopCond", unchanged_with_rank<0>);
  registry.add({"While", "StatelessWhile"}, while_);
  registry.add({"If", "StatelessIf", "Case", "StatelessCase", "TRTEngineOp"}, output_shapes_attr);
  registry.add("_Arg", argument);
  registry.add({"NoOp", "ControlTrigger", "Assert", "_Retval", "_NoOp"}, no_outputs);
}

}  // namespace isotherm::shapes
