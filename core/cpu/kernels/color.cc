// RGBToHSV, HSVToRGB, AdjustContrastv2, AdjustHue, AdjustSaturation, DrawBoundingBoxes.
#include <array>
#include <cmath>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

template <class T>
using Pixel = std::array<T, 3>;

template <class T>
Pixel<T> to_hsv(const Pixel<T>& p) {
  const auto [r, g, b] = p;
  const T v = std::max({r, g, b}), range = v - std::min({r, g, b});
  const T s = v > 0 ? range / v : T(0);
  if (range <= 0) return {T(0), s, v};
  const T norm = T(1) / (T(6) * range);
  T h = r == v ? norm * (g - b) : g == v ? norm * (b - r) + T(2) / T(6) : norm * (r - g) + T(4) / T(6);
  if (h < 0) h += T(1);
  return {h, s, v};
}

template <class T>
Pixel<T> to_rgb(const Pixel<T>& p) {
  const auto [h, s, v] = p;
  const T dh = h * T(6);
  const auto part = [&](T x) { return ((T(1) - s) + s * std::clamp(x, T(0), T(1))) * v; };
  return {part(std::abs(dh - T(3)) - T(1)), part(T(2) - std::abs(dh - T(2))), part(T(2) - std::abs(dh - T(4)))};
}

enum class Change { to_hsv, to_rgb, hue, saturation };

template <Change How>
Status run_pixels(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, How == Change::hue || How == Change::saturation ? 2 : 1));
  const Tensor& x = context.input(0);
  if (x.rank() < 1 || x.dim(x.rank() - 1) != 3)
    return invalid_input("the images have shape " + x.shape().to_string() + "; expected three channels last");
  double amount = 0;
  if (How == Change::hue || How == Change::saturation) {
    if (context.input(1).elements() != 1)
      return invalid_input("the amount has shape " + context.input(1).shape().to_string() + "; expected a scalar");
    amount = number_at(context.input(1), 0);
  }
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* from = in<T>(x);
    T* to = out<T>(y);
    for (std::int64_t i = 0; i < x.elements(); i += 3) {
      Pixel<T> p{from[i], from[i + 1], from[i + 2]};
      if constexpr (How == Change::to_rgb) {
        p = to_rgb(p);
      } else {
        p = to_hsv(p);
        if constexpr (How == Change::hue)
          p[0] = p[0] + static_cast<T>(amount) - std::floor(p[0] + static_cast<T>(amount));
        if constexpr (How == Change::saturation) p[1] = std::clamp(p[1] * static_cast<T>(amount), T(0), T(1));
        if constexpr (How != Change::to_hsv) p = to_rgb(p);
      }
      std::copy(p.begin(), p.end(), to + i);
    }
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

Status run_contrast(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  if (x.rank() < 3)
    return invalid_input("the images have shape " + x.shape().to_string() + "; expected rank 3 or more");
  if (context.input(1).elements() != 1)
    return invalid_input("the factor has shape " + context.input(1).shape().to_string() + "; expected a scalar");
  const double factor = number_at(context.input(1), 0);
  const std::int64_t channels = x.dim(x.rank() - 1), pixels = x.dim(x.rank() - 2) * x.dim(x.rank() - 3),
                     images = product(x.shape(), 0, x.rank() - 3);
  ISO_ASSIGN(Tensor y, context.allocate(x.dtype(), x.shape()));
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t n = 0; n < images; ++n)
      for (std::int64_t c = 0; c < channels; ++c) {
        const T* from = in<T>(x) + n * pixels * channels + c;
        T* to = out<T>(y) + n * pixels * channels + c;
        double sum = 0;
        for (std::int64_t i = 0; i < pixels; ++i) sum += static_cast<double>(from[i * channels]);
        const double mean = sum / static_cast<double>(pixels);
        for (std::int64_t i = 0; i < pixels; ++i)
          to[i * channels] = static_cast<T>((static_cast<double>(from[i * channels]) - mean) * factor + mean);
      }
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

