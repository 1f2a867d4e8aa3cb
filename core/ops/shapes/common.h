// What shape functions of several families share.
#pragma once

#include "core/ops/shapes/context.h"

namespace isotherm::shapes {

// Shape functions.
Status unchanged(ShapeContext& c);  ///< Output 0 is like input 0, what a resource refers to included.
Status all_unknown(ShapeContext& c);
Status all_scalar(ShapeContext& c);
Status no_outputs(ShapeContext& c);
Status scalar_inputs_no_outputs(ShapeContext& c);
Status broadcast_binary(ShapeContext& c);   ///< Outputs like both inputs broadcast.
Status merge_both_inputs(ShapeContext& c);  ///< Output like input 0, which input 1 must equal.
Status shape_from_attr(ShapeContext& c);    ///< Attribute "shape".

template <int rank>
Status unchanged_with_rank(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.with_rank(c.input(0), rank));
  c.set_output(0, out);
  return {};
}
template <int rank>
Status unchanged_with_rank_at_least(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.with_rank_at_least(c.input(0), rank));
  c.set_output(0, out);
  return {};
}

/// NumPy's broadcasting. An unknown dimension against one above 1 gives the latter, against 1 itself, against another
/// unknown one a new unknown one. `strict` false: where it is impossible the result is a scalar, and where it depends
/// on unknown dimensions its rank is unknown (Equal with incompatible_shape_error=false).
Result<ShapeHandle> broadcast(ShapeContext& c, ShapeHandle a, ShapeHandle b, bool strict = true);

/// Where the dimensions of a layout lie: of NHWC, NCHW, NDHWC, NCDHW and of kernels.
struct Layout {
  int rank = 4;
  bool channels_first = false;
  [[nodiscard]] int channel() const { return channels_first ? 1 : rank - 1; }
  [[nodiscard]] int spatial(int i) const { return (channels_first ? 2 : 1) + i; }
  [[nodiscard]] int spatial_rank() const { return rank - 2; }
};
/// From attribute "data_format" (default: channels last); an error for another layout.
Result<Layout> layout_of(const ShapeContext& c, int rank);
/// {batch, spatial.., channels} in the layout's order.
ShapeHandle make_layout_shape(ShapeContext& c, const Layout& layout, DimHandle batch,
                              std::span<const DimHandle> spatial, DimHandle channels);

/// "padding" and "explicit_paddings" of convolutions and pooling.
struct Padding {
  enum class Kind { valid, same, explicit_sizes };
  Kind kind = Kind::valid;
  std::vector<std::int64_t> sizes;  ///< two a dimension, in the layout's order
  [[nodiscard]] std::int64_t before(int dim) const {
    return sizes.empty() ? 0 : sizes[static_cast<std::size_t>(2 * dim)];
  }
  [[nodiscard]] std::int64_t after(int dim) const {
    return sizes.empty() ? 0 : sizes[static_cast<std::size_t>(2 * dim + 1)];
  }
};
Result<Padding> padding_of(const ShapeContext& c, const Layout& layout, bool explicit_allowed);

/// Length of a windowed dimension: (in + pad - ((window - 1) * dilation + 1)) / stride + 1, or ceil(in / stride) for
/// SAME. `dim` is the dimension's index in the layout.
Result<DimHandle> windowed(ShapeContext& c, DimHandle in, DimOrValue window, std::int64_t dilation, std::int64_t stride,
                           const Padding& padding, int dim);

/// Integer list attribute of exactly `length` entries; `fallback` everywhere where it is missing and not required.
Result<std::vector<std::int64_t>> ints_of(const ShapeContext& c, std::string_view name, std::size_t length,
                                          std::optional<std::int64_t> fallback = std::nullopt);

}  // namespace isotherm::shapes
