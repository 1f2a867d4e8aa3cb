// ResizeBilinear, ResizeNearestNeighbor, ResizeBicubic, ResizeArea, CropAndResize on NHWC images.
#include <cmath>
#include <limits>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// How output positions map to input positions in one dimension.
struct Axis {
  std::int64_t in = 0, out = 0;
  float scale = 1;
  bool align_corners = false, half_pixel = false;
  [[nodiscard]] float position(std::int64_t i) const {
    return half_pixel ? (static_cast<float>(i) + 0.5f) * scale - 0.5f : static_cast<float>(i) * scale;
  }
};

struct Resize {
  std::int64_t batch = 0, channels = 0;
  Axis y, x;
  [[nodiscard]] Shape shape() const { return {batch, y.out, x.out, channels}; }
};

Result<Resize> resize_of(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& images = context.input(0);
  ISO_TRY(expect_rank(images, 4, "the images"));
  const std::vector<std::int64_t> size = integers_of(context.input(1));
  if (size.size() != 2 || size[0] <= 0 || size[1] <= 0 || size[0] > (1 << 24) || size[1] > (1 << 24))
    return invalid_input("the size has shape " + context.input(1).shape().to_string() +
                         "; expected a positive height and width");
  if (images.dim(1) == 0 || images.dim(2) == 0)
    return invalid_input("the images have shape " + images.shape().to_string() + "; expected some pixels");
  Resize r;
  r.batch = images.dim(0);
  r.channels = images.dim(3);
  const bool align = node.attrs.get_bool("align_corners"), half = node.attrs.get_bool("half_pixel_centers");
  if (align && half) return invalid_input("align_corners and half_pixel_centers are both set; expected one at most");
  const auto axis = [&](std::int64_t from, std::int64_t to) {
    const float scale = align && to > 1 ? static_cast<float>(from - 1) / static_cast<float>(to - 1)
                                        : static_cast<float>(from) / static_cast<float>(to);
    return Axis{from, to, scale, align, half};
  };
  r.y = axis(images.dim(1), size[0]);
  r.x = axis(images.dim(2), size[1]);
  if (!r.shape().elements()) return invalid_input("the resized images have more elements than 63 bits can count");
  return r;
}

/// Two neighbours and the weight of the second.
struct Blend {
  std::int64_t low = 0, high = 0;
  float weight = 0;
};
std::vector<Blend> blends(const Axis& a) {
  std::vector<Blend> result(static_cast<std::size_t>(a.out));
  for (std::int64_t i = 0; i < a.out; ++i) {
    const float at = a.position(i), floor = std::floor(at);
    result[static_cast<std::size_t>(i)] = {
        std::clamp<std::int64_t>(static_cast<std::int64_t>(floor), 0, a.in - 1),
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(at)), 0, a.in - 1), at - floor};
  }
  return result;
}

Status run_bilinear(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Resize r, resize_of(context, node));
  const Tensor& images = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, r.shape()));
  const std::vector<Blend> ys = blends(r.y), xs = blends(r.x);
  ISO_TRY(for_numbers(images.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    parallel_for(context.threads(), r.batch * r.y.out, r.x.out * r.channels * 4,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t row = begin; row < end; ++row) {
                     const Blend& y = ys[static_cast<std::size_t>(row % r.y.out)];
                     const T* image = in<T>(images) + row / r.y.out * r.y.in * r.x.in * r.channels;
                     const T *top = image + y.low * r.x.in * r.channels, *bottom = image + y.high * r.x.in * r.channels;
                     float* to = out<float>(result) + row * r.x.out * r.channels;
                     for (const Blend& x : xs)
                       for (std::int64_t c = 0; c < r.channels; ++c) {
                         const auto tl = static_cast<float>(top[x.low * r.channels + c]),
                                    tr = static_cast<float>(top[x.high * r.channels + c]);
                         const auto bl = static_cast<float>(bottom[x.low * r.channels + c]),
                                    br = static_cast<float>(bottom[x.high * r.channels + c]);
                         const float above = tl + (tr - tl) * x.weight, below = bl + (br - bl) * x.weight;
                         *to++ = above + (below - above) * y.weight;
                       }
                   }
                 });
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