constexpr std::array<std::array<float, 4>, 10> kBoxColors = {{{1, 1, 0, 1},
                                                              {0, 0, 1, 1},
                                                              {1, 0, 0, 1},
                                                              {0, 1, 0, 1},
                                                              {0.5f, 0, 0.5f, 1},
                                                              {0.5f, 0.5f, 0, 1},
                                                              {0.5f, 0, 0, 1},
                                                              {0, 0, 0.5f, 1},
                                                              {0, 1, 1, 1},
                                                              {1, 0, 1, 1}}};

Status run_draw_boxes(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& images = context.input(0);
  const Tensor& boxes = context.input(1);
  ISO_TRY(expect_rank(images, 4, "the images"));
  if (boxes.rank() != 3 || boxes.dim(0) != images.dim(0) || boxes.dim(2) != 4 || images.dtype() != DType::float32 ||
      boxes.dtype() != DType::float32)
    return invalid_input("boxes have shape " + boxes.shape().to_string() +
                         "; expected four float values for boxes of each image");
  const std::int64_t height = images.dim(1), width = images.dim(2), depth = images.dim(3);
  std::vector<std::vector<float>> colors;
  if (context.input_count() > 2 && context.input(2).elements() > 0) {
    const Tensor& table = context.input(2);
    if (table.rank() != 2 || table.dim(1) < depth || table.dtype() != DType::float32)
      return invalid_input("colors have shape " + table.shape().to_string() + "; expected rows of " +
                           std::to_string(depth));
    for (std::int64_t i = 0; i < table.dim(0); ++i)
      colors.emplace_back(in<float>(table) + i * table.dim(1), in<float>(table) + (i + 1) * table.dim(1));
  } else {
    for (const auto& c : kBoxColors) colors.emplace_back(c.begin(), c.end());
    if (depth == 1)
      for (auto& c : colors) c[0] = 1;
  }
  if (depth > 4 && colors[0].size() < static_cast<std::size_t>(depth))
    return invalid_input("the images have " + std::to_string(depth) + " channels; expected 1, 3 or 4");
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, images.shape()));
  copy_elements(images, 0, result, 0, images.elements());
  const auto paint = [&](std::int64_t n, std::int64_t y, std::int64_t x, const std::vector<float>& color) {
    std::copy_n(color.begin(), depth, out<float>(result) + ((n * height + y) * width + x) * depth);
  };
  for (std::int64_t n = 0; n < images.dim(0); ++n)
    for (std::int64_t b = 0; b < boxes.dim(1); ++b) {
      const float* box = in<float>(boxes) + (n * boxes.dim(1) + b) * 4;
      const std::vector<float>& color = colors[static_cast<std::size_t>(b) % colors.size()];
      const auto at = [](float v, std::int64_t size) {
        return static_cast<std::int64_t>(std::clamp(v, -1e6f, 1e6f) * static_cast<float>(size - 1));
      };
      const std::int64_t top = at(box[0], height), left = at(box[1], width), bottom = at(box[2], height),
                         right = at(box[3], width);
      if (top > bottom || left > right || top >= height || bottom < 0 || left >= width || right < 0) continue;
      for (std::int64_t x = std::max<std::int64_t>(left, 0); x <= std::min(right, width - 1); ++x) {
        if (top >= 0) paint(n, top, x, color);
        if (bottom < height) paint(n, bottom, x, color);
      }
      for (std::int64_t y = std::max<std::int64_t>(top, 0); y <= std::min(bottom, height - 1); ++y) {
        if (left >= 0) paint(n, y, left, color);
        if (right < width) paint(n, y, right, color);
      }
    }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_color(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add("RGBToHSV", run_pixels<Change::to_hsv>, wide);
  r.add("HSVToRGB", run_pixels<Change::to_rgb>, wide);
  r.add("AdjustHue", run_pixels<Change::hue>, wide);
  r.add("AdjustSaturation", run_pixels<Change::saturation>, wide);
  r.add("AdjustContrastv2", run_contrast, wide);
  r.add({"DrawBoundingBoxes", "DrawBoundingBoxesV2"}, run_draw_boxes, wide);
}

}  // namespace isotherm::cpu
