// Sliding windows of convolutions and poolings: TensorFlow's padding rules.
#pragma once

#include <string>
#include <vector>

#include "core/graph/attr.h"
#include "core/graph/shape.h"
#include "core/graph/status.h"

namespace isotherm::cpu {

/// One spatial dimension.
struct Window {
  std::int64_t in = 0;
  std::int64_t kernel = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t out = 0;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;
};

/// What the attributes of a windowed op say, with spatial dimensions in order.
struct WindowAttributes {
  bool channels_first = false;
  int spatial = 2;                    ///< 1, 2 or 3
  std::vector<std::int64_t> strides;  ///< per spatial dimension
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> kernel;  ///< from `ksize`; empty where the op has none
  std::int64_t channel_window = 1;   ///< window and stride over channels: other than 1 in pooling only
  std::int64_t channel_stride = 1;
  std::string padding;                      ///< SAME, VALID or EXPLICIT
  std::vector<std::int64_t> explicit_pads;  ///< begin and end per spatial dimension

  /// Dimension of the tensor that holds channels, or spatial dimension `i`.
  [[nodiscard]] int channel_dim() const { return channels_first ? 1 : spatial + 1; }
  [[nodiscard]] int spatial_dim(int i) const { return channels_first ? i + 2 : i + 1; }
  [[nodiscard]] Shape make_shape(std::int64_t batch, const std::vector<std::int64_t>& spatial_dims,
                                 std::int64_t channels) const;
};

Result<WindowAttributes> window_attributes(const AttrMap& attrs, int spatial);

/// Output size and padding of one dimension; an error if the window is larger than the padded input.
Result<Window> make_window(const WindowAttributes& a, int i, std::int64_t in, std::int64_t kernel);

}  // namespace isotherm::cpu
