// Constants, placeholders, and ops that join, repeat, pad or generate.
#include <cmath>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Graphs written before this version used an empty shape for an unknown one.
constexpr int kLastProducerWithoutScalarPlaceholders = 21;

Status constant(ShapeContext& c) {
  const Constant* value = c.attrs().get_constant("value");
  if (!value) return invalid_input("attribute value is missing, expected a tensor");
  if (!value->shape().is_static()) {
    return invalid_input("the value has shape " + value->shape().to_tf_string() + ", expected a static one");
  }
  ISO_ASSIGN(const ShapeHandle out, c.from_shape(value->shape()));
  c.set_output(0, out);
  return {};
}

Status placeholder(ShapeContext& c) {
  const Shape* shape = c.attrs().get_shape("shape");
  if (shape && shape->rank() <= 0 && c.producer() <= kLastProducerWithoutScalarPlaceholders) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  return shape_from_attr(c);
}

Status placeholder_with_default(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.from_attr("shape"));
  ISO_TRY(c.merge(c.input(0), out).status());
  c.set_output(0, out);
  return {};
}

Status identity_n(ShapeContext& c) {
  for (int i = 0; i < c.inputs(); ++i) {
    c.set_output(i, c.input(i));
    if (c.handle(i)) c.set_output_handle(i, c.handle(i));
  }
  return {};
}

Status fill(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  if (const auto sizes = c.integers(0)) {
    for (const std::int64_t v : *sizes) {
      if (v < 0) return invalid_input("dims has " + std::to_string(v) + ", expected 0 or more");
    }
  }
  ISO_ASSIGN(const ShapeHandle out, c.from_input(0));
  c.set_output(0, out);
  return {};
}

Status from_first_input(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.from_input(0));
  c.set_output(0, out);
  return {};
}