std::vector<std::int64_t> nearest(const Axis& a) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(a.out));
  for (std::int64_t i = 0; i < a.out; ++i) {
    const float at = a.half_pixel ? (static_cast<float>(i) + 0.5f) * a.scale : static_cast<float>(i) * a.scale;
    result[static_cast<std::size_t>(i)] = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(a.align_corners ? std::round(at) : std::floor(at)), 0, a.in - 1);
  }
  return result;
}

Status run_nearest(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Resize r, resize_of(context, node));
  const Tensor& images = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(images.dtype(), r.shape()));
  const std::vector<std::int64_t> ys = nearest(r.y), xs = nearest(r.x);
  std::int64_t at = 0;
  for (std::int64_t n = 0; n < r.batch; ++n)
    for (const std::int64_t y : ys)
      for (const std::int64_t x : xs) {
        copy_elements(images, ((n * r.y.in + y) * r.x.in + x) * r.channels, result, at, r.channels);
        at += r.channels;
      }
  context.set_output(0, std::move(result));
  return {};
}

struct Cubic {
  std::array<std::int64_t, 4> at{};
  std::array<float, 4> weight{};
};

/// Keys' kernel (a = -0.5, weights outside the image dropped) with half-pixel centres, else a = -0.75; positions
/// between pixels are rounded to 1/1024, as the weights come from a table of that size in TensorFlow.
std::vector<Cubic> cubics(const Axis& a) {
  const double k = a.half_pixel ? -0.5 : -0.75;
  const auto near = [k](double x) { return ((k + 2) * x - (k + 3)) * x * x + 1; };
  const auto far = [k](double x) { return ((k * x - 5 * k) * x + 8 * k) * x - 4 * k; };
  std::vector<Cubic> result(static_cast<std::size_t>(a.out));
  for (std::int64_t i = 0; i < a.out; ++i) {
    const float at = a.position(i);
    const auto base = static_cast<std::int64_t>(std::floor(at));
    const double t = std::nearbyint((at - static_cast<float>(base)) * 1024.0f) / 1024.0;
    Cubic& c = result[static_cast<std::size_t>(i)];
    c.weight = {static_cast<float>(far(t + 1)), static_cast<float>(near(t)), static_cast<float>(near(1 - t)),
                static_cast<float>(far(2 - t))};
    float sum = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const std::int64_t wanted = base - 1 + static_cast<std::int64_t>(j);
      c.at[j] = std::clamp<std::int64_t>(wanted, 0, a.in - 1);
      if (a.half_pixel && c.at[j] != wanted) c.weight[j] = 0;
      sum += c.weight[j];
    }
    if (a.half_pixel && std::abs(sum) >= 1000 * std::numeric_limits<float>::min())
      for (float& w : c.weight) w /= sum;
  }
  return result;
}

