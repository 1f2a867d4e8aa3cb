// Ops that choose among values: Select, reductions, ArgMax, TopK.
#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i32 = DType::int32;

bool has_unknown(const Operand& o) {
  for (const std::int64_t d : o.dims) {
    if (d == kUnknownDim) return true;
  }
  return false;
}

/// Equal shapes, or as many dimensions where one has unknown ones.
bool may_be_equal(const Operand& a, const Operand& b) {
  if (a.dims == b.dims) return true;
  return a.rank() == b.rank() && ((a.is_tensor() && has_unknown(a)) || (b.is_tensor() && has_unknown(b)));
}

Verdict check_condition_is_tensor(const Context& c) {
  if (c.implicit_batch()) return implicit_refusal(c, "op");
  if (c.in(0).is_tensor()) return {};
  return refuse("The boolean parameter ", c.name(0), " of the '", c.op(), "' operation at the node '", c.node.name,
                "' cannot be passed as a weight in TRT version 8.4");
}

Verdict select_v2(const Context& c) {
  if (auto v = check_condition_is_tensor(c)) return v;
  if (auto v = check_broadcast(c, 0, 1)) return v;
  return check_broadcast(c, 0, 2);
}

Verdict select(const Context& c) {
  if (auto v = check_condition_is_tensor(c)) return v;
  const Operand& cond = c.in(0);
  const Operand& then = c.in(1);
  if (!may_be_equal(then, c.in(2))) {
    return refuse("The shapes of the 'then' and 'else' parameters of the 'Select' operation at the node '", c.node.name,
                  "' must be the same, got ", then.shape_text(), " and ", c.in(2).shape_text());
  }
  if (may_be_equal(cond, then)) return {};
  if (cond.rank() != 1 || then.rank() == 0 || cond.dim(0) != then.dim(0)) {
    return refuse("The shapes of the 'cond' and 'then' parameters of the 'Select' operation at the node '", c.node.name,
                  "' must be the same OR 'cond' must be a vector as long as the first dimension of 'then', got ",
                  cond.shape_text(), " and ", then.shape_text());
  }
  if (cond.dim(0) < 0 || cond.dim(0) >= kMaxTrtDims) {
    return refuse("The vector 'cond' of the 'Select' operation at the node '", c.node.name, "' has shape ",
                  cond.shape_text(), ", must have less than 8 elements (TF-TRT itself crashes here)");
  }
  return {};
}

Verdict reduce(const Context& c) {
  if (const DType type = c.node.attrs.get_type("Tidx", i32); type != i32) {
    return refuse("Tidx supports only DT_INT32, is ", dtype_short_name(type));
  }
  std::vector<std::int64_t> axes;
  if (auto v = integer_values(c, 1, "axis", axes)) return v;
  if (axes.empty()) return refuse("axis of ", c.op(), " has no values: nothing to reduce (TF-TRT itself aborts here)");
  for (const std::int64_t axis : axes) {
    if (auto v = check_axis(c, axis, c.in(0).rank())) return v;
  }
  return {};
}

Verdict arg_min_max(const Context& c) {
  if (const DType type = c.node.attrs.get_type("output_type", DType::int64); type != i32) {
    return refuse("Output type ", dtype_short_name(type), " is not supported by ", c.op(), ", must be int32");
  }
  std::int64_t axis = 0;
  if (auto v = one_value(c, 1, "dimension", axis)) return v;
  return check_axis(c, axis, c.in(0).rank());
}

Verdict top_k(const Context& c) {
  if (!c.node.attrs.get_bool("sorted", true)) return refuse("Only sorted=True is supported by TopKV2");
  if (c.trt_rank(0) < 1) return refuse("TopK requires at least one dimension; ", c.name(0), " has none");
  std::int64_t k = 0;
  return one_value(c, 1, "k", k);
}

}  // namespace

void register_selection(Registry& r) {
  const std::vector<Role> three = {{"cond", kB}, {"then", kB}, {"else", kB}};
  r.add({"Select"}, {.roles = three, .types = {f, h, i32}, .rest = select});
  r.add({"SelectV2"}, {.roles = three, .types = {f, h, i32}, .rest = select_v2});
  r.add({"Sum", "Prod", "Max", "Min", "Mean"},
        {.style = Style::function, .roles = {{"input", kT}, {"axis", kW}}, .types = {f, i32, h}, .rest = reduce});
  r.add({"ArgMax", "ArgMin"},
        {.style = Style::function, .roles = {{"input", kT}, {"dimension", kW}}, .types = {f, h}, .rest = arg_min_max});
  r.add({"TopKV2"}, {.style = Style::function, .roles = {{"input", kT}, {"k", kW}}, .types = {f, h}, .rest = top_k});
}

}  // namespace isotherm::conditions
