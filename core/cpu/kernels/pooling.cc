// MaxPool, AvgPool in two and three dimensions, with TensorFlow's rules: padding takes no part in a maximum or a mean.
#include <cmath>
#include <cstring>
#include <limits>

#include "core/cpu/convolution_geometry.h"
#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// Up to three spatial dimensions in front of contiguous channels.
struct PoolGeometry {
  std::int64_t batch = 1, channels = 1;
  DType declared = DType::invalid;  ///< the op's dtype, a 16-bit float perhaps where the kernel sees float32
  std::array<Window, 3> w;          ///< missing dimensions have in = kernel = out = 1
};

template <class T>
void accumulate_max(const T* from, T* to, std::int64_t n) {
  if constexpr (std::is_same_v<T, float>) {
    hot_max_into(from, to, n);
  } else {
    for (std::int64_t i = 0; i < n; ++i) to[i] = from[i] > to[i] || from[i] != from[i] ? from[i] : to[i];
  }
}
template <class T>
void accumulate_sum(const T* from, T* to, std::int64_t n) {
  if constexpr (std::is_same_v<T, float>) {
    hot_add_into(from, to, n);
  } else {
    for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(to[i] + from[i]);
  }
}

template <class T, bool Max>
void pool_rows(const PoolGeometry& g, const T* src, T* dst, std::int64_t begin, std::int64_t end) {
  const auto& [wz, wy, wx] = g.w;
  const std::int64_t c = g.channels;
  const T lowest = lowest_of<T>(g.declared);          // where TensorFlow starts, also above an input of -infinity
  for (std::int64_t row = begin; row < end; ++row) {  // over batch, z, y of the output
    const std::int64_t n = row / (wz.out * wy.out), z = row / wy.out % wz.out, y = row % wy.out;
    const std::int64_t z0 = z * wz.stride - wz.pad_begin, y0 = y * wy.stride - wy.pad_begin;
    const std::int64_t za = std::max<std::int64_t>(z0, 0), zb = std::min(z0 + wz.kernel, wz.in);
    const std::int64_t ya = std::max<std::int64_t>(y0, 0), yb = std::min(y0 + wy.kernel, wy.in);
    for (std::int64_t x = 0; x < wx.out; ++x) {
      const std::int64_t x0 = x * wx.stride - wx.pad_begin;
      const std::int64_t xa = std::max<std::int64_t>(x0, 0), xb = std::min(x0 + wx.kernel, wx.in);
      T* to = dst + (row * wx.out + x) * c;
      std::fill_n(to, c, Max ? lowest : T(0));
      for (std::int64_t iz = za; iz < zb; ++iz)
        for (std::int64_t iy = ya; iy < yb; ++iy)
          for (std::int64_t ix = xa; ix < xb; ++ix) {
            const T* from = src + (((n * wz.in + iz) * wy.in + iy) * wx.in + ix) * c;
            if constexpr (Max)
              accumulate_max(from, to, c);
            else
              accumulate_sum(from, to, c);
          }
      if constexpr (!Max) {
        const auto count = static_cast<T>(std::max<std::int64_t>(1, (zb - za) * (yb - ya) * (xb - xa)));
        for (std::int64_t i = 0; i < c; ++i) to[i] = static_cast<T>(to[i] / count);
      }
    }
  }
}

/// [n, c, s] <-> [n, s, c] by swapping the last two dimensions.
template <class T>
void swap_last(const T* src, T* dst, std::int64_t n, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t b = 0; b < n; ++b)
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < columns; ++k) dst[(b * columns + k) * rows + r] = src[(b * rows + r) * columns + k];
}

template <class T, bool Max>
Status pool(KernelContext& context, const PoolGeometry& g, const Tensor& src, Tensor& dst, bool channels_first) {
  const auto& [wz, wy, wx] = g.w;
  const std::int64_t rows = g.batch * wz.out * wy.out;
  const std::int64_t cost = wx.out * wx.kernel * wy.kernel * wz.kernel * g.channels;
  const auto run = [&](const T* from, T* to) {
    parallel_for(context.threads(), rows, cost,
                 [&](std::int64_t b, std::int64_t e) { pool_rows<T, Max>(g, from, to, b, e); });
  };
  if (!channels_first) {
    run(in<T>(src), out<T>(dst));
    return {};
  }
  ISO_ASSIGN(Tensor from, context.scratch(src.byte_size()));
  ISO_ASSIGN(Tensor to, context.scratch(dst.byte_size()));
  T* from_data = reinterpret_cast<T*>(from.raw());
  T* to_data = reinterpret_cast<T*>(to.raw());
  swap_last(in<T>(src), from_data, g.batch, g.channels, wz.in * wy.in * wx.in);
  run(from_data, to_data);
  swap_last(to_data, out<T>(dst), g.batch, wz.out * wy.out * wx.out, g.channels);
  return {};
}

/// A maximum over groups of channels, which TensorFlow allows where nothing is pooled in space.
template <class T>
void pool_channels(const T* src, T* dst, std::int64_t n, std::int64_t window) {
  for (std::int64_t i = 0; i < n; ++i) dst[i] = *std::max_element(src + i * window, src + (i + 1) * window);
}