Status run_bicubic(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Resize r, resize_of(context, node));
  const Tensor& images = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, r.shape()));
  const std::vector<Cubic> ys = cubics(r.y), xs = cubics(r.x);
  ISO_TRY(for_numbers(images.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    float* to = out<float>(result);
    for (std::int64_t n = 0; n < r.batch; ++n)
      for (const Cubic& y : ys)
        for (const Cubic& x : xs)
          for (std::int64_t c = 0; c < r.channels; ++c) {
            float sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
              float line = 0;
              for (std::size_t j = 0; j < 4; ++j)
                line += x.weight[j] *
                        static_cast<float>(in<T>(images)[((n * r.y.in + y.at[i]) * r.x.in + x.at[j]) * r.channels + c]);
              sum += y.weight[i] * line;
            }
            *to++ = sum;
          }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

/// Pixels that an output pixel covers, with the share of each.
std::vector<std::vector<std::pair<std::int64_t, float>>> areas(const Axis& a) {
  std::vector<std::vector<std::pair<std::int64_t, float>>> result(static_cast<std::size_t>(a.out));
  for (std::int64_t i = 0; i < a.out; ++i) {
    const float begin = static_cast<float>(i) * a.scale, end = static_cast<float>(i + 1) * a.scale;
    for (auto k = static_cast<std::int64_t>(std::floor(begin)); k < static_cast<std::int64_t>(std::ceil(end)); ++k) {
      const auto first = static_cast<float>(k), next = static_cast<float>(k + 1);
      const float share = first < begin ? (next > end ? a.scale : next - begin) : next > end ? end - first : 1.0f;
      result[static_cast<std::size_t>(i)].emplace_back(std::min(k, a.in - 1), share);
    }
  }
  return result;
}

Status run_area(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const Resize r, resize_of(context, node));
  const Tensor& images = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, r.shape()));
  const auto ys = areas(r.y), xs = areas(r.x);
  const float norm = 1.0f / (r.y.scale * r.x.scale);
  ISO_TRY(for_numbers(images.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    float* to = out<float>(result);
    for (std::int64_t n = 0; n < r.batch; ++n)
      for (const auto& y : ys)
        for (const auto& x : xs)
          for (std::int64_t c = 0; c < r.channels; ++c) {
            float sum = 0;
            for (const auto& [i, share_y] : y)
              for (const auto& [j, share_x] : x)
                sum += static_cast<float>(in<T>(images)[((n * r.y.in + i) * r.x.in + j) * r.channels + c]) * share_y *
                       share_x;
            *to++ = sum * norm;
          }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_crop(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 4));
  const Tensor& images = context.input(0);
  const Tensor& boxes = context.input(1);
  const std::vector<std::int64_t> which = integers_of(context.input(2)), size = integers_of(context.input(3));
  ISO_TRY(expect_rank(images, 4, "the images"));
  if (boxes.rank() != 2 || boxes.dim(1) != 4 || boxes.dtype() != DType::float32 ||
      static_cast<std::int64_t>(which.size()) != boxes.dim(0))
    return invalid_input("boxes have shape " + boxes.shape().to_string() + "; expected four float values for each of " +
                         std::to_string(which.size()) + " box indices");
  if (size.size() != 2 || size[0] <= 0 || size[1] <= 0)
    return invalid_input("the crop size is no positive height and width");
  const std::int64_t height = images.dim(1), width = images.dim(2), channels = images.dim(3);
  for (const std::int64_t n : which)
    if (n < 0 || n >= images.dim(0))
      return invalid_input("box index " + std::to_string(n) + " is outside a batch of " +
                           std::to_string(images.dim(0)));
  const float outside = node.attrs.get_float("extrapolation_value");
  const bool nearest_pixel = node.attrs.get_string("method", "bilinear") == "nearest";
  ISO_ASSIGN(const Shape shape, shape_from(std::vector<std::int64_t>{boxes.dim(0), size[0], size[1], channels}));
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, shape));
  const auto position = [](float begin, float end, std::int64_t in_size, std::int64_t out_size, std::int64_t i) {
    const auto last = static_cast<float>(in_size - 1);
    if (out_size == 1) return 0.5f * (begin + end) * last;
    return begin * last + static_cast<float>(i) * ((end - begin) * last / static_cast<float>(out_size - 1));
  };
  ISO_TRY(for_numbers(images.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    float* to = out<float>(result);
    for (std::size_t b = 0; b < which.size(); ++b) {
      const float* box = in<float>(boxes) + 4 * b;
      const T* image = in<T>(images) + which[b] * height * width * channels;
      for (std::int64_t i = 0; i < size[0]; ++i) {
        const float y = position(box[0], box[2], height, size[0], i);
        for (std::int64_t j = 0; j < size[1]; ++j, to += channels) {
          const float x = position(box[1], box[3], width, size[1], j);
          if (!(y >= 0 && y <= static_cast<float>(height - 1) && x >= 0 && x <= static_cast<float>(width - 1))) {
            std::fill_n(to, channels, outside);
            continue;
          }
          const auto value = [&](float row, float column, std::int64_t c) {
            return static_cast<float>(
                image[(static_cast<std::int64_t>(row) * width + static_cast<std::int64_t>(column)) * channels + c]);
          };
          const float top = std::floor(y), bottom = std::ceil(y), left = std::floor(x), right = std::ceil(x);
          for (std::int64_t c = 0; c < channels; ++c) {
            if (nearest_pixel) {
              to[c] = value(std::round(y), std::round(x), c);
              continue;
            }
            const float above = value(top, left, c) + (value(top, right, c) - value(top, left, c)) * (x - left);
            const float below =
                value(bottom, left, c) + (value(bottom, right, c) - value(bottom, left, c)) * (x - left);
            to[c] = above + (below - above) * (y - top);
          }
        }
      }
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_resize(KernelRegistry& r) {
  r.add("ResizeBilinear", run_bilinear, HalfFloats::as_float);
  r.add("ResizeNearestNeighbor", run_nearest);
  r.add("ResizeBicubic", run_bicubic, HalfFloats::as_float);
  r.add("ResizeArea", run_area, HalfFloats::as_float);
  r.add("CropAndResize", run_crop, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
