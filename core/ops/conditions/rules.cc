#include "core/ops/conditions/rules.h"

#include <algorithm>

namespace isotherm::conditions {

Verdict check_axis(const Context& c, std::int64_t axis, int rank, int* normalized, bool may_be_batch) {
  if (axis < -rank || axis >= rank) {
    return refuse("Axis value of ", axis, " is out of bounds, must be in range [", -rank, ", ", rank, "), at ",
                  c.node.name);
  }
  const int positive = static_cast<int>(axis < 0 ? axis + rank : axis);
  if (normalized != nullptr) *normalized = positive;
  if (c.implicit_batch() && positive == 0 && !may_be_batch) {
    return refuse("TensorRT does not allow manipulation of the batch dimension: axis ", axis, " of rank ", rank,
                  " is the batch in implicit batch mode");
  }
  return {};
}

Verdict integer_values(const Context& c, int i, std::string_view role, std::vector<std::int64_t>& values) {
  auto found = c.in(i).integers();
  if (!found)
    return refuse("The input \"", role, "\" for ", c.op(), " must be an integer constant; ", c.name(i), " is not");
  values = std::move(*found);
  return {};
}

Verdict one_value(const Context& c, int i, std::string_view role, std::int64_t& value) {
  std::vector<std::int64_t> values;
  if (auto v = integer_values(c, i, role, values)) return v;
  if (values.size() != 1) {
    return refuse(role, " for ", c.op(), " must be a scalar; ", c.name(i), " has ", values.size(), " values");
  }
  value = values[0];
  return {};
}

Verdict check_broadcast(const Context& c, int left, int right, Feasibility feasibility) {
  const int rank = std::max(c.in(left).rank(), c.in(right).rank());
  if (c.implicit_batch()) {
    for (const int i : {left, right}) {
      if (!c.in(i).is_tensor() || c.in(i).rank() == rank) continue;
      return refuse("Broadcasting beyond batch dimension is not supported (tensor #dims ", c.in(i).rank(),
                    " vs broadcast #dims ", rank, "): ", c.name(i), " has fewer dimensions than ",
                    c.name(i == left ? right : left));
    }
  }
  if (feasibility == Feasibility::not_checked) return {};

  const auto padded = [&](int i, int position) -> std::int64_t {
    const int own = position - (rank - c.in(i).rank());
    if (own < 0) return 1;
    // The batch has no size inside an engine of implicit batch mode.
    if (c.implicit_batch() && own == 0 && c.in(i).is_tensor()) return kUnknownDim;
    return c.in(i).dim(own);
  };
  const auto text = [](std::int64_t d) { return d < 0 ? std::string("?") : std::to_string(d); };
  for (int p = 0; p < rank; ++p) {
    const std::int64_t a = padded(left, p);
    const std::int64_t b = padded(right, p);
    if (!c.implicit_batch() && (a == kUnknownDim || b == kUnknownDim)) continue;
    if (a == b || a == 1 || b == 1) continue;
    return refuse("Infeasible broadcast scheme: ", c.name(left), " ", c.in(left).shape_text(), " against ",
                  c.name(right), " ", c.in(right).shape_text(), ", dimension ", p, " is ", text(a), " and ", text(b),
                  c.implicit_batch() && p == 0 ? " (the batch counts as unknown)" : "", ", must be equal or 1");
  }
  return {};
}

Verdict check_slice(const Context& c, const Operand& input, const SliceRange& range, bool has_spec) {
  bool any_unknown = false;
  for (std::size_t i = 0; i < range.begin.size(); ++i) {
    if (range.begin[i] < 0) {
      return refuse("Negative values in begin weight tensor are unsupported: begin is ", range.begin[i],
                    " in a dimension of unknown size of ", c.name(0));
    }
    // In implicit batch mode begin and end leave out the batch, the shape does not: TF-TRT compares entry i with
    // TensorFlow's dimension i all the same.
    if (input.dim(static_cast<int>(i)) < 0) {
      any_unknown = true;
    } else if (range.end[i] < range.begin[i] && range.stride[i] > 0) {
      return refuse("\"size\" cannot be negative for StridedSlice: begin ", range.begin[i], ", end ", range.end[i],
                    " in shape ", input.shape_text());
    }
  }
  if (!any_unknown) return {};
  if (!has_spec) {
    return refuse("The argument `strided_slice_spec` is `std::nullopt` with unknown dimensions: ", c.op(),
                  " needs a static shape, found ", input.shape_text());
  }
  if (c.implicit_batch()) {
    return refuse("In implicit batch mode, dynamic input size is not supported: ", c.op(), " of shape ",
                  input.shape_text());
  }
  return {};
}

Verdict check_equal_shapes(const Context& c, int first, int last, int axis) {
  const Operand& a = c.in(first);
  for (int i = first + 1; i < last; ++i) {
    const Operand& b = c.in(i);
    if (a.rank() != b.rank()) {
      return refuse("Received inputs with inconsistent rank, at ", c.node.name, ": ", c.name(first), " has ", a.rank(),
                    ", ", c.name(i), " has ", b.rank());
    }
    for (int d = c.implicit_batch() ? 1 : 0; d < a.rank(); ++d) {
      if (d == axis || a.dim(d) == b.dim(d) || a.dim(d) == kUnknownDim || b.dim(d) == kUnknownDim) continue;
      return refuse("Received inputs with inconsistent shape, at ", c.node.name, ": ", c.name(first), " has ",
                    a.shape_text(), ", ", c.name(i), " has ", b.shape_text());
    }
  }
  return {};
}

Verdict check_unit_at(const Context& c, std::string_view attr, std::size_t length, std::size_t batch,
                      std::size_t channel, std::string_view message, std::vector<std::int64_t>* values) {
  std::vector<std::int64_t> found = c.node.attrs.get_ints(attr);
  if (found.empty() && !c.node.attrs.contains(attr) && attr == "dilations") found.assign(length, 1);
  if (found.size() != length) {
    return refuse("attribute '", attr, "' of ", c.op(), " must specify ", length, " dimensions, has ", found.size());
  }
  if (found[batch] != 1 || found[channel] != 1) {
    return refuse(message, ": attribute '", attr, "' has ", found[batch], " for the batch and ", found[channel],
                  " for the channels");
  }
  if (values != nullptr) *values = std::move(found);
  return {};
}

Verdict check_padding(const Context& c, std::string_view message_begin, std::string_view message_end) {
  const std::string padding = c.node.attrs.get_string("padding");
  if (padding == "SAME" || padding == "VALID") return {};
  return refuse(message_begin, padding, message_end, " (attribute 'padding')");
}

}  // namespace isotherm::conditions
