// Ops that put tensors together or repeat, pad and look up parts of them.
#include <algorithm>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i8 = DType::int8, i32 = DType::int32;
constexpr DType kTypes[] = {f, i32, h};

/// Inputs 0 .. count - 1: in implicit batch mode a constant has no batch and cannot be joined with tensors.
Verdict check_values(const Context& c, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string name = "values_" + std::to_string(i);
    if (auto v = check_role(c, i, {name, c.implicit_batch() ? kT : kB}, Style::function)) return v;
  }
  return {};
}

Verdict pack(const Context& c) {
  const auto n = static_cast<int>(std::clamp<std::int64_t>(c.node.attrs.get_int("N", c.count()), 0, 1 << 30));
  if (auto v = check_input_count(c, n, Style::function)) return v;
  if (auto v = check_values(c, n)) return v;
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  if (n == 0) return refuse("Number of inputs for Pack is 0, must be at least 1");
  if (auto v = check_equal_shapes(c, 0, n, -1)) return v;
  return check_axis(c, c.node.attrs.get_int("axis"), c.in(0).rank() + 1);
}

Verdict concat_v2(const Context& c) {
  const auto n = static_cast<int>(std::clamp<std::int64_t>(c.node.attrs.get_int("N", c.count() - 1), 0, 1 << 30));
  if (auto v = check_input_count(c, n + 1, Style::function)) return v;
  if (auto v = check_values(c, n)) return v;
  if (auto v = check_role(c, n, {"axis", kW}, Style::function)) return v;
  if (auto v = allowed_type(c.node, "T", kTypes)) return v;
  if (n == 0) return refuse("Number of inputs for ConcatV2 is 0, must be at least 1");
  std::int64_t axis = 0;
  if (auto v = one_value(c, n, "axis", axis)) return v;
  int d = 0;
  if (auto v = check_axis(c, axis, c.in(0).rank(), &d)) return v;
  return check_equal_shapes(c, 0, n, d);
}

Verdict pad(const Context& c) {
  const Operand& input = c.in(0);
  if (input.rank() < 4) {
    return refuse("Convertpad requires at least 4D input; ", c.name(0), " has shape ", input.shape_text());
  }
  std::vector<std::int64_t> paddings;
  if (auto v = integer_values(c, 1, "paddings", paddings)) return v;
  const auto rank = static_cast<std::size_t>(input.rank());
  if (paddings.size() != 2 * rank) {
    return refuse("Pad requires paddings of shape [", rank, ",2]; ", c.name(1), " has ", c.in(1).shape_text());
  }
  if (const DType type = c.node.attrs.get_type("Tpaddings", i32); type != i32) {
    return refuse("Tpaddings supports only DT_INT32, is ", dtype_short_name(type));
  }
  int padded = 0;
  for (std::size_t i = 0; i < rank; ++i) padded += paddings[2 * i] != 0 || paddings[2 * i + 1] != 0 ? 1 : 0;
  if (padded == 0) return refuse("paddings of Pad are all zero: nothing to pad (TF-TRT itself crashes here)");
  if (padded > 2) {
    return refuse("Padding layer does not support padding on > 2 dimensions; ", padded, " are padded");
  }
  if (c.implicit_batch() && (paddings[0] != 0 || paddings[1] != 0)) {
    return refuse("Padding layer does not support padding on batch dimension; it is padded by ", paddings[0], " and ",
                  paddings[1]);
  }
  return {};
}

