// Ops that give a tensor another shape or order without changing its values.
#include <algorithm>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i32 = DType::int32;

/// Product of the dimensions from `first` on; nothing if one is unknown.
std::optional<std::int64_t> volume(std::span<const std::int64_t> dims, std::size_t first) {
  return Shape(std::vector<std::int64_t>(dims.begin() + static_cast<std::ptrdiff_t>(std::min(first, dims.size())),
                                         dims.end()))
      .elements();
}

Verdict reshape_to_tensor(const Context& c) {
  const Operand& shape = c.in(1);
  if (c.implicit_batch()) {
    return refuse("The input \"shape\" for Reshape must be a constant in implicit batch mode; ", c.name(1),
                  " is a tensor");
  }
  if (shape.dtype != i32) {
    return refuse("Reshape requires a shape tensor of type int32; ", c.name(1), " is ", dtype_short_name(shape.dtype));
  }
  if (shape.rank() != 1) {
    return refuse("Reshape requires 1D input tensor for its shape; ", c.name(1), " has ", shape.rank(), " dimensions");
  }
  return {};
}

Verdict reshape(const Context& c) {
  const Operand& input = c.in(0);
  if (c.in(1).is_tensor()) return reshape_to_tensor(c);
  std::vector<std::int64_t> shape;
  if (auto v = integer_values(c, 1, "shape", shape)) return v;
  const std::string wanted = Shape(shape).to_tf_string();
  if (!c.implicit_batch()) {
    const auto from = volume(input.dims, 0);
    const auto to = volume(shape, 0);
    if (from && to && *from != *to) {
      return refuse("Incompatible shapes: Reshape from ", input.shape_text(), " to ", wanted);
    }
    return {};
  }
  if (shape.empty()) return refuse("Reshape to shape=[] is not supported: it would drop the batch dimension");
  bool keeps_batch = false;
  if (input.dim(0) >= 0 && shape[0] >= 0) {
    keeps_batch = input.dim(0) == shape[0];
  } else {
    // The batch is unknown on one side: it stays if what remains has the same known volume.
    const auto from = volume(input.dims, 1);
    const auto to = volume(shape, 1);
    keeps_batch = from && to && *from == *to;
  }
  if (keeps_batch) return {};
  return refuse("Reshape on batch dimension is not supported: from ", input.shape_text(), " to ", wanted);
}

Verdict transpose(const Context& c) {
  std::vector<std::int64_t> perm;
  if (auto v = integer_values(c, 1, "perm", perm)) return v;
  if (static_cast<int>(perm.size()) != c.in(0).rank()) {
    return refuse("Rank of perm for transpose does not match with that of the input: ", perm.size(), " and ",
                  c.in(0).rank());
  }
  if (c.implicit_batch() && perm[0] != 0) {
    return refuse("Transpose at batch dimension is not supported: perm begins with ", perm[0]);
  }
  return {};
}

Verdict squeeze(const Context& c) {
  const Operand& input = c.in(0);
  const std::vector<std::int64_t> axes = c.node.attrs.get_ints("squeeze_dims");
  if (axes.empty()) {
    if (!c.implicit_batch() && input.count()) return {};
    return refuse("Squeeze is not implemented for empty squeeze_dims",
                  c.implicit_batch() ? " in implicit batch mode" : " of a tensor with unknown dimensions: ",
                  c.implicit_batch() ? "" : input.shape_text());
  }
  for (const std::int64_t axis : axes) {
    int d = 0;
    if (auto v = check_axis(c, axis, input.rank(), &d)) return v;
    if (input.dim(d) != 1 && input.dim(d) != kUnknownDim) {
      return refuse("Dimension ", d, " with size ", input.dim(d) < 0 ? std::string("?") : std::to_string(input.dim(d)),
                    " cannot be squeezed because it must be size 1 (attribute 'squeeze_dims')");
    }
  }
  return {};
}

Verdict expand_dims(const Context& c) {
  std::int64_t axis = 0;
  if (auto v = one_value(c, 1, "axis", axis)) return v;
  return check_axis(c, axis, c.in(0).rank() + 1);
}

Verdict depth_space(const Context& c) {
  const Operand& input = c.in(0);
  const std::int64_t block = c.node.attrs.get_int("block_size");
  if (block < 2) return refuse("Block size must be greater than 1, is ", block, " (attribute 'block_size')");
  const std::string format = c.node.attrs.get_string("data_format", "NHWC");
  if (format != "NHWC" && format != "NCHW") {
    return refuse("Unsupported data_format ", format, " of ", c.op(), ", must be NHWC or NCHW");
  }
  if (input.rank() != 4) return refuse("The input to ", c.op(), " must be rank 4; ", c.name(0), " has ", input.rank());
  const auto divides = [&](int d, std::int64_t by) { return input.dim(d) < 0 || input.dim(d) % by == 0; };
  const int height = format == "NHWC" ? 1 : 2;
  if (c.op() == "DepthToSpace") {
    const int channel = format == "NHWC" ? 3 : 1;
    const bool fits = block < (std::int64_t{1} << 31) && divides(channel, block * block);
    if (!fits) {
      return refuse("Number of channels must be divisible by block_size*block_size: ", input.dim(channel),
                    " channels, block_size ", block);
    }
    return {};
  }
  if (divides(height, block) && divides(height + 1, block)) return {};
  return refuse("Width and height must be divisible by block_size: shape ", input.shape_text(), ", block_size ", block);
}

}  // namespace

void register_layout(Registry& r) {
  const std::vector<DType> types = {f, i32, h};
  r.add({"Reshape"},
        {.style = Style::function, .roles = {{"tensor", kT}, {"shape", kB}}, .types = types, .rest = reshape});
  r.add({"Transpose"},
        {.style = Style::function, .roles = {{"x", kT}, {"perm", kW}}, .types = types, .rest = transpose});
  r.add({"Squeeze"}, {.style = Style::function, .roles = {{"input", kT}}, .types = types, .rest = squeeze});
  r.add({"ExpandDims"},
        {.style = Style::function, .roles = {{"input", kT}, {"axis", kW}}, .types = types, .rest = expand_dims});
  r.add({"DepthToSpace", "SpaceToDepth"},
        {.style = Style::function, .roles = {{"input", kT}}, .types = types, .rest = depth_space});
}

}  // namespace isotherm::conditions
