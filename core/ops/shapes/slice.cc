// Ops that take parts: Slice, StridedSlice, Split, SplitV, reversal.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status slice(ShapeContext& c) {
  ShapeHandle input = c.input(0);
  ISO_ASSIGN(ShapeHandle begin_shape, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle size_shape, c.with_rank(c.input(2), 1));
  ISO_ASSIGN(begin_shape, c.merge(begin_shape, size_shape));
  if (const DimHandle rank = c.dim(begin_shape, 0); c.known(rank)) {
    ISO_ASSIGN(input, c.with_rank(input, c.value(rank)));
  }
  ISO_ASSIGN(ShapeHandle begin, c.from_input(1));
  const auto sizes = c.integers(2);
  if (sizes) {
    ISO_ASSIGN(begin, c.with_rank(begin, static_cast<std::int64_t>(sizes->size())));
    ShapeContext::Dims dims;
    for (std::size_t i = 0; i < sizes->size(); ++i) {
      const std::int64_t size = (*sizes)[i];
      const DimHandle whole = c.dim(c.input(0), static_cast<std::int64_t>(i));
      const DimHandle from = c.dim(begin, static_cast<std::int64_t>(i));
      if (size == -1) {
        ISO_ASSIGN(const DimHandle d, c.subtract(whole, from));
        dims.push_back(d);
        continue;
      }
      if (size < 0 || (c.known(whole) && c.known(from) &&
                       (c.value(from) > c.value(whole) || size > c.value(whole) - c.value(from)))) {
        return invalid_input("dimension " + std::to_string(i) + " is cut from " + std::to_string(c.value(from)) +
                             " with size " + std::to_string(size) + ", expected a part of it");
      }
      dims.push_back(c.make_dim(size));
    }
    c.set_output(0, c.make_shape(dims));
    return {};
  }
  ISO_ASSIGN(const ShapeHandle partial_sizes, c.from_input(2));
  if (c.has_rank(partial_sizes)) {
    ISO_TRY(c.with_rank(begin, c.rank(partial_sizes)).status());
    ShapeContext::Dims dims;
    for (int i = 0; i < c.rank(partial_sizes); ++i) dims.push_back(c.dim(partial_sizes, i));
    c.set_output(0, c.make_shape(dims));
    return {};
  }
  c.set_output(0, c.has_rank(input) ? c.unknown_shape_of_rank(c.rank(input)) : c.unknown_shape());
  return {};
}

/// What StridedSlice does along one dimension of its input, or to add one.
struct SliceStep {
  int from = -1;   ///< dimension of the input; -1: a new one of size 1
  int entry = -1;  ///< index into begin, end, strides; -1: whole dimension
};

/// Lays the entries of begin, end and strides out over the dimensions of the input.
Result<std::vector<SliceStep>> lay_out(const ShapeContext& c, int entries, int rank) {
  const auto bit = [&](const char* mask, int i) { return ((c.attrs().get_int(mask) >> i) & 1) != 0; };
  int ellipsis = -1;
  int fixed = 0;
  for (int i = 0; i < entries; ++i) {
    if (bit("ellipsis_mask", i)) {
      if (ellipsis >= 0) return invalid_input("ellipsis_mask has several bits, expected at most one");
      ellipsis = i;
    } else if (!bit("new_axis_mask", i)) {
      ++fixed;
    }
  }
  if (fixed > rank) {
    return invalid_input("it has " + std::to_string(fixed) + " indices for " + std::to_string(rank) +
                         " dimensions, expected at most as many");
  }
  std::vector<SliceStep> steps;
  int at = 0;
  const auto whole = [&](int count) {
    for (int k = 0; k < count; ++k) steps.push_back({at++, -1});
  };
  for (int i = 0; i < entries; ++i) {
    if (i == ellipsis)
      whole(rank - fixed);
    else if (bit("new_axis_mask", i))
      steps.push_back({-1, i});
    else
      steps.push_back({at++, i});
  }
  whole(rank - at);
  return steps;
}

/// One end of a slice along a known dimension: an index, or the dimension's own end where it is masked.
struct SliceEnd {
  std::int64_t index = 0;
  bool open = false;
};