template <int Spatial, bool Max>
Status run_pool(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  AttrMap attrs = node.attrs;
  if (context.input_count() == 3) {  // MaxPoolV2: window and strides are inputs
    AttrList ksize, strides;
    ksize.i = integers_of(context.input(1));
    strides.i = integers_of(context.input(2));
    attrs.set("ksize", make_list_attr(std::move(ksize)));
    attrs.set("strides", make_list_attr(std::move(strides)));
  }
  ISO_ASSIGN(const WindowAttributes a, window_attributes(attrs, Spatial));
  const Tensor& src = context.input(0);
  ISO_TRY(expect_rank(src, Spatial + 2, "the input"));
  if (a.kernel.size() != static_cast<std::size_t>(Spatial))
    return invalid_input("attribute ksize is missing; expected a window");
  PoolGeometry g;
  g.batch = src.dim(0);
  g.channels = src.dim(a.channel_dim());
  g.declared = attrs.get_type("T", src.dtype());
  g.w.fill(Window{1, 1, 1, 1, 1, 0, 0});
  std::vector<std::int64_t> out_dims;
  for (int i = 0; i < Spatial; ++i) {
    ISO_ASSIGN(const Window w, make_window(a, i, src.dim(a.spatial_dim(i)), a.kernel[static_cast<std::size_t>(i)]));
    g.w[static_cast<std::size_t>(3 - Spatial + i)] = w;
    out_dims.push_back(w.out);
  }
  std::int64_t channels = g.channels;
  if (a.channel_window > 1) {
    if (!Max || a.channels_first || g.channels % a.channel_window != 0 || a.channel_stride != a.channel_window)
      return unsupported("a pooling window over channels must divide them, equal its stride, and stand alone");
    channels /= a.channel_window;
  }
  ISO_ASSIGN(Tensor dst, context.allocate(src.dtype(), a.make_shape(g.batch, out_dims, channels)));
  if (dst.elements() > 0) {
    const auto as = [&](auto tag) -> Status {
      using T = typename decltype(tag)::type;
      if (a.channel_window > 1) {
        pool_channels(in<T>(src), out<T>(dst), dst.elements(), a.channel_window);
        return {};
      }
      return pool<T, Max>(context, g, src, dst, a.channels_first);
    };
    if (src.dtype() == DType::qint8) {
      ISO_TRY(as(Tag<std::int8_t>()));
    } else if constexpr (Max) {
      ISO_TRY(for_numbers(src.dtype(), as));
    } else {
      ISO_TRY(for_real(src.dtype(), as));
    }
  }
  context.set_output(0, std::move(dst));
  return {};
}

template <class T, class I>
void max_with_index(const PoolGeometry& g, const T* src, T* dst, I* index, bool with_batch) {
  const auto& [unused, wy, wx] = g.w;
  const std::int64_t c = g.channels;
  for (std::int64_t n = 0; n < g.batch; ++n)
    for (std::int64_t y = 0; y < wy.out; ++y)
      for (std::int64_t x = 0; x < wx.out; ++x)
        for (std::int64_t k = 0; k < c; ++k) {
          T best = std::numeric_limits<T>::lowest();
          std::int64_t best_at = -1;
          for (std::int64_t ky = 0; ky < wy.kernel; ++ky)
            for (std::int64_t kx = 0; kx < wx.kernel; ++kx) {
              const std::int64_t iy = y * wy.stride - wy.pad_begin + ky, ix = x * wx.stride - wx.pad_begin + kx;
              if (iy < 0 || iy >= wy.in || ix < 0 || ix >= wx.in) continue;
              const std::int64_t at = (iy * wx.in + ix) * c + k;
              const T value = src[n * wy.in * wx.in * c + at];
              if (best_at < 0 || value > best) {
                best = value;
                best_at = at + (with_batch ? n * wy.in * wx.in * c : 0);
              }
            }
          const std::int64_t to = ((n * wy.out + y) * wx.out + x) * c + k;
          dst[to] = best;
          index[to] = static_cast<I>(best_at);
        }
}

Status run_max_with_argmax(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  ISO_ASSIGN(const WindowAttributes a, window_attributes(node.attrs, 2));
  const Tensor& src = context.input(0);
  ISO_TRY(expect_rank(src, 4, "the input"));
  if (a.kernel.size() != 2) return invalid_input("attribute ksize is missing; expected a window");
  PoolGeometry g;
  g.batch = src.dim(0);
  g.channels = src.dim(3);
  for (int i = 0; i < 2; ++i) {
    ISO_ASSIGN(g.w[static_cast<std::size_t>(i + 1)],
               make_window(a, i, src.dim(i + 1), a.kernel[static_cast<std::size_t>(i)]));
  }
  const Shape shape{g.batch, g.w[1].out, g.w[2].out, g.channels};
  ISO_ASSIGN(Tensor dst, context.allocate(src.dtype(), shape));
  ISO_ASSIGN(Tensor index, context.allocate(node.attrs.get_type("Targmax", DType::int64), shape));
  const bool with_batch = node.attrs.get_bool("include_batch_in_index");
  ISO_TRY(for_numbers(src.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    return for_index(index.dtype(), [&](auto index_tag) -> Status {
      using I = typename decltype(index_tag)::type;
      max_with_index(g, in<T>(src), out<T>(dst), out<I>(index), with_batch);
      return {};
    });
  }));
  context.set_output(0, std::move(dst));
  context.set_output(1, std::move(index));
  return {};
}

}  // namespace

void register_pooling(KernelRegistry& r) {
  r.add({"MaxPool", "MaxPoolV2"}, run_pool<2, true>, HalfFloats::as_float);
  r.add("AvgPool", run_pool<2, false>, HalfFloats::as_float);
  r.add("MaxPool3D", run_pool<3, true>, HalfFloats::as_float);
  r.add("AvgPool3D", run_pool<3, false>, HalfFloats::as_float);
  r.add("MaxPoolWithArgmax", run_max_with_argmax, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