Status range(ShapeContext& c) {
  for (int i = 0; i < 3; ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  double numbers[3] = {};
  std::int64_t integers[3] = {};
  bool integral = true;
  for (int i = 0; i < 3; ++i) {
    const Constant* value = c.value(i);
    if (!value) {
      c.set_output(0, c.vector(c.unknown_dim()));
      return {};
    }
    const auto tensor = value->materialise();
    if (!tensor.ok() || tensor->elements() != 1 || !tensor->raw()) {
      return invalid_input("input " + std::to_string(i) + " is no number, expected a scalar");
    }
    integral = integral && is_integer(value->dtype());
    if (is_integer(value->dtype())) integers[i] = integer_at(*tensor, 0);
    numbers[i] = number_at(*tensor, 0);
  }
  if (numbers[2] == 0) return invalid_input("delta is 0, expected another number");
  if ((numbers[2] > 0 && numbers[0] > numbers[1]) || (numbers[2] < 0 && numbers[0] < numbers[1])) {
    return invalid_input("the range runs from " + std::to_string(numbers[0]) + " to " + std::to_string(numbers[1]) +
                         " in steps of " + std::to_string(numbers[2]) + ", expected steps towards its end");
  }
  std::int64_t size = 0;
  if (integral) {
    const auto from = static_cast<std::uint64_t>(integers[0]);
    const auto to = static_cast<std::uint64_t>(integers[1]);
    const auto delta = static_cast<std::uint64_t>(integers[2]);
    const std::uint64_t distance = integers[1] > integers[0] ? to - from : from - to;
    const std::uint64_t step = integers[2] < 0 ? 0 - delta : delta;
    const std::uint64_t steps = distance / step + (distance % step != 0 ? 1 : 0);
    if (steps > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return invalid_input("the range has 2^63 numbers or more, expected fewer");
    }
    size = static_cast<std::int64_t>(steps);
  } else {
    const double steps = std::ceil(std::abs((numbers[1] - numbers[0]) / numbers[2]));
    if (!(steps < 0x1p62)) return invalid_input("the range has 2^62 numbers or more, expected fewer");
    size = static_cast<std::int64_t>(steps);
  }
  c.set_output(0, c.vector(size));
  return {};
}

Status lin_space(ShapeContext& c) {
  for (int i = 0; i < 3; ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  ISO_ASSIGN(const DimHandle n, c.dim_from_scalar(2));
  c.set_output(0, c.vector(n));
  return {};
}

/// The inputs are joined along an axis; their other dimensions are merged, from the last input to the first.
Status concat(ShapeContext& c, int first, int last, int axis_input) {
  ISO_TRY(c.with_rank(c.input(axis_input), 0).status());
  const auto axis_value = c.integers(axis_input);
  if (!axis_value) {
    int rank = -1;
    for (int i = first; i < last && rank < 0; ++i) rank = c.rank(c.input(i));
    if (rank == 0) return invalid_input("scalars are concatenated, expected at least vectors");
    for (int i = first; rank > 0 && i < last; ++i) ISO_TRY(c.with_rank(c.input(i), rank).status());
    c.set_output(0, rank < 0 ? c.unknown_shape() : c.unknown_shape_of_rank(rank));
    return {};
  }
  if (axis_value->size() != 1) return invalid_input("the axis is no scalar, expected one");
  const std::int64_t axis = (*axis_value)[0];
  if (axis < -(1 << 20) || axis > (1 << 20))
    return invalid_input("axis " + std::to_string(axis) + " found, expected one of the inputs'");
  const std::int64_t min_rank = axis < 0 ? -axis : axis + 1;
  ShapeHandle before;
  ShapeHandle after;
  DimHandle middle;
  for (int i = last - 1; i >= first; --i) {
    ISO_ASSIGN(const ShapeHandle input, c.with_rank_at_least(c.input(i), min_rank));
    ISO_ASSIGN(const ShapeHandle input_before, c.subshape(input, 0, axis));
    const DimHandle input_middle = c.dim(input, axis);
    ShapeHandle input_after = c.scalar();
    if (axis != -1) {
      ISO_ASSIGN(input_after, c.subshape(input, axis + 1));
    }
    if (i == last - 1) {
      before = input_before;
      middle = input_middle;
      after = input_after;
      continue;
    }
    ISO_ASSIGN(before, c.merge(input_before, before));
    ISO_ASSIGN(middle, c.add(middle, input_middle));
    ISO_ASSIGN(after, c.merge(input_after, after));
  }
  if (!before.is_set()) return invalid_input("nothing is concatenated, expected at least one input");
  c.set_output(0, c.concatenate(c.concatenate(before, c.vector(middle)), after));
  return {};
}

Status concat_v1(ShapeContext& c) { return concat(c, 1, c.inputs(), 0); }
Status concat_v2(ShapeContext& c) { return concat(c, 0, c.inputs() - 1, c.inputs() - 1); }

Status concat_offset(ShapeContext& c) {
  for (int i = 1; i < c.inputs(); ++i) c.set_output(i - 1, c.input(i));
  return {};
}

/// Attribute "axis" for a result of `rank` dimensions, wrapped.
Result<std::int64_t> stack_axis(const ShapeContext& c, int rank) {
  const std::int64_t axis = c.attrs().get_int("axis");
  if (axis < -rank || axis >= rank) {
    return invalid_input("axis " + std::to_string(axis) + " found, expected one of [" + std::to_string(-rank) + "," +
                         std::to_string(rank) + ")");
  }
  return axis < 0 ? axis + rank : axis;
}

Status pack(ShapeContext& c) {
  ShapeHandle s = c.input(c.inputs() - 1);
  for (int i = c.inputs() - 2; i >= 0; --i) {
    ISO_ASSIGN(s, c.merge(c.input(i), s));
  }
  if (!c.has_rank(s)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(const std::int64_t axis, stack_axis(c, c.rank(s) + 1));
  ShapeContext::Dims dims;
  for (int i = 0; i < axis; ++i) dims.push_back(c.dim(s, i));
  dims.push_back(c.make_dim(c.inputs()));
  for (int i = static_cast<int>(axis); i < c.rank(s); ++i) dims.push_back(c.dim(s, i));
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status unpack(ShapeContext& c) {
  const ShapeHandle s = c.input(0);
  if (!c.has_rank(s)) {
    c.set_all_outputs(c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(const std::int64_t axis, stack_axis(c, c.rank(s)));
  ISO_TRY(c.with_value(c.dim(s, axis), c.outputs()).status());
  ShapeContext::Dims dims;
  for (int i = 0; i < c.rank(s); ++i) {
    if (i != axis) dims.push_back(c.dim(s, i));
  }
  c.set_all_outputs(c.make_shape(dims));
  return {};
}

Status tile(ShapeContext& c) {
  ShapeHandle input = c.input(0);
  ISO_ASSIGN(ShapeHandle multiples, c.from_input(1));
  if (c.has_rank(input)) {
    ISO_ASSIGN(multiples, c.with_rank(multiples, c.rank(input)));
    ISO_TRY(c.merge(c.input(1), c.vector(c.rank(input))).status());
  }
  if (!c.has_rank(multiples)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(input, c.with_rank(input, c.rank(multiples)));
  ShapeContext::Dims dims;
  for (int i = 0; i < c.rank(multiples); ++i) {
    ISO_ASSIGN(const DimHandle d, c.multiply(c.dim(input, i), c.dim(multiples, i)));
    dims.push_back(d);
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

/// Paddings: [rank, 2].
Status pad(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle paddings, c.with_rank(c.input(1), 2));
  ISO_TRY(c.with_value(c.dim(paddings, 1), 2).status());
  ShapeHandle input = c.input(0);
  DimHandle rows = c.dim(paddings, 0);
  if (c.known(rows)) {
    ISO_ASSIGN(input, c.with_rank(input, c.value(rows)));
  } else if (c.has_rank(input)) {
    ISO_ASSIGN(rows, c.with_value(rows, c.rank(input)));
  }
  const auto sizes = c.integers(1);
  if (!sizes) {
    c.set_output(0, c.known(rows) ? c.unknown_shape_of_rank(c.value(rows)) : c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(input, c.with_rank(input, static_cast<std::int64_t>(sizes->size() / 2)));
  ShapeContext::Dims dims;
  for (int i = 0; i < c.rank(input); ++i) {
    const std::int64_t before = (*sizes)[static_cast<std::size_t>(2 * i)];
    const std::int64_t after = (*sizes)[static_cast<std::size_t>(2 * i + 1)];
    std::int64_t both = 0;
    if (before < 0 || after < 0 || __builtin_add_overflow(before, after, &both)) {
      return invalid_input("dimension " + std::to_string(i) + " is padded by " + std::to_string(before) + " and " +
                           std::to_string(after) + ", expected 0 or more");
    }
    ISO_ASSIGN(const DimHandle d, c.add(c.dim(input, i), both));
    dims.push_back(d);
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status one_hot(ShapeContext& c) {
  const std::int64_t axis = c.attrs().get_int("axis", -1);
  if (axis < -1) return invalid_input("axis " + std::to_string(axis) + " found, expected -1 or more");
  ISO_ASSIGN(const DimHandle depth, c.dim_from_scalar(1));
  const ShapeHandle indices = c.input(0);
  if (!c.has_rank(indices)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  const std::int64_t rank = c.rank(indices) + 1;
  const std::int64_t at = (axis % rank + rank) % rank;
  ISO_ASSIGN(const ShapeHandle front, c.subshape(indices, 0, at));
  ISO_ASSIGN(const ShapeHandle back, c.subshape(indices, at));
  c.set_output(0, c.concatenate(c.concatenate(front, c.vector(depth)), back));
  return {};
}

}  // namespace

void register_array_shapes(ShapeRegistry& registry) {
  registry.add("Const", constant);
  registry.add("Placeholder", placeholder);
  registry.add({"PlaceholderV2", "ImmutableConst", "ParallelConcat"}, shape_from_attr);
  registry.add("PlaceholderWithDefault", placeholder_with_default);
  registry.add({"Identity", "RefIdentity", "_CopyFromHostToGpu", "CopyHost", "Copy", "DebugGradientIdentity"},
               unchanged);
  registry.add("IdentityN", identity_n);
  registry.add("Fill", fill);
  registry.add({"Empty"}, from_first_input);
  registry.add("Range", range);
  registry.add("LinSpace", lin_space);
  registry.add("Concat", concat_v1);
  registry.add("ConcatV2", concat_v2);
  registry.add("ConcatOffset", concat_offset);
  registry.add("Pack", pack);
  registry.add("Unpack", unpack);
  registry.add("Tile", tile);
  registry.add({"Pad", "PadV2", "MirrorPad"}, pad);
  registry.add("OneHot", one_hot);
}

}  // namespace isotherm::shapes
