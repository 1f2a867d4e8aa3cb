// Softmax, LogSoftmax, and the cross entropies on them.
#include <cmath>

#include "core/cpu/broadcast.h"
#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

/// One row: subtract the maximum, exponentiate, divide by the sum.
template <class T>
void softmax_row(const T* in, T* out, std::int64_t n) {
  if constexpr (std::is_same_v<T, float>) {
    const float top = hot_max(in, n);
    hot_scale_offset(in, 1.0f, -top, out, n);
    hot_exp(out, out, n);
    hot_scale_offset(out, static_cast<float>(1.0 / hot_sum(out, n)), 0.0f, out, n);
  } else {
    const T top = *std::max_element(in, in + n);
    T sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += out[i] = std::exp(in[i] - top);
    for (std::int64_t i = 0; i < n; ++i) out[i] /= sum;
  }
}

template <class T>
void log_softmax_row(const T* in, T* out, std::int64_t n) {
  const T top = *std::max_element(in, in + n);
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(in[i] - top));
  const T log_sum = static_cast<T>(std::log(sum));
  for (std::int64_t i = 0; i < n; ++i) out[i] = in[i] - top - log_sum;
}

template <bool Log>
Status run_softmax(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  if (x.rank() < 1) return invalid_input("the input is a scalar; expected rank 1 or more");
  const std::int64_t n = x.dim(x.rank() - 1), rows = n == 0 ? 0 : x.elements() / n;
  const std::byte* from = x.raw();
  const DType dtype = x.dtype();
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, dtype, Shape(x.shape())));
  ISO_TRY(for_real(dtype, [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* src = reinterpret_cast<const T*>(from);
    T* dst = out<T>(y);
    parallel_for(context.threads(), rows, n * 8, [&](std::int64_t b, std::int64_t e) {
      for (std::int64_t r = b; r < e; ++r) {
        if constexpr (Log)
          log_softmax_row(src + r * n, dst + r * n, n);
        else
          softmax_row(src + r * n, dst + r * n, n);
      }
    });
    return {};
  }));
  context.set_output(0, std::move(y));
  return {};
}

/// Loss per row and its gradient with respect to the logits.
Status run_cross_entropy(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& logits = context.input(0);
  const Tensor& labels = context.input(1);
  ISO_ASSIGN(const BroadcastPlan plan, plan_broadcast({&logits.shape(), &labels.shape()}));
  if (plan.shape.rank() != 2)
    return invalid_input("logits and labels broadcast to " + plan.shape.to_string() + "; expected rank 2");
  const std::int64_t rows = plan.shape[0], n = plan.shape[1];
  const auto index = [&](const Tensor& t, std::int64_t r, std::int64_t i) {
    const std::int64_t columns = t.rank() > 0 ? t.dim(t.rank() - 1) : 1, lines = t.rank() > 1 ? t.dim(t.rank() - 2) : 1;
    return (lines == 1 ? 0 : r) * columns + (columns == 1 ? 0 : i);
  };
  ISO_ASSIGN(Tensor loss, context.allocate(logits.dtype(), Shape{rows}));
  ISO_ASSIGN(Tensor gradient, context.allocate(logits.dtype(), plan.shape));
  ISO_TRY(for_real(logits.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T* x = in<T>(logits);
    const T* y = in<T>(labels);
    std::vector<T> row(static_cast<std::size_t>(n)), logs(row.size());
    for (std::int64_t r = 0; r < rows && n > 0; ++r) {
      for (std::int64_t i = 0; i < n; ++i) row[static_cast<std::size_t>(i)] = x[index(logits, r, i)];
      log_softmax_row(row.data(), logs.data(), n);
      double sum = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const T label = y[index(labels, r, i)], log = logs[static_cast<std::size_t>(i)];
        sum -= label == 0 ? 0.0 : static_cast<double>(label * log);
        out<T>(gradient)[r * n + i] = std::exp(log) - label;
      }
      out<T>(loss)[r] = static_cast<T>(sum);
    }
    if (n == 0) std::fill_n(out<T>(loss), rows, T(0));
    return {};
  }));
  context.set_output(0, std::move(loss));
  context.set_output(1, std::move(gradient));
  return {};
}

Status run_sparse_cross_entropy(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& logits = context.input(0);
  const Tensor& labels = context.input(1);
  ISO_TRY(expect_rank(logits, 2, "the logits"));
  const std::int64_t rows = logits.dim(0), n = logits.dim(1);
  if (labels.rank() != 1 || labels.dim(0) != rows)
    return invalid_input("labels have shape " + labels.shape().to_string() + "; expected " + std::to_string(rows));
  for (std::int64_t r = 0; r < rows; ++r)
    if (const std::int64_t label = integer_at(labels, r); label < 0 || label >= n)
      return invalid_input("label " + std::to_string(label) + " is outside 0 to " + std::to_string(n - 1));
  ISO_ASSIGN(Tensor loss, context.allocate(logits.dtype(), Shape{rows}));
  ISO_ASSIGN(Tensor gradient, context.allocate(logits.dtype(), logits.shape()));
  ISO_TRY(for_real(logits.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    for (std::int64_t r = 0; r < rows; ++r) {
      T* to = out<T>(gradient) + r * n;
      log_softmax_row(in<T>(logits) + r * n, to, n);
      const std::int64_t label = integer_at(labels, r);
      out<T>(loss)[r] = -to[label];
      for (std::int64_t i = 0; i < n; ++i) to[i] = std::exp(to[i]) - (i == label ? T(1) : T(0));
    }
    return {};
  }));
  context.set_output(0, std::move(loss));
  context.set_output(1, std::move(gradient));
  return {};
}

}  // namespace

void register_softmax(KernelRegistry& r) {
  r.add("Softmax", run_softmax<false>, HalfFloats::as_float);
  r.add("LogSoftmax", run_softmax<true>, HalfFloats::as_float);
  r.add("SoftmaxCrossEntropyWithLogits", run_cross_entropy, HalfFloats::as_float);
  r.add("SparseSoftmaxCrossEntropyWithLogits", run_sparse_cross_entropy, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
