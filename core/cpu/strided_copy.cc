#include "core/cpu/strided_copy.h"

#include <array>
#include <cstring>

#include "core/cpu/parallel.h"

namespace isotherm::cpu {
namespace {

using Wide = std::array<std::uint64_t, 2>;

/// Drops dimensions of one element and merges neighbours that both sides walk as one.
void simplify(StridedCopy& c) {
  StridedCopy s;
  for (std::size_t d = 0; d < c.dims.size(); ++d) {
    if (c.dims[d] == 1) continue;
    if (!s.dims.empty() && s.src_strides.back() == c.src_strides[d] * c.dims[d] &&
        s.dst_strides.back() == c.dst_strides[d] * c.dims[d]) {
      s.dims.back() *= c.dims[d];
      s.src_strides.back() = c.src_strides[d];
      s.dst_strides.back() = c.dst_strides[d];
    } else {
      s.dims.push_back(c.dims[d]);
      s.src_strides.push_back(c.src_strides[d]);
      s.dst_strides.push_back(c.dst_strides[d]);
    }
  }
  if (s.dims.empty()) {
    s.dims = {1};
    s.src_strides = s.dst_strides = {1};
  }
  s.src_offset = c.src_offset;
  s.dst_offset = c.dst_offset;
  c = std::move(s);
}

/// Calls row(src index, dst index) for rows [begin, end) of all dimensions but the last.
template <class F>
void walk(const StridedCopy& c, std::int64_t begin, std::int64_t end, F&& row) {
  const std::size_t last = c.dims.size() - 1;
  std::vector<std::int64_t> index(last);
  std::int64_t src = c.src_offset, dst = c.dst_offset, rest = begin;
  for (std::size_t d = last; d-- > 0;) {
    index[d] = rest % c.dims[d];
    rest /= c.dims[d];
    src += index[d] * c.src_strides[d];
    dst += index[d] * c.dst_strides[d];
  }
  for (std::int64_t r = begin; r < end; ++r) {
    row(src, dst);
    for (std::size_t d = last; d-- > 0;) {
      src += c.src_strides[d];
      dst += c.dst_strides[d];
      if (++index[d] < c.dims[d]) break;
      src -= c.dims[d] * c.src_strides[d];
      dst -= c.dims[d] * c.dst_strides[d];
      index[d] = 0;
    }
  }
}

template <class T>
void copy_typed(const StridedCopy& c, const T* src, T* dst, int threads) {
  const std::int64_t n = c.dims.back(), src_step = c.src_strides.back(), dst_step = c.dst_strides.back();
  std::int64_t rows = 1;
  for (std::size_t d = 0; d + 1 < c.dims.size(); ++d) rows *= c.dims[d];
  if (rows == 1 && n * threads > kParallelGrain * 4 && src_step == 1 && dst_step == 1) {
    parallel_for(threads, n, 1, [&](std::int64_t b, std::int64_t e) {
      std::memcpy(dst + c.dst_offset + b, src + c.src_offset + b, static_cast<std::size_t>(e - b) * sizeof(T));
    });
    return;
  }
  parallel_for(threads, rows, n, [&](std::int64_t begin, std::int64_t end) {
    walk(c, begin, end, [&](std::int64_t from, std::int64_t to) {
      const T* s = src + from;
      T* d = dst + to;
      if (src_step == 1 && dst_step == 1) {
        std::memcpy(d, s, static_cast<std::size_t>(n) * sizeof(T));
      } else {
        for (std::int64_t i = 0; i < n; ++i) d[i * dst_step] = s[i * src_step];
      }
    });
  });
}

template <class Vector>
void copy_values(const StridedCopy& c, const Vector& src, Vector& dst) {
  std::int64_t rows = 1;
  for (std::size_t d = 0; d + 1 < c.dims.size(); ++d) rows *= c.dims[d];
  walk(c, 0, rows, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = 0; i < c.dims.back(); ++i)
      dst[static_cast<std::size_t>(to + i * c.dst_strides.back())] =
          src[static_cast<std::size_t>(from + i * c.src_strides.back())];
  });
}

bool holds_objects(DType dtype) { return dtype == DType::resource || dtype == DType::variant; }

}  // namespace

void copy_strided(StridedCopy c, const Tensor& src, Tensor& dst, int threads) {
  for (const std::int64_t d : c.dims)
    if (d == 0) return;
  simplify(c);
  if (src.dtype() == DType::string) return copy_values(c, src.string_values(), strings_of(dst));
  if (holds_objects(src.dtype())) return copy_values(c, src.object_values(), objects_of(dst));
  const auto as = [&]<class T>(T) {
    copy_typed(c, reinterpret_cast<const T*>(src.raw()), reinterpret_cast<T*>(dst.raw()), threads);
  };
  switch (dtype_size(src.dtype())) {
    case 1:
      return as(std::uint8_t());
    case 2:
      return as(std::uint16_t());
    case 4:
      return as(std::uint32_t());
    case 8:
      return as(std::uint64_t());
    default:
      return as(Wide());
  }
}

void fill_with(Tensor& dst, const Tensor* value) {
  const std::int64_t n = dst.elements();
  if (n == 0) return;
  if (!value || value->elements() == 0 || value->dtype() != dst.dtype()) {
    if (dst.byte_size() > 0) std::memset(dst.raw(), 0, dst.byte_size());
    return;  // strings and objects start empty
  }
  if (n > 1 && dtype_size(dst.dtype()) > 0 && dst.byte_size() >= 16) {
    const std::size_t size = dtype_size(dst.dtype()), total = dst.byte_size();
    std::memcpy(dst.raw(), value->raw(), size);
    for (std::size_t done = size; done < total;) {
      const std::size_t more = std::min(done, total - done);
      std::memcpy(dst.raw() + done, dst.raw(), more);
      done += more;
    }
    return;
  }
  copy_strided({{n}, {0}, {1}}, *value, dst, 1);
}

void copy_elements(const Tensor& src, std::int64_t src_at, Tensor& dst, std::int64_t dst_at, std::int64_t n) {
  if (n <= 0) return;
  const std::size_t size = dtype_size(src.dtype());
  if (size > 0)
    std::memcpy(dst.raw() + static_cast<std::size_t>(dst_at) * size,
                src.raw() + static_cast<std::size_t>(src_at) * size, static_cast<std::size_t>(n) * size);
  else
    copy_strided({{n}, {1}, {1}, src_at, dst_at}, src, dst, 1);
}

}  // namespace isotherm::cpu
