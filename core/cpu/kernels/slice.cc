// Slice, StridedSlice, Split, SplitV, Unpack.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// A part of a tensor as an output.
Status set_part(KernelContext& context, int port, const Tensor& x, StridedCopy copy, Shape shape) {
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), shape));
  copy.dst_strides = strides_of(Shape(copy.dims));
  copy_strided(std::move(copy), x, result, context.threads());
  context.set_output(port, std::move(result));
  return {};
}

Status run_slice(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  const std::vector<std::int64_t> begin = integers_of(context.input(1));
  std::vector<std::int64_t> size = integers_of(context.input(2));
  const auto rank = static_cast<std::size_t>(x.rank());
  if (begin.size() != rank || size.size() != rank)
    return invalid_input("begin and size have " + std::to_string(begin.size()) + " and " + std::to_string(size.size()) +
                         " values; expected " + std::to_string(rank));
  StridedCopy copy;
  copy.src_strides = strides_of(x.shape());
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t dim = x.dim(static_cast<int>(i));
    if (size[i] == -1) size[i] = dim - begin[i];
    if (begin[i] < 0 || begin[i] > dim || size[i] < 0 || size[i] > dim - begin[i])
      return invalid_input("a slice from " + std::to_string(begin[i]) + " of size " + std::to_string(size[i]) +
                           " leaves dimension " + std::to_string(i) + " of size " + std::to_string(dim));
    copy.src_offset += begin[i] * copy.src_strides[i];
  }
  if (x.shape().dims() == size) {
    context.set_output(0, x);
    return {};
  }
  copy.dims = size;
  return set_part(context, 0, x, std::move(copy), Shape(size));
}

/// A strided slice spelled out: one range per dimension of the input, and the shape of the result.
struct Ranges {
  std::vector<std::int64_t> begin, size, stride;
  Shape shape;
};

struct SliceMasks {
  std::int64_t begin = 0, end = 0, ellipsis = 0, new_axis = 0, shrink = 0;
  explicit SliceMasks(const AttrMap& attrs)
      : begin(attrs.get_int("begin_mask")),
        end(attrs.get_int("end_mask")),
        ellipsis(attrs.get_int("ellipsis_mask")),
        new_axis(attrs.get_int("new_axis_mask")),
        shrink(attrs.get_int("shrink_axis_mask")) {}
};

Status add_range(Ranges& r, std::int64_t dim, std::int64_t begin, std::int64_t end, std::int64_t stride,
                 bool open_begin, bool open_end, bool shrink, std::size_t spec) {
  if (stride == 0) return invalid_input("stride " + std::to_string(spec) + " is 0; expected any other value");
  if (shrink) {
    const std::int64_t at = begin < 0 ? begin + dim : begin;
    if (stride < 0 || at < 0 || at >= dim)
      return invalid_input("index " + std::to_string(begin) + " is outside a dimension of size " + std::to_string(dim));
    r.begin.push_back(at);
    r.size.push_back(1);
    r.stride.push_back(1);
    return {};
  }
  const std::int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? dim : dim - 1;
  const auto bounded = [&](std::int64_t v) { return std::clamp(v < 0 ? v + dim : v, lowest, highest); };
  const std::int64_t from = open_begin ? (stride > 0 ? 0 : dim - 1) : bounded(begin);
  const std::int64_t to = open_end ? (stride > 0 ? dim : -1) : bounded(end);
  const std::int64_t length = to - from;
  const bool none = length == 0 || (length < 0) != (stride < 0);
  const std::int64_t size = none ? 0 : length / stride + (length % stride != 0 ? 1 : 0);
  r.begin.push_back(from);
  r.size.push_back(size);
  r.stride.push_back(stride);
  r.shape.add_dim(size);
  return {};
}

Result<Ranges> strided_ranges(const Tensor& x, const std::vector<std::int64_t>& begin,
                              const std::vector<std::int64_t>& end, const std::vector<std::int64_t>& stride,
                              const SliceMasks& masks) {
  const std::size_t specs = begin.size();
  if (end.size() != specs || stride.size() != specs || specs > 62)
    return invalid_input("begin, end and strides have " + std::to_string(specs) + ", " + std::to_string(end.size()) +
                         " and " + std::to_string(stride.size()) + " values; expected as many of each");
  std::int64_t real = 0;
  bool has_ellipsis = false;
  for (std::size_t i = 0; i < specs; ++i) {
    if (masks.ellipsis >> i & 1) {
      if (has_ellipsis) return invalid_input("the slice has two ellipses; expected one at most");
      has_ellipsis = true;
    } else if (!(masks.new_axis >> i & 1)) {
      ++real;
    }
  }
  if (real > x.rank())
    return invalid_input("the slice names " + std::to_string(real) + " dimensions of a tensor of shape " +
                         x.shape().to_string());
  Ranges r;
  int dim = 0;
  const auto whole = [&](std::int64_t count) {
    for (; count > 0; --count, ++dim) {
      r.begin.push_back(0);
      r.size.push_back(x.dim(dim));
      r.stride.push_back(1);
      r.shape.add_dim(x.dim(dim));
    }
  };
  for (std::size_t i = 0; i < specs; ++i) {
    if (masks.ellipsis >> i & 1) {
      whole(x.rank() - real);
    } else if (masks.new_axis >> i & 1) {
      r.shape.add_dim(1);
    } else {
      ISO_TRY(add_range(r, x.dim(dim), begin[i], end[i], stride[i], masks.begin >> i & 1, masks.end >> i & 1,
                        masks.shrink >> i & 1, i));
      ++dim;
    }
  }
  whole(x.rank() - dim);
  return r;
}

