// Ops that bring a value in or hand it on: constants, variables, identities, and what is made from a shape.
#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i32 = DType::int32;

/// A Const or variable is tested as it is as an input of others.
Verdict source(const Context& c) {
  Operand unused;
  const NodeId id = static_cast<NodeId>(&c.node - c.graph.nodes().data());
  return make_operand(c.graph, c.shapes, c.options, id, 0, unused);
}

Verdict shape(const Context& c) {
  if (c.implicit_batch()) return refuse("Shape is only supported for explicit batch mode.");
  return {};
}

Verdict explicit_only(const Context& c) {
  if (c.implicit_batch()) return implicit_refusal(c, "op");
  return {};
}

Verdict fill(const Context& c) {
  if (auto v = explicit_only(c)) return v;
  const Operand& dims = c.in(0);
  if (dims.is_tensor() && dims.dtype != DType::int32) {
    return refuse("dims of ", c.op(), " must be of type kINT32; ", c.name(0), " is ", dtype_short_name(dims.dtype));
  }
  return {};
}

Verdict range(const Context& c) {
  if (auto v = explicit_only(c)) return v;
  constexpr std::string_view kNames[] = {"start", "limit", "delta"};
  bool any_tensor = false;
  bool all_int32 = true;
  for (const Operand& in : c.inputs) {
    any_tensor |= in.is_tensor();
    all_int32 &= in.dtype == DType::int32;
  }
  if (any_tensor && !all_int32) {
    return refuse("When at least one of parameters (start, limit, delta) of Range operation in ", c.node.name,
                  " is passed as a tensor, they must all be of type kINT32; their type is ",
                  dtype_short_name(c.node.attrs.get_type("Tidx")));
  }
  if (c.in(2).is_weights()) {
    const double delta = c.in(2).number();
    if (delta == 0) return refuse("The delta parameter of Range operation cannot be equal to 0");
    if (delta < 0 && any_tensor) {
      return refuse(
          "The delta parameter of Range operation cannot be negative, when one of (start, limit) is passed as a "
          "tensor, but got ",
          static_cast<std::int64_t>(delta));
    }
  }
  for (int i = 0; i < 3; ++i) {
    if (c.in(i).rank() == 1 && c.in(i).dim(0) == 1) continue;
    return refuse("Dimension for '", kNames[i], "' of Range operator should be equal to 1: its shape is ",
                  c.in(i).shape_text(), " (TensorFlow wants scalars here, TF-TRT vectors of one element)");
  }
  return {};
}

Verdict data_format_vec_permute(const Context& c) {
  if (auto v = explicit_only(c)) return v;
  const Operand& x = c.in(0);
  const auto full = static_cast<std::int64_t>(c.node.attrs.get_string("src_format", "NHWC").size());
  const std::int64_t spatial = full - 2;
  if (x.rank() == 1 && x.dim(0) != spatial && x.dim(0) != full) {
    return refuse("1D input must be of size ", spatial, " or ", full, ", but got size ", x.dim(0), ", at ",
                  c.node.name);
  }
  if (x.rank() == 2) {
    if (x.dim(0) != spatial && x.dim(0) != full) {
      return refuse("First dimension of 2D input must be of size ", spatial, " or ", full, ", but got shape ",
                    x.shape_text(), ", at ", c.node.name);
    }
    if (x.dim(1) != 2) {
      return refuse("Second dimension of 2D input must be of size 2, but got shape ", x.shape_text(), ", at ",
                    c.node.name);
    }
  }
  if (x.rank() != 1 && x.rank() != 2) {
    return refuse("Input must be a vector or matrix, but got shape ", x.shape_text(), ", at ", c.node.name);
  }
  return {};
}

}  // namespace

void register_sources(Registry& r) {
  r.add({"Const", "VariableV2", "ReadVariableOp"}, {.rest = source});
  r.add({"Identity", "IdentityN", "Snapshot", "StopGradient", "_CopyFromHostToGpu", "FakeOp"}, {});
  r.add({"Shape"}, {.style = Style::function, .roles = {{"input", kB}}, .rest = shape});
  r.add({"Fill"}, {.roles = {{"dims", kB}, {"value", kB}}, .types = {f, h, i32}, .rest = fill});
  r.add({"Range"}, {.roles = {{"start", kB}, {"limit", kB}, {"delta", kB}},
                    .types = {f, h, i32},
                    .type_attr = "Tidx",
                    .rest = range});
  r.add({"ZerosLike", "OnesLike", "zeros_like", "ones_like"},
        {.roles = {{"input", kB}}, .types = {f, h, i32}, .rest = explicit_only});
  r.add({"DataFormatVecPermute"}, {.roles = {{"x", kB}}, .types = {i32}, .rest = data_format_vec_permute});
}

}  // namespace isotherm::conditions
