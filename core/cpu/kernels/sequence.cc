// Range, LinSpace, OneHot, Assert, counts and histograms, sets of a vector.
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

Status run_range(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  for (int i = 0; i < 3; ++i)
    if (context.input(i).elements() != 1)
      return invalid_input("input " + std::to_string(i) + " has shape " + context.input(i).shape().to_string() +
                           "; expected a scalar");
  return for_numbers(context.input(0).dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T start = *in<T>(context.input(0)), limit = *in<T>(context.input(1)), delta = *in<T>(context.input(2));
    if (delta == T(0)) return invalid_input("delta is 0; expected any other step");
    if (delta > T(0) ? start > limit : start < limit)
      return invalid_input("the range runs from " + std::to_string(start) + " to " + std::to_string(limit) +
                           " with a step of " + std::to_string(delta) + ", which leads away");
    double count;
    if constexpr (std::is_integral_v<T>) {
      const auto span = limit > start ? static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(start)
                                      : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(limit);
      const auto step = delta > 0 ? static_cast<std::uint64_t>(delta) : 0 - static_cast<std::uint64_t>(delta);
      count = static_cast<double>(span / step + (span % step != 0 ? 1 : 0));
    } else {
      count = std::ceil(std::abs(static_cast<double>((limit - start) / delta)));
    }
    if (!(count < 0x1p40))
      return invalid_input("the range has " + std::to_string(count) + " values; expected fewer than 2^40");
    ISO_ASSIGN(Tensor result, context.allocate(context.input(0).dtype(), Shape{static_cast<std::int64_t>(count)}));
    for (std::int64_t i = 0; i < result.elements(); ++i) {
      if constexpr (std::is_integral_v<T>)
        out<T>(result)[i] = static_cast<T>(static_cast<std::uint64_t>(start) +
                                           static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(delta));
      else
        out<T>(result)[i] = start + static_cast<T>(i) * delta;
    }
    context.set_output(0, std::move(result));
    return {};
  });
}