Result<Ranges> strided_ranges_of(KernelContext& context, const Node& node, const Tensor& x, int first) {
  return strided_ranges(x, integers_of(context.input(first)), integers_of(context.input(first + 1)),
                        integers_of(context.input(first + 2)), SliceMasks(node.attrs));
}

Status run_strided_slice(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 4));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Ranges r, strided_ranges_of(context, node, x, 1));
  StridedCopy copy;
  copy.dims = r.size;
  copy.src_strides = strides_of(x.shape());
  bool whole = true;
  for (std::size_t i = 0; i < r.size.size(); ++i) {
    copy.src_offset += r.begin[i] * copy.src_strides[i];
    copy.src_strides[i] *= r.stride[i];
    whole = whole && r.size[i] == x.dim(static_cast<int>(i)) && r.stride[i] == 1;
  }
  if (whole) {
    context.set_output(0, x.reshaped(std::move(r.shape)));
    return {};
  }
  return set_part(context, 0, x, std::move(copy), std::move(r.shape));
}

/// TensorStridedSliceUpdate: a copy with the slice replaced.
Status run_strided_slice_update(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 5));
  const Tensor& x = context.input(0);
  const Tensor& value = context.input(4);
  ISO_ASSIGN(const Ranges r, strided_ranges_of(context, node, x, 1));
  if (value.elements() != r.shape.elements().value_or(-1))
    return invalid_input("the value has shape " + value.shape().to_string() + "; expected " + r.shape.to_string());
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  copy_elements(x, 0, result, 0, x.elements());
  StridedCopy copy;
  copy.dims = r.size;
  copy.src_strides = strides_of(Shape(r.size));
  copy.dst_strides = strides_of(x.shape());
  for (std::size_t i = 0; i < r.size.size(); ++i) {
    copy.dst_offset += r.begin[i] * copy.dst_strides[i];
    copy.dst_strides[i] *= r.stride[i];
  }
  copy_strided(std::move(copy), value, result, context.threads());
  context.set_output(0, std::move(result));
  return {};
}

Status split_into(KernelContext& context, const Tensor& x, int axis, const std::vector<std::int64_t>& sizes) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Shape shape = x.shape();
    shape.set_dim(axis, sizes[i]);
    StridedCopy copy;
    copy.dims = shape.dims();
    copy.src_strides = strides_of(x.shape());
    copy.src_offset = at * copy.src_strides[static_cast<std::size_t>(axis)];
    at += sizes[i];
    ISO_TRY(set_part(context, static_cast<int>(i), x, std::move(copy), std::move(shape)));
  }
  return {};
}

Status run_split(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(1);
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(0), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  const std::int64_t parts = node.attrs.get_int("num_split", 1);
  if (parts < 1 || x.dim(axis) % parts != 0)
    return invalid_input("dimension " + std::to_string(axis) + " of shape " + x.shape().to_string() +
                         " does not divide by " + std::to_string(parts));
  return split_into(context, x, axis, std::vector<std::int64_t>(static_cast<std::size_t>(parts), x.dim(axis) / parts));
}

Status run_split_v(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(0);
  std::vector<std::int64_t> sizes = integers_of(context.input(1));
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(2), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  std::int64_t total = 0, *open = nullptr;
  for (std::int64_t& size : sizes) {
    if (size == -1 && !open)
      open = &size;
    else if (size < 0)
      return invalid_input("a split size is " + std::to_string(size) + "; expected 0 or more, or one -1");
    else
      total += size;
  }
  if (open) *open = x.dim(axis) - total;
  if (open ? *open < 0 : total != x.dim(axis))
    return invalid_input("the split sizes sum to " + std::to_string(total) + "; dimension " + std::to_string(axis) +
                         " has " + std::to_string(x.dim(axis)));
  return split_into(context, x, axis, sizes);
}

Status run_unpack(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const int axis, normalise_axis(node.attrs.get_int("axis"), x.rank()));
  const std::int64_t parts = node.attrs.get_int("num", x.dim(axis));
  if (parts != x.dim(axis))
    return invalid_input("dimension " + std::to_string(axis) + " of shape " + x.shape().to_string() + " gives no " +
                         std::to_string(parts) + " parts");
  std::vector<std::int64_t> dims = x.shape().dims();
  dims.erase(dims.begin() + axis);
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  for (std::int64_t i = 0; i < parts; ++i) {
    StridedCopy copy;
    copy.dims = dims;
    copy.src_strides = strides;
    copy.src_strides.erase(copy.src_strides.begin() + axis);
    copy.src_offset = i * strides[static_cast<std::size_t>(axis)];
    ISO_TRY(set_part(context, static_cast<int>(i), x, std::move(copy), Shape(dims)));
  }
  return {};
}

}  // namespace

void register_slice(KernelRegistry& r) {
  r.add("Slice", run_slice);
  r.add("StridedSlice", run_strided_slice);
  r.add("TensorStridedSliceUpdate", run_strided_slice_update);
  r.add("Split", run_split);
  r.add("SplitV", run_split_v);
  r.add("Unpack", run_unpack);
}

}  // namespace isotherm::cpu