std::int64_t sliced_length(std::int64_t dim, SliceEnd begin, SliceEnd end, std::int64_t stride) {
  const std::int64_t low = stride > 0 ? 0 : -1;
  const std::int64_t high = stride > 0 ? dim : dim - 1;
  const auto place = [&](std::int64_t v) { return std::clamp(v < 0 ? v + dim : v, low, high); };
  const std::int64_t from = begin.open ? (stride > 0 ? low : high) : place(begin.index);
  const std::int64_t to = end.open ? (stride > 0 ? high : low) : place(end.index);
  const std::int64_t interval = to - from;
  if (interval == 0 || (interval < 0) != (stride < 0)) return 0;
  return interval / stride + (interval % stride != 0 ? 1 : 0);
}

Status strided_slice(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  ISO_ASSIGN(ShapeHandle entries_shape, c.with_rank(c.input(1), 1));
  for (int i = 2; i <= 3; ++i) {
    ISO_ASSIGN(const ShapeHandle s, c.with_rank(c.input(i), 1));
    ISO_ASSIGN(entries_shape, c.merge(entries_shape, s));
  }
  const DimHandle entries_dim = c.dim(entries_shape, 0);
  const auto strides = c.integers(3);
  if (c.handle(0)) c.set_output_handle(0, c.handle(0));
  if (!c.has_rank(input) || !c.known(entries_dim) || !strides) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  const auto entries = static_cast<int>(strides->size());
  const auto begins = c.integers(1);
  const auto ends = c.integers(2);
  if (entries > 32 || (begins && begins->size() != strides->size()) || (ends && ends->size() != strides->size())) {
    return invalid_input("begin, end and strides have " + std::to_string(entries) +
                         " entries or different lengths, expected equal ones of at most 32");
  }
  ISO_ASSIGN(const std::vector<SliceStep> steps, lay_out(c, entries, c.rank(input)));
  const auto bit = [&](const char* mask, int i) { return i >= 0 && ((c.attrs().get_int(mask) >> i) & 1) != 0; };
  ShapeContext::Dims dims;
  for (const SliceStep& step : steps) {
    if (step.from < 0) {
      dims.push_back(c.make_dim(1));
      continue;
    }
    const std::int64_t dim = c.value(c.dim(input, step.from));
    if (step.entry < 0) {
      dims.push_back(dim < 0 ? c.unknown_dim() : c.make_dim(dim));
      continue;
    }
    const auto at = static_cast<std::size_t>(step.entry);
    const std::int64_t stride = (*strides)[at];
    const SliceEnd begin{begins ? (*begins)[at] : 0, bit("begin_mask", step.entry)};
    const SliceEnd end{ends ? (*ends)[at] : 0, bit("end_mask", step.entry)};
    if (stride == 0) return invalid_input("strides[" + std::to_string(step.entry) + "] is 0, expected another number");
    if (bit("shrink_axis_mask", step.entry)) {
      if (stride < 0) {
        return invalid_input("a single index has stride " + std::to_string(stride) + ", expected 1 or more");
      }
      if (begins && !begin.open && dim >= 0 && (begin.index < -dim || begin.index >= dim)) {
        return invalid_input("index " + std::to_string(begin.index) + " of dimension " + std::to_string(step.from) +
                             " found, expected one of [" + std::to_string(-dim) + "," + std::to_string(dim) + ")");
      }
      continue;
    }
    // A length follows from a known dimension and from both ends; a part of an unknown dimension may be cut short.
    const bool follows = dim >= 0 && ((begins && ends) || (begin.open && end.open));
    dims.push_back(follows ? c.make_dim(sliced_length(dim, begin, end, stride)) : c.unknown_dim());
  }
  c.set_output(0, c.make_shape(dims));
  return {};
}

Status split(ShapeContext& c) {
  ShapeHandle input = c.input(1);
  ISO_ASSIGN(const std::optional<std::int64_t> axis, c.axis_from_scalar(0, c.rank(input)));
  if (!axis) {
    c.set_all_outputs(c.has_rank(input) ? c.unknown_shape_of_rank(c.rank(input)) : c.unknown_shape());
    return {};
  }
  ISO_ASSIGN(input, c.with_rank_at_least(input, *axis + 1));
  ISO_ASSIGN(const DimHandle part, c.divide(c.dim(input, *axis), static_cast<std::int64_t>(c.outputs()), true));
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, *axis, part));
  c.set_all_outputs(out);
  return {};
}

