#include "core/cpu/window.h"

#include <algorithm>

namespace isotherm::cpu {

Shape WindowAttributes::make_shape(std::int64_t batch, const std::vector<std::int64_t>& spatial_dims,
                                   std::int64_t channels) const {
  std::vector<std::int64_t> dims{batch};
  if (channels_first) dims.push_back(channels);
  dims.insert(dims.end(), spatial_dims.begin(), spatial_dims.end());
  if (!channels_first) dims.push_back(channels);
  return Shape(std::move(dims));
}

Result<WindowAttributes> window_attributes(const AttrMap& attrs, int spatial) {
  WindowAttributes a;
  a.spatial = spatial;
  const std::string format = attrs.get_string("data_format", spatial == 3 ? "NDHWC" : "NHWC");
  a.channels_first = format.size() > 1 && format[1] == 'C';
  if (format != "NHWC" && format != "NCHW" && format != "NDHWC" && format != "NCDHW")
    return unsupported("data_format is '" + format + "'; expected NHWC, NCHW, NDHWC or NCDHW");
  a.padding = attrs.get_string("padding", "VALID");
  if (a.padding != "SAME" && a.padding != "VALID" && a.padding != "EXPLICIT")
    return invalid_input("padding is '" + a.padding + "'; expected SAME, VALID or EXPLICIT");
  const auto n = static_cast<std::size_t>(spatial);
  const auto pick = [&](const char* name, std::vector<std::int64_t>& to, std::int64_t* channel) -> Status {
    const std::vector<std::int64_t> all = attrs.get_ints(name);
    if (all.empty()) return {};
    if (all.size() != n + 2)
      return invalid_input(std::string(name) + " has " + std::to_string(all.size()) + " values; expected " +
                           std::to_string(n + 2));
    for (int i = 0; i < spatial; ++i) to.push_back(all[static_cast<std::size_t>(a.spatial_dim(i))]);
    for (const std::int64_t v : all)
      if (v < 1) return invalid_input(std::string(name) + " holds " + std::to_string(v) + "; expected 1 or more");
    const std::int64_t over_channels = all[static_cast<std::size_t>(a.channel_dim())];
    if (channel) *channel = over_channels;
    if (all[0] != 1 || (!channel && over_channels != 1))
      return unsupported(std::string(name) + " other than 1 over batch or channels are not supported");
    return {};
  };
  ISO_TRY(pick("strides", a.strides, &a.channel_stride));
  ISO_TRY(pick("ksize", a.kernel, &a.channel_window));
  ISO_TRY(pick("dilations", a.dilations, nullptr));
  if (a.strides.empty()) a.strides.assign(n, 1);
  if (a.dilations.empty()) a.dilations.assign(n, 1);
  if (a.padding == "EXPLICIT") {
    const std::vector<std::int64_t> all = attrs.get_ints("explicit_paddings");
    if (all.size() != 2 * (n + 2))
      return invalid_input("explicit_paddings has " + std::to_string(all.size()) + " values; expected " +
                           std::to_string(2 * (n + 2)));
    for (const std::int64_t v : all)
      if (v < 0) return invalid_input("explicit_paddings holds " + std::to_string(v) + "; expected 0 or more");
    for (int i = 0; i < spatial; ++i) {
      const auto d = 2 * static_cast<std::size_t>(a.spatial_dim(i));
      a.explicit_pads.push_back(all[d]);
      a.explicit_pads.push_back(all[d + 1]);
    }
  }
  return a;
}

Result<Window> make_window(const WindowAttributes& a, int i, std::int64_t in, std::int64_t kernel) {
  const auto at = static_cast<std::size_t>(i);
  Window w{in, kernel, a.strides[at], a.dilations[at]};
  const std::int64_t extent = (kernel - 1) * w.dilation + 1;
  if (a.padding == "SAME") {
    w.out = (in + w.stride - 1) / w.stride;
    const std::int64_t total = std::max<std::int64_t>(0, (w.out - 1) * w.stride + extent - in);
    w.pad_begin = total / 2;
    w.pad_end = total - w.pad_begin;
    return w;
  }
  if (a.padding == "EXPLICIT") {
    w.pad_begin = a.explicit_pads[2 * at];
    w.pad_end = a.explicit_pads[2 * at + 1];
  }
  w.out = (in + w.pad_begin + w.pad_end - extent + w.stride) / w.stride;
  if (in + w.pad_begin + w.pad_end - extent < 0) w.out = 0;
  if (w.out < 0 || (in + w.pad_begin + w.pad_end < extent && in > 0))
    return invalid_input("a window of " + std::to_string(extent) + " is larger than the padded input of " +
                         std::to_string(in + w.pad_begin + w.pad_end));
  return w;
}

}  // namespace isotherm::cpu
