// Convolutions by their definition, for the dtypes oneDNN does not take, and their gradients.
#pragma once

#include <array>
#include <cstdint>

#include "core/cpu/parallel.h"

namespace isotherm::cpu {

/// A convolution over up to three spatial dimensions (missing ones are 1), in elements.
struct ConvolutionGeometry {
  std::int64_t batch = 1, in_channels = 1, out_channels = 1, groups = 1;
  std::array<std::int64_t, 3> in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1},
      pad{0, 0, 0};
  /// Element strides of the input and output image: batch, channel, three spatial.
  std::array<std::int64_t, 5> src_strides{}, dst_strides{};
  /// The filter is row-major: kernel dimensions, in_channels / groups, out_channels.
};

namespace detail {

/// Calls f(src offset, dst offset, filter offset) for every output point of batch `n` in row `z` and every filter tap
/// that falls inside the input.
template <class F>
void for_taps(const ConvolutionGeometry& g, std::int64_t n, std::int64_t z, F&& f) {
  const std::int64_t tap = (g.in_channels / g.groups) * g.out_channels;
  for (std::int64_t y = 0; y < g.out[1]; ++y)
    for (std::int64_t x = 0; x < g.out[2]; ++x) {
      const std::int64_t dst =
          n * g.dst_strides[0] + z * g.dst_strides[2] + y * g.dst_strides[3] + x * g.dst_strides[4];
      for (std::int64_t kz = 0; kz < g.kernel[0]; ++kz) {
        const std::int64_t iz = z * g.stride[0] - g.pad[0] + kz * g.dilation[0];
        if (iz < 0 || iz >= g.in[0]) continue;
        for (std::int64_t ky = 0; ky < g.kernel[1]; ++ky) {
          const std::int64_t iy = y * g.stride[1] - g.pad[1] + ky * g.dilation[1];
          if (iy < 0 || iy >= g.in[1]) continue;
          for (std::int64_t kx = 0; kx < g.kernel[2]; ++kx) {
            const std::int64_t ix = x * g.stride[2] - g.pad[2] + kx * g.dilation[2];
            if (ix < 0 || ix >= g.in[2]) continue;
            f(n * g.src_strides[0] + iz * g.src_strides[2] + iy * g.src_strides[3] + ix * g.src_strides[4], dst,
              ((kz * g.kernel[1] + ky) * g.kernel[2] + kx) * tap);
          }
        }
      }
    }
}

}  // namespace detail

/// dst must be zero.
template <class T>
void convolve(const ConvolutionGeometry& g, const T* src, const T* filter, T* dst, int threads) {
  const std::int64_t in_group = g.in_channels / g.groups, out_group = g.out_channels / g.groups;
  const std::int64_t cost = g.out[1] * g.out[2] * g.kernel[0] * g.kernel[1] * g.kernel[2] * in_group * g.out_channels;
  parallel_for(threads, g.batch * g.out[0], cost, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin; at < end; ++at)
      detail::for_taps(g, at / g.out[0], at % g.out[0], [&](std::int64_t s, std::int64_t d, std::int64_t f) {
        for (std::int64_t group = 0; group < g.groups; ++group)
          for (std::int64_t i = 0; i < in_group; ++i) {
            const T value = src[s + (group * in_group + i) * g.src_strides[1]];
            const T* row = filter + f + i * g.out_channels + group * out_group;
            T* to = dst + d + group * out_group * g.dst_strides[1];
            for (std::int64_t o = 0; o < out_group; ++o) to[o * g.dst_strides[1]] += value * row[o];
          }
      });
  });
}

/// The gradient with respect to the input: adds to `src`, which must be zero.
template <class T>
void convolve_backward_input(const ConvolutionGeometry& g, const T* dst, const T* filter, T* src, int threads) {
  const std::int64_t in_group = g.in_channels / g.groups, out_group = g.out_channels / g.groups;
  const std::int64_t cost =
      g.out[0] * g.out[1] * g.out[2] * g.kernel[0] * g.kernel[1] * g.kernel[2] * in_group * g.out_channels;
  parallel_for(threads, g.batch, cost, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n)
      for (std::int64_t z = 0; z < g.out[0]; ++z)
        detail::for_taps(g, n, z, [&](std::int64_t s, std::int64_t d, std::int64_t f) {
          for (std::int64_t group = 0; group < g.groups; ++group)
            for (std::int64_t i = 0; i < in_group; ++i) {
              const T* row = filter + f + i * g.out_channels + group * out_group;
              const T* from = dst + d + group * out_group * g.dst_strides[1];
              T sum = 0;
              for (std::int64_t o = 0; o < out_group; ++o) sum += from[o * g.dst_strides[1]] * row[o];
              src[s + (group * in_group + i) * g.src_strides[1]] += sum;
            }
        });
  });
}

/// The gradient with respect to the filter: adds to `filter`, which must be zero.
template <class T>
void convolve_backward_filter(const ConvolutionGeometry& g, const T* src, const T* dst, T* filter) {
  const std::int64_t in_group = g.in_channels / g.groups, out_group = g.out_channels / g.groups;
  for (std::int64_t n = 0; n < g.batch; ++n)
    for (std::int64_t z = 0; z < g.out[0]; ++z)
      detail::for_taps(g, n, z, [&](std::int64_t s, std::int64_t d, std::int64_t f) {
        for (std::int64_t group = 0; group < g.groups; ++group)
          for (std::int64_t i = 0; i < in_group; ++i) {
            const T value = src[s + (group * in_group + i) * g.src_strides[1]];
            T* row = filter + f + i * g.out_channels + group * out_group;
            const T* from = dst + d + group * out_group * g.dst_strides[1];
            for (std::int64_t o = 0; o < out_group; ++o) row[o] += value * from[o * g.dst_strides[1]];
          }
      });
}

}  // namespace isotherm::cpu