Status split_v(ShapeContext& c) {
  ShapeHandle input = c.input(0);
  const int rank = c.rank(input);
  ISO_ASSIGN(const std::optional<std::int64_t> axis, c.axis_from_scalar(2, rank));
  if (rank == 0) return invalid_input("a scalar is split, expected at least a vector");
  if (rank < 0) return all_unknown(c);
  const auto sizes = c.integers(1);
  if (!axis && !sizes) {
    for (int i = 0; i < c.outputs(); ++i) c.set_output(i, c.unknown_shape_of_rank(rank));
    return {};
  }
  // Where only the sizes are known TensorFlow takes the last dimension for the one that is split.
  const std::int64_t at = axis.value_or(rank - 1);
  const DimHandle whole = c.dim(input, at);
  if (!sizes) {
    for (int i = 0; i < c.outputs(); ++i) {
      ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, at, c.unknown_dim()));
      c.set_output(i, out);
    }
    return {};
  }
  if (sizes->size() != static_cast<std::size_t>(c.outputs())) {
    return invalid_input("size_splits has " + std::to_string(sizes->size()) + " entries, expected " +
                         std::to_string(c.outputs()));
  }
  std::int64_t total = 0;
  int rests = 0;
  for (const std::int64_t size : *sizes) {
    if (size == -1)
      ++rests;
    else if (size < -1 || __builtin_add_overflow(total, size, &total)) {
      return invalid_input("size_splits has " + std::to_string(size) + ", expected a size or -1");
    }
  }
  const std::int64_t n = c.value(whole);
  if (rests > 1 || (n >= 0 && (rests ? total > n : total != n))) {
    return invalid_input("size_splits add up to " + std::to_string(total) + ", expected the dimension's size");
  }
  for (int i = 0; i < c.outputs(); ++i) {
    std::int64_t size = (*sizes)[static_cast<std::size_t>(i)];
    if (size == -1 && n >= 0) size = n - total;
    ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, at, c.make_dim(size)));
    c.set_output(i, out);
  }
  return {};
}

Status reverse_v2(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  ISO_TRY(c.with_rank(c.input(1), 1).status());
  const int rank = c.rank(input);
  if (const auto axes = c.integers(1); axes && rank >= 0) {
    for (const std::int64_t axis : *axes) {
      if (axis < -rank || axis >= rank) {
        return invalid_input("axis " + std::to_string(axis) + " found, expected one of [" + std::to_string(-rank) +
                             "," + std::to_string(rank) + ")");
      }
    }
  }
  c.set_output(0, input);
  return {};
}

Status reverse_sequence(ShapeContext& c) {
  const ShapeHandle input = c.input(0);
  ISO_ASSIGN(const ShapeHandle lengths, c.with_rank(c.input(1), 1));
  if (!c.has_rank(input)) {
    c.set_output(0, c.unknown_shape());
    return {};
  }
  const std::int64_t batch_dim = c.attrs().get_int("batch_dim");
  const std::int64_t seq_dim = c.attrs().get_int("seq_dim");
  if (batch_dim < 0 || seq_dim < 0 || batch_dim >= c.rank(input) || seq_dim >= c.rank(input)) {
    return invalid_input("batch_dim " + std::to_string(batch_dim) + " and seq_dim " + std::to_string(seq_dim) +
                         " found, expected dimensions of a rank " + std::to_string(c.rank(input)) + " tensor");
  }
  ISO_ASSIGN(const DimHandle batch, c.merge(c.dim(input, batch_dim), c.dim(lengths, 0)));
  ISO_ASSIGN(const ShapeHandle out, c.replace_dim(input, batch_dim, batch));
  c.set_output(0, out);
  return {};
}

}  // namespace

void register_slice_shapes(ShapeRegistry& registry) {
  registry.add("Slice", slice);
  registry.add("StridedSlice", strided_slice);
  registry.add("Split", split);
  registry.add("SplitV", split_v);
  registry.add("ReverseV2", reverse_v2);
  registry.add("ReverseSequence", reverse_sequence);
}

}  // namespace isotherm::shapes
