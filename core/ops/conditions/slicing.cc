// Ops that take parts out of a tensor: Slice, StridedSlice, Split, Unpack.
#include <algorithm>

#include "core/ops/conditions/registry.h"
#include "core/ops/conditions/rules.h"
#include "core/ops/conditions/strided_slice.h"

namespace isotherm::conditions {
namespace {

constexpr DType f = DType::float32, h = DType::float16, i32 = DType::int32;
constexpr std::string_view kBatchMessage = "TensorRT does not allow modifications to the batch dimension";

/// Without the batch in implicit batch mode.
std::vector<std::int64_t> trt_part(const Context& c, std::vector<std::int64_t> values) {
  if (c.implicit_batch() && !values.empty()) values.erase(values.begin());
  return values;
}

/// Split and Unpack: parts of equal size along `axis`, of which the first is tested.
Verdict check_parts(const Context& c, const Operand& input, int axis, std::int64_t part) {
  SliceRange range;
  for (int d = c.implicit_batch() ? 1 : 0; d < input.rank(); ++d) {
    range.begin.push_back(0);
    range.end.push_back(d == axis ? part : std::max<std::int64_t>(input.dim(d), kUnknownDim));
    range.stride.push_back(1);
  }
  return check_slice(c, input, range, false);
}

Verdict check_static_axis(const Context& c, int input, int axis) {
  if (c.in(input).dim(axis) >= 0) return {};
  return refuse("Dimension ", axis, " must have statically defined dimensions; ", c.name(input), " is ",
                c.in(input).shape_text());
}

Verdict split(const Context& c) {
  std::int64_t axis = 0;
  if (auto v = one_value(c, 0, "axis", axis)) return v;
  const Operand& input = c.in(1);
  int d = 0;
  if (auto v = check_axis(c, axis, input.rank(), &d)) return v;
  if (auto v = check_static_axis(c, 1, d)) return v;
  const std::int64_t parts = c.node.attrs.get_int("num_split");
  if (parts < 1 || input.dim(d) % parts != 0) {
    return refuse("Dimension ", d, " of size ", input.dim(d), " is not evenly divisible by ", parts,
                  " (attribute 'num_split')");
  }
  return check_parts(c, input, d, input.dim(d) / parts);
}

Verdict unpack(const Context& c) {
  const Operand& input = c.in(0);
  if (c.trt_rank(0) < 1)
    return refuse("Input \"value\" for Unpack must be rank 2 or greater; ", c.name(0), " has ", input.rank());
  int d = 0;
  if (auto v = check_axis(c, c.node.attrs.get_int("axis"), input.rank(), &d)) return v;
  if (auto v = check_static_axis(c, 0, d)) return v;
  const std::int64_t parts = c.node.attrs.get_int("num");
  if (input.dim(d) != parts) {
    return refuse("Dimension ", d, " has size ", input.dim(d), ", which is not equal to num=", parts);
  }
  return check_parts(c, input, d, 1);
}

Verdict slice(const Context& c) {
  const Operand& input = c.in(0);
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> size;
  if (auto v = integer_values(c, 1, "begin", begin)) return v;
  if (auto v = integer_values(c, 2, "size", size)) return v;
  for (const std::int64_t b : begin) {
    if (b < 0) return refuse("\"begin\" for Slice must be non-negative, found ", b);
  }
  for (const std::int64_t s : size) {
    if (s < -1) return refuse("\"size\" for Slice must be -1 or more, found ", s);
  }
  const auto rank = static_cast<std::size_t>(input.rank());
  if (begin.size() != rank || size.size() != rank) {
    return refuse("\"begin\" and \"size\" for Slice must have ", rank, " entries, found ", begin.size(), " and ",
                  size.size());
  }
  if (c.implicit_batch()) {
    const bool whole = size[0] == -1 || (input.dim(0) >= 0 && size[0] == input.dim(0));
    if (begin[0] != 0 || !whole) {
      return refuse(kBatchMessage, " in implicit batch mode: begin ", begin[0], ", size ", size[0], " of ",
                    input.dim(0) < 0 ? "?" : std::to_string(input.dim(0)));
    }
  }
  std::vector<std::int64_t> end(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t dim = std::max<std::int64_t>(input.dims[i], kUnknownDim);
    if (dim >= 0 && (begin[i] > dim || (size[i] >= 0 && begin[i] + size[i] > dim))) {
      return refuse("\"begin\" + \"size\" for dimension ", i, " in Slice is out of range: ", begin[i], " + ", size[i],
                    " of ", dim);
    }
    // "To the end" of an unknown dimension is an end of 0 to TF-TRT, which its own test then compares with begin.
    end[i] = size[i] == -1 ? std::max<std::int64_t>(dim, 0) : begin[i] + size[i];
  }
  return check_slice(
      c, input,
      {trt_part(c, std::move(begin)), trt_part(c, std::move(end)), trt_part(c, std::vector<std::int64_t>(rank, 1))},
      true);
}

/// Implicit batch mode: the batch must stay whole, unless an ellipsis in front covers it.
Verdict check_batch_untouched(const Context& c, const StridedSpec& spec, const DenseSlice& dense) {
  const Operand& input = c.in(0);
  if ((spec.ellipsis_mask & 1) != 0 && input.rank() > 1) return {};
  const bool begin_kept = (spec.begin_mask & 1) != 0 || dense.begin[0] == 0;
  const bool end_kept = (spec.end_mask & 1) != 0 || (input.dim(0) >= 0 && dense.end[0] == input.dim(0));
  if (begin_kept && end_kept && dense.stride[0] == 1) return {};
  return refuse(kBatchMessage, ": begin ", dense.begin[0], ", end ", dense.end[0], ", stride ", dense.stride[0],
                " of shape ", input.shape_text());
}

Verdict strided_slice(const Context& c) {
  const AttrMap& attrs = c.node.attrs;
  if (const std::int64_t mask = attrs.get_int("new_axis_mask"); mask != 0) {
    return refuse("new_axis_mask is not supported for StridedSlice, is ", mask, ", must be 0");
  }
  StridedSpec spec;
  spec.begin_mask = attrs.get_int("begin_mask");
  spec.end_mask = attrs.get_int("end_mask");
  spec.ellipsis_mask = attrs.get_int("ellipsis_mask");
  spec.shrink_axis_mask = attrs.get_int("shrink_axis_mask");
  if (c.implicit_batch() && (spec.shrink_axis_mask & 1) != 0) {
    return refuse(kBatchMessage, ": shrink_axis_mask ", spec.shrink_axis_mask, " drops it");
  }
  if (auto v = integer_values(c, 1, "begin", spec.begin)) return v;
  if (auto v = integer_values(c, 2, "end", spec.end)) return v;
  if (auto v = integer_values(c, 3, "strides", spec.stride)) return v;
  if (spec.begin.size() != spec.end.size() || spec.begin.size() != spec.stride.size()) {
    return refuse("begin, end and strides of StridedSlice must have one length, found ", spec.begin.size(), ", ",
                  spec.end.size(), " and ", spec.stride.size());
  }
  if (spec.begin.empty()) {
    return refuse("begin, end and strides of StridedSlice have no values (TF-TRT itself aborts here)");
  }
  const Operand& input = c.in(0);
  const auto dense = resolve_strided_slice(input.dims, spec);
  if (!dense.ok()) return refuse(dense.error().message, ", in StridedSlice of ", input.shape_text());
  if (c.implicit_batch()) {
    if (auto v = check_batch_untouched(c, spec, *dense)) return v;
  }
  return check_slice(c, input, {trt_part(c, dense->begin), trt_part(c, dense->end), trt_part(c, dense->stride)}, true);
}

}  // namespace

void register_slicing(Registry& r) {
  const std::vector<DType> types = {f, i32, h};
  r.add({"Split"}, {.style = Style::function, .roles = {{"axis", kW}, {"value", kT}}, .types = types, .rest = split});
  r.add({"Unpack"}, {.style = Style::function, .roles = {{"value", kT}}, .types = types, .rest = unpack});
  r.add(
      {"Slice"},
      {.style = Style::function, .roles = {{"input", kT}, {"begin", kW}, {"size", kW}}, .types = types, .rest = slice});
  r.add({"StridedSlice"}, {.style = Style::function,
                           .roles = {{"input", kT}, {"begin", kW}, {"end", kW}, {"strides", kW}},
                           .types = types,
                           .rest = strided_slice});
}

}  // namespace isotherm::conditions