Verdict tile(const Context& c) {
  const Operand& input = c.in(0);
  const Operand& multiples = c.in(1);
  if (multiples.is_tensor()) {
    if (c.implicit_batch()) {
      return refuse(
          "Conversion for Tile is not implemented for multipliers passed as a tensor in implicit batch mode; ",
          c.name(1), " is a tensor");
    }
    if (multiples.dtype != i32 || multiples.rank() != 1) {
      return refuse("Multipliers of Tile must be a vector of int32; ", c.name(1), " is ",
                    dtype_short_name(multiples.dtype), " of shape ", multiples.shape_text());
    }
    if (multiples.dim(0) >= 0 && multiples.dim(0) != input.rank()) {
      return refuse("Tile of rank ", input.rank(), " needs as many multipliers; ", c.name(1), " has ",
                    multiples.dim(0));
    }
    return {};
  }
  std::vector<std::int64_t> values;
  if (auto v = integer_values(c, 1, "multiples", values)) return v;
  if (multiples.is_empty || multiples.rank() > 1 || values.size() > kMaxTrtDims) {
    return refuse("Tensor ", c.name(1), " having shape ", multiples.shape_text(),
                  " is not TRT compatible as the multipliers of Tile: expected 1 to 8 int32 values");
  }
  if (static_cast<int>(values.size()) != input.rank()) {
    return refuse("Tile of rank ", input.rank(), " needs as many multipliers; ", c.name(1), " has ", values.size());
  }
  if (std::any_of(values.begin(), values.end(), [](std::int64_t m) { return m <= 0; })) {
    return refuse("All replications of the Tile operation in '", c.node.name, "' should be positive, got ",
                  Shape(values).to_tf_string());
  }
  if (c.implicit_batch() && values[0] != 1) {
    return refuse("The Tile operation along the batch dimension in '", c.node.name,
                  "' is not implemented: it repeats the batch ", values[0], " times");
  }
  return {};
}

Verdict gather(const Context& c) {
  if (auto v = allowed_type(c.node, "Tparams", kTypes)) return v;
  constexpr DType kIndexTypes[] = {i32};
  if (auto v = allowed_type(c.node, "Tindices", kIndexTypes)) return v;
  const Operand& params = c.in(0);
  const Operand& indices = c.in(1);
  std::int64_t axis = 0;
  if (auto v = one_value(c, 2, "axis", axis)) return v;
  int d = 0;
  if (auto v = check_axis(c, axis, params.rank(), &d, params.is_weights())) return v;
  const bool implicit = c.implicit_batch();
  if (implicit && params.is_weights() && d != 0) {
    return refuse("The input axis must be zero when params is a weight, is ", axis);
  }
  if (implicit && params.is_tensor() == indices.is_tensor() &&
      (params.is_weights() || params.dim(0) != 1 || indices.dim(0) != 1)) {
    return refuse(
        "Params and indices must have a batch size of 1 when params and indices are both tensors or both constants: ",
        c.name(0), " has shape ", params.shape_text(), ", ", c.name(1), " has ", indices.shape_text());
  }
  const int rank = params.rank() + indices.rank() - 1;
  const int most = kMaxTrtDims + (implicit ? 1 : 0);
  if (rank > most) return refuse("Result of gather has dimension greater than ", most, ": ", rank);
  const std::int64_t batch_dims = c.node.attrs.get_int("batch_dims");
  if (implicit && batch_dims != 0) return refuse("batch_dims must be zero in implicit batch mode, is ", batch_dims);
  if (!implicit && batch_dims > 1) return refuse("batch_dims cannot exceed 1 in dynamic shape mode, is ", batch_dims);
  return {};
}

}  // namespace

void register_joining(Registry& r) {
  r.add({"Pack"}, {.rest = pack});
  r.add({"ConcatV2"}, {.rest = concat_v2});
  r.add({"Pad"},
        {.style = Style::function, .roles = {{"tensor", kT}, {"paddings", kW}}, .types = {f, i8, h}, .rest = pad});
  r.add({"Tile"}, {.roles = {{"input_tensor", kB}, {"multiples", kB}}, .types = {f, h, i32}, .rest = tile});
  r.add({"GatherV2"},
        {.style = Style::function, .roles = {{"params", kB}, {"indices", kB}, {"axis", kW}}, .rest = gather});
}

}  // namespace isotherm::conditions
