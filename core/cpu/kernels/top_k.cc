// TopKV2, NthElement, InTopK, and running sums and products.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

Status run_top_k(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  std::int64_t k = node.attrs.get_int("k");
  if (context.input_count() > 1) {
    ISO_ASSIGN(k, integer_of(context.input(1), "k"));
  }
  if (x.rank() < 1 || k < 0 || k > x.dim(x.rank() - 1))
    return invalid_input("k is " + std::to_string(k) + " for a tensor of shape " + x.shape().to_string() +
                         "; expected at most its last dimension");
  const std::int64_t n = x.dim(x.rank() - 1), rows = n == 0 ? 0 : x.elements() / n;
  Shape shape = x.shape();
  shape.set_dim(x.rank() - 1, k);
  ISO_ASSIGN(Tensor values, context.allocate(x.dtype(), shape));
  ISO_ASSIGN(Tensor indices, context.allocate(node.attrs.get_type("index_type", DType::int32), shape));
  ISO_TRY(for_numbers(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    for (std::int64_t r = 0; r < rows; ++r) {
      const T* from = in<T>(x) + r * n;
      std::iota(order.begin(), order.end(), 0);
      // The lower index first among equals.
      std::partial_sort(order.begin(), order.begin() + k, order.end(), [from](std::int64_t a, std::int64_t b) {
        return from[a] > from[b] || (from[a] == from[b] && a < b);
      });
      for (std::int64_t i = 0; i < k; ++i) {
        const std::int64_t at = order[static_cast<std::size_t>(i)];
        out<T>(values)[r * k + i] = from[at];
        if (indices.dtype() == DType::int64)
          out<std::int64_t>(indices)[r * k + i] = at;
        else if (indices.dtype() == DType::int16)
          out<std::int16_t>(indices)[r * k + i] = static_cast<std::int16_t>(at);
        else
          out<std::int32_t>(indices)[r * k + i] = static_cast<std::int32_t>(at);
      }
    }
    return {};
  }));
  context.set_output(0, std::move(values));
  context.set_output(1, std::move(indices));
  return {};
}

Status run_nth_element(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(std::int64_t n, integer_of(context.input(1), "n"));
  if (x.rank() < 1 || n < 0 || n >= x.dim(x.rank() - 1))
    return invalid_input("n is " + std::to_string(n) + " for a tensor of shape " + x.shape().to_string() +
                         "; expected less than its last dimension");
  const std::int64_t size = x.dim(x.rank() - 1), rows = x.elements() / size;
  if (node.attrs.get_bool("reverse")) n = size - 1 - n;
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), Shape(std::vector<std::int64_t>(x.shape().dims().begin(),
                                                                                        x.shape().dims().end() - 1))));
  ISO_TRY(for_numbers(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t r = 0; r < rows; ++r) {
      std::vector<T> row(in<T>(x) + r * size, in<T>(x) + (r + 1) * size);
      std::nth_element(row.begin(), row.begin() + n, row.end());
      out<T>(result)[r] = row[static_cast<std::size_t>(n)];
    }
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

Status run_in_top_k(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  const Tensor& targets = context.input(1);
  std::int64_t k = node.attrs.get_int("k");
  if (context.input_count() > 2) {
    ISO_ASSIGN(k, integer_of(context.input(2), "k"));
  }
  ISO_TRY(expect_rank(x, 2, "the predictions"));
  if (x.dtype() != DType::float32) return unsupported_dtype(x.dtype());
  const std::int64_t rows = x.dim(0), n = x.dim(1);
  if (targets.elements() != rows)
    return invalid_input("targets have shape " + targets.shape().to_string() + "; expected " + std::to_string(rows));
  ISO_ASSIGN(Tensor result, context.allocate(DType::boolean, Shape{rows}));
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* row = in<float>(x) + r * n;
    const std::int64_t target = integer_at(targets, r);
    bool good = target >= 0 && target < n && std::isfinite(row[target]);
    std::int64_t above = 0;
    for (std::int64_t i = 0; good && i < n; ++i) {
      good = std::isfinite(row[i]);
      above += row[i] > row[target] ? 1 : 0;
    }
    out<bool>(result)[r] = good && above < k;
  }
  context.set_output(0, std::move(result));
  return {};
}

enum class Scan { sum, product, log_sum_exp };

template <Scan How>
Status run_scan(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::int64_t value, integer_of(context.input(1), "the axis"));
  ISO_ASSIGN(const int axis, normalise_axis(value, x.rank()));
  const bool exclusive = node.attrs.get_bool("exclusive"), reverse = node.attrs.get_bool("reverse");
  const std::int64_t outer = product(x.shape(), 0, axis), n = x.dim(axis),
                     inner = product(x.shape(), axis + 1, x.rank());
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), x.shape()));
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i) {
        T total = How == Scan::sum ? T(0) : T(1);
        if constexpr (How == Scan::log_sum_exp) total = std::numeric_limits<T>::lowest();
        for (std::int64_t k = 0; k < n; ++k) {
          const std::int64_t at = (o * n + (reverse ? n - 1 - k : k)) * inner + i;
          const T before = total, v = in<T>(x)[at];
          if constexpr (How == Scan::sum)
            total = static_cast<T>(total + v);
          else if constexpr (How == Scan::product)
            total = static_cast<T>(total * v);
          else {
            const T top = std::max(total, v), low = std::min(total, v);
            total = top + std::log1p(std::exp(low - top));
          }
          out<T>(result)[at] = exclusive ? before : total;
        }
      }
    return {};
  };
  if constexpr (How == Scan::log_sum_exp) {
    ISO_TRY(for_real(x.dtype(), as));
  } else {
    ISO_TRY(for_arithmetic(x.dtype(), as));
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_top_k(KernelRegistry& r) {
  constexpr HalfFloats wide = HalfFloats::as_float;
  r.add({"TopKV2", "TopK"}, run_top_k, wide);
  r.add("NthElement", run_nth_element, wide);
  r.add({"InTopK", "InTopKV2"}, run_in_top_k);
  r.add("Cumsum", run_scan<Scan::sum>, wide);
  r.add("Cumprod", run_scan<Scan::product>, wide);
  r.add("CumulativeLogsumexp", run_scan<Scan::log_sum_exp>, wide);
}

}  // namespace isotherm::cpu