Status run_lin_space(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  ISO_ASSIGN(const std::int64_t n, integer_of(context.input(2), "num"));
  if (n < 1 || context.input(0).elements() != 1 || context.input(1).elements() != 1)
    return invalid_input("num is " + std::to_string(n) + "; expected 1 or more, and scalars for start and stop");
  ISO_ASSIGN(Tensor result, context.allocate(context.input(0).dtype(), Shape{n}));
  ISO_TRY(for_real(result.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T start = *in<T>(context.input(0)), stop = *in<T>(context.input(1));
    const T step = n > 1 ? (stop - start) / static_cast<T>(n - 1) : T(0);
    for (std::int64_t i = 0; i < n; ++i)
      out<T>(result)[i] = i == n - 1 && n > 1 ? stop : start + step * static_cast<T>(i);
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_one_hot(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 4));
  const Tensor& indices = context.input(0);
  ISO_ASSIGN(const std::int64_t depth, integer_of(context.input(1), "depth"));
  const Tensor& on = context.input(2);
  const Tensor& off = context.input(3);
  if (depth < 0) return invalid_input("depth is " + std::to_string(depth) + "; expected 0 or more");
  if (on.elements() != 1 || off.elements() != 1 || on.dtype() != off.dtype())
    return invalid_input("on and off are no scalars of one dtype");
  ISO_ASSIGN(const int axis, normalise_axis(node.attrs.get_int("axis", -1), indices.rank() + 1));
  std::vector<std::int64_t> dims = indices.shape().dims();
  dims.insert(dims.begin() + axis, depth);
  ISO_ASSIGN(Shape shape, shape_from(dims));
  ISO_ASSIGN(Tensor result, context.allocate(on.dtype(), std::move(shape)));
  fill_with(result, &off);
  const std::int64_t inner = product(indices.shape(), axis, indices.rank());
  for (std::int64_t i = 0; i < indices.elements(); ++i) {
    const std::int64_t at = integer_at(indices, i);
    if (at >= 0 && at < depth) copy_elements(on, 0, result, (i / inner * depth + at) * inner + i % inner, 1);
  }
  context.set_output(0, std::move(result));
  return {};
}

Status run_assert(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& condition = context.input(0);
  if (condition.dtype() != DType::boolean || condition.elements() != 1)
    return invalid_input("the condition has shape " + condition.shape().to_string() + "; expected one bool");
  if (integer_at(condition, 0) != 0) return {};
  std::string text = "assertion failed:";
  const std::int64_t most = node.attrs.get_int("summarize", 3);
  for (int i = 1; i < context.input_count(); ++i) {
    const Tensor& t = context.input(i);
    const std::int64_t n = most < 0 ? t.elements() : std::min(most, t.elements());
    text += " [";
    for (std::int64_t k = 0; k < n; ++k) {
      if (k > 0) text += ' ';
      if (t.dtype() == DType::string)
        text += t.string_values()[static_cast<std::size_t>(k)];
      else if (is_floating(t.dtype()))
        text += std::to_string(number_at(t, k));
      else
        text += std::to_string(integer_at(t, k));
    }
    text += n < t.elements() ? "...]" : "]";
  }
  return invalid_input(text);
}

Status run_bincount(KernelContext& context, const Node& node) {
  const bool dense = node.op == "DenseBincount";
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& values = context.input(0);
  ISO_ASSIGN(const std::int64_t size, integer_of(context.input(1), "size"));
  const Tensor& weights = context.input(2);
  if (size < 0) return invalid_input("size is " + std::to_string(size) + "; expected 0 or more");
  if (weights.elements() != 0 && weights.elements() != values.elements())
    return invalid_input("weights have shape " + weights.shape().to_string() + "; expected none or " +
                         values.shape().to_string());
  const bool rows = dense && values.rank() == 2, binary = dense && node.attrs.get_bool("binary_output");
  const std::int64_t lines = rows ? values.dim(0) : 1, n = lines == 0 ? 0 : values.elements() / lines;
  ISO_ASSIGN(Tensor result, context.allocate(weights.dtype(), rows ? Shape{lines, size} : Shape{size}));
  fill_with(result, nullptr);
  ISO_TRY(for_numbers(weights.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t i = 0; i < values.elements(); ++i) {
      const std::int64_t v = integer_at(values, i);
      if (v < 0) return invalid_input("a value is " + std::to_string(v) + "; expected 0 or more");
      if (v >= size) continue;
      T& to = out<T>(result)[i / n * size + v];
      to = binary ? T(1) : static_cast<T>(to + (weights.elements() != 0 ? in<T>(weights)[i] : T(1)));
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_histogram(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& values = context.input(0);
  const Tensor& range = context.input(1);
  ISO_ASSIGN(const std::int64_t bins, integer_of(context.input(2), "nbins"));
  if (range.elements() != 2 || bins < 1)
    return invalid_input("the range has shape " + range.shape().to_string() + " and nbins is " + std::to_string(bins) +
                         "; expected two values and 1 or more");
  const double low = number_at(range, 0), high = number_at(range, 1);
  if (!(low < high))
    return invalid_input("the range runs from " + std::to_string(low) + " to " + std::to_string(high) +
                         "; expected it to rise");
  std::vector<std::int64_t> counts(static_cast<std::size_t>(bins), 0);
  const double step = (high - low) / static_cast<double>(bins);
  for (std::int64_t i = 0; i < values.elements(); ++i) {
    const double at = std::floor((number_at(values, i) - low) / step);
    ++counts[static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(bins - 1)))];
  }
  ISO_ASSIGN(Tensor result, index_vector(context, node.attrs.get_type("dtype", DType::int32), counts));
  context.set_output(0, std::move(result));
  return {};
}

/// A comparable key of element i.
std::string key_of(const Tensor& t, std::int64_t i) {
  if (t.dtype() == DType::string) return t.string_values()[static_cast<std::size_t>(i)];
  const std::size_t size = dtype_size(t.dtype());
  return std::string(reinterpret_cast<const char*>(t.raw()) + static_cast<std::size_t>(i) * size, size);
}

Status run_list_diff(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  std::unordered_map<std::string, bool> drop;
  for (std::int64_t i = 0; i < context.input(1).elements(); ++i) drop[key_of(context.input(1), i)] = true;
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < x.elements(); ++i)
    if (!drop.contains(key_of(x, i))) kept.push_back(i);
  ISO_ASSIGN(Tensor values, context.allocate(x.dtype(), Shape{static_cast<std::int64_t>(kept.size())}));
  for (std::size_t i = 0; i < kept.size(); ++i) copy_elements(x, kept[i], values, static_cast<std::int64_t>(i), 1);
  ISO_ASSIGN(Tensor index, index_vector(context, node.attrs.get_type("out_idx", DType::int32), kept));
  context.set_output(0, std::move(values));
  context.set_output(1, std::move(index));
  return {};
}

/// Unique, UniqueWithCounts: values in order of first appearance, where each element went, how often each came.
Status run_unique(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_TRY(expect_rank(x, 1, "the input"));
  std::unordered_map<std::string, std::int64_t> seen;
  std::vector<std::int64_t> first, index, counts;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const auto [it, added] = seen.emplace(key_of(x, i), static_cast<std::int64_t>(first.size()));
    if (added) {
      first.push_back(i);
      counts.push_back(0);
    }
    index.push_back(it->second);
    ++counts[static_cast<std::size_t>(it->second)];
  }
  ISO_ASSIGN(Tensor values, context.allocate(x.dtype(), Shape{static_cast<std::int64_t>(first.size())}));
  for (std::size_t i = 0; i < first.size(); ++i) copy_elements(x, first[i], values, static_cast<std::int64_t>(i), 1);
  const DType dtype = node.attrs.get_type("out_idx", DType::int32);
  ISO_ASSIGN(Tensor where, index_vector(context, dtype, index));
  context.set_output(0, std::move(values));
  context.set_output(1, std::move(where));
  if (node.op == "UniqueWithCounts") {
    ISO_ASSIGN(Tensor many, index_vector(context, dtype, counts));
    context.set_output(2, std::move(many));
  }
  return {};
}

}  // namespace

void register_sequence(KernelRegistry& r) {
  r.add("Range", run_range, HalfFloats::as_float);
  r.add("LinSpace", run_lin_space, HalfFloats::as_float);
  r.add("OneHot", run_one_hot);
  r.add("Assert", run_assert);
  r.add({"Bincount", "DenseBincount"}, run_bincount);
  r.add("HistogramFixedWidth", run_histogram);
  r.add("ListDiff", run_list_diff);
  r.add({"Unique", "UniqueWithCounts"}, run_unique);
}

}  // namespace isotherm::cpu
