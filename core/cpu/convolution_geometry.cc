#include "core/cpu/convolution_geometry.h"

#include "core/cpu/kernel_helpers.h"

namespace isotherm::cpu {
namespace {

/// Strides of batch, channel and three spatial dimensions; missing ones stay 0.
std::array<std::int64_t, 5> image_strides(const WindowAttributes& a, const Shape& shape) {
  const std::vector<std::int64_t> strides = strides_of(shape);
  std::array<std::int64_t, 5> result{};
  result[0] = strides[0];
  result[1] = strides[static_cast<std::size_t>(a.channel_dim())];
  for (int i = 0; i < a.spatial; ++i)
    result[static_cast<std::size_t>(5 - a.spatial + i)] = strides[static_cast<std::size_t>(a.spatial_dim(i))];
  return result;
}

}  // namespace

Result<ConvolutionShapes> convolution_shapes(const WindowAttributes& a, const Shape& src, const Shape& filter,
                                             bool depthwise) {
  const int rank = a.spatial + 2;
  if (src.rank() != rank || filter.rank() != rank)
    return invalid_input("input has shape " + src.to_string() + " and filter " + filter.to_string() +
                         "; expected rank " + std::to_string(rank) + " for both");
  ConvolutionShapes s;
  s.spatial = a.spatial;
  s.src = src;
  s.filter = filter;
  ConvolutionGeometry& g = s.geometry;
  g.batch = src[0];
  g.in_channels = src[a.channel_dim()];
  const std::int64_t filter_in = filter[a.spatial];
  if (depthwise) {
    if (filter_in != g.in_channels)
      return invalid_input("input has " + std::to_string(g.in_channels) + " channels; the filter expects " +
                           std::to_string(filter_in));
    g.groups = g.in_channels;
    g.out_channels = g.in_channels * filter[a.spatial + 1];
  } else {
    g.out_channels = filter[a.spatial + 1];
    if (filter_in == 0 ? g.in_channels != 0 : g.in_channels % filter_in != 0)
      return invalid_input("input has " + std::to_string(g.in_channels) +
                           " channels; expected a multiple of the filter's " + std::to_string(filter_in));
    g.groups = filter_in == 0 ? 1 : std::max<std::int64_t>(1, g.in_channels / filter_in);
    if (g.out_channels % g.groups != 0)
      return invalid_input("the filter has " + std::to_string(g.out_channels) +
                           " output channels; expected a multiple of its " + std::to_string(g.groups) + " groups");
  }
  std::vector<std::int64_t> out_dims;
  for (int i = 0; i < a.spatial; ++i) {
    ISO_ASSIGN(const Window w, make_window(a, i, src[a.spatial_dim(i)], filter[i]));
    const auto at = static_cast<std::size_t>(3 - a.spatial + i);
    g.in[at] = w.in;
    g.out[at] = w.out;
    g.kernel[at] = w.kernel;
    g.stride[at] = w.stride;
    g.dilation[at] = w.dilation;
    g.pad[at] = w.pad_begin;
    s.pad_end[at] = w.pad_end;
    out_dims.push_back(w.out);
  }
  s.dst = a.make_shape(g.batch, out_dims, g.out_channels);
  if (!s.dst.elements())
    return invalid_input("the output shape " + s.dst.to_string() + " has more elements than 63 bits can count");
  g.src_strides = image_strides(a, src);
  g.dst_strides = image_strides(a, s.dst);
  return s;
}

}  // namespace isotherm::cpu
