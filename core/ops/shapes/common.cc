#include "core/ops/shapes/common.h"

#include <algorithm>

namespace isotherm::shapes {

Status unchanged(ShapeContext& c) {
  c.set_output(0, c.input(0));
  if (c.handle(0)) c.set_output_handle(0, c.handle(0));
  return {};
}

Status all_unknown(ShapeContext& c) {
  for (int i = 0; i < c.outputs(); ++i) c.set_output(i, c.unknown_shape());
  return {};
}

Status all_scalar(ShapeContext& c) {
  for (int i = 0; i < c.outputs(); ++i) c.set_output(i, c.scalar());
  return {};
}

Status no_outputs(ShapeContext&) { return {}; }

Status scalar_inputs_no_outputs(ShapeContext& c) {
  for (int i = 0; i < c.inputs(); ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  return {};
}

Status broadcast_binary(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, broadcast(c, c.input(0), c.input(1)));
  c.set_output(0, out);
  return {};
}

Status merge_both_inputs(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.merge(c.input(0), c.input(1)));
  c.set_output(0, out);
  return {};
}

Status shape_from_attr(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.from_attr("shape"));
  c.set_output(0, out);
  return {};
}

Result<ShapeHandle> broadcast(ShapeContext& c, ShapeHandle a, ShapeHandle b, bool strict) {
  if (!c.has_rank(a) || !c.has_rank(b)) return c.unknown_shape();
  const int rank = std::max(c.rank(a), c.rank(b));
  const int a_lead = rank - c.rank(a);
  const int b_lead = rank - c.rank(b);
  DimHandle one;
  if (a_lead != b_lead) one = c.make_dim(1);
  ShapeContext::Dims dims;
  dims.reserve(static_cast<std::size_t>(rank));
  for (int i = 0; i < rank; ++i) {
    const DimHandle x = i < a_lead ? one : c.dim(a, i - a_lead);
    const DimHandle y = i < b_lead ? one : c.dim(b, i - b_lead);
    const std::int64_t vx = c.value(x);
    const std::int64_t vy = c.value(y);
    if (!c.known(x) || !c.known(y)) {
      if (!strict && vx != 1 && vy != 1 && x != y) return c.unknown_shape();
      if (vx > 1 || vy == 1)
        dims.push_back(x);
      else if (vy > 1 || vx == 1)
        dims.push_back(y);
      else
        dims.push_back(x == y ? x : c.unknown_dim());
    } else if (vx == 1 || vy == 1) {
      dims.push_back(vx == 1 && i >= b_lead ? y : x);
    } else if (vx == vy) {
      dims.push_back(x);
    } else if (strict) {
      return invalid_input("shapes " + c.to_string(a) + " and " + c.to_string(b) +
                           " found, expected ones that broadcast");
    } else {
      return c.scalar();
    }
  }
  return c.make_shape(dims);
}

Result<Layout> layout_of(const ShapeContext& c, int rank) {
  const std::string format = c.attrs().get_string("data_format");
  if (format.empty() || format == (rank == 4 ? "NHWC" : "NDHWC")) return Layout{rank, false};
  if (format == (rank == 4 ? "NCHW" : "NCDHW")) return Layout{rank, true};
  return unsupported("data_format '" + format + "' found, expected " + (rank == 4 ? "NHWC or NCHW" : "NDHWC or NCDHW"));
}

ShapeHandle make_layout_shape(ShapeContext& c, const Layout& layout, DimHandle batch,
                              std::span<const DimHandle> spatial, DimHandle channels) {
  ShapeContext::Dims dims(static_cast<std::size_t>(layout.rank));
  dims[0] = batch;
  dims[static_cast<std::size_t>(layout.channel())] = channels;
  for (int i = 0; i < layout.spatial_rank(); ++i) {
    dims[static_cast<std::size_t>(layout.spatial(i))] = spatial[static_cast<std::size_t>(i)];
  }
  return c.make_shape(dims);
}

Result<Padding> padding_of(const ShapeContext& c, const Layout& layout, bool explicit_allowed) {
  const std::string name = c.attrs().get_string("padding");
  Padding padding;
  if (name == "VALID") return padding;
  if (name == "SAME") {
    padding.kind = Padding::Kind::same;
    return padding;
  }
  if (name != "EXPLICIT" || !explicit_allowed) {
    return invalid_input("padding '" + name + "' found, expected SAME" +
                         (explicit_allowed ? ", VALID or EXPLICIT" : " or VALID"));
  }
  padding.kind = Padding::Kind::explicit_sizes;
  padding.sizes = c.attrs().get_ints("explicit_paddings");
  if (padding.sizes.size() != static_cast<std::size_t>(2 * layout.rank)) {
    return invalid_input("explicit_paddings has " + std::to_string(padding.sizes.size()) + " entries, expected " +
                         std::to_string(2 * layout.rank));
  }
  if (std::any_of(padding.sizes.begin(), padding.sizes.end(),
                  [](std::int64_t v) { return v < 0 || v > (1LL << 40); })) {
    return invalid_input("explicit_paddings has an entry that is no length, expected 0 or more");
  }
  return padding;
}

Result<DimHandle> windowed(ShapeContext& c, DimHandle in, DimOrValue window, std::int64_t dilation, std::int64_t stride,
                           const Padding& padding, int dim) {
  if (stride <= 0) return invalid_input("stride " + std::to_string(stride) + " found, expected 1 or more");
  if (dilation < 1) return invalid_input("dilation " + std::to_string(dilation) + " found, expected 1 or more");
  DimHandle out;
  if (padding.kind == Padding::Kind::same) {
    ISO_ASSIGN(out, c.add(in, stride - 1));
    return c.divide(out, stride, false);
  }
  ISO_ASSIGN(in, c.add(in, padding.before(dim) + padding.after(dim)));
  if (dilation > 1) {
    ISO_ASSIGN(DimHandle reach, c.subtract(c.make_dim(window), 1));
    ISO_ASSIGN(reach, c.multiply(reach, dilation));
    ISO_ASSIGN(reach, c.add(reach, 1));
    ISO_ASSIGN(out, c.subtract(in, reach));
  } else {
    ISO_ASSIGN(out, c.subtract(in, window));
  }
  ISO_ASSIGN(out, c.add(out, stride));
  return c.divide(out, stride, false);
}

Result<std::vector<std::int64_t>> ints_of(const ShapeContext& c, std::string_view name, std::size_t length,
                                          std::optional<std::int64_t> fallback) {
  if (fallback && !c.attrs().contains(name)) return std::vector<std::int64_t>(length, *fallback);
  std::vector<std::int64_t> values = c.attrs().get_ints(name);
  if (values.size() == length) return values;
  return invalid_input(std::string(name) + " has " + std::to_string(values.size()) + " entries, expected " +
                       std::to_string(length));
}

}  // namespace isotherm::shapes
