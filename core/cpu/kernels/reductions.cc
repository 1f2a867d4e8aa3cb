// Sum, Mean, Prod, Max, Min, All, Any, EuclideanNorm over any axes.
#include <cmath>
#include <limits>
#include <vector>

#include "core/cpu/hot_loops.h"
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

/// Sums of float are kept in double; integers wrap.
template <class T>
struct SumOf {
  using type = T;
};
template <>
struct SumOf<float> {
  using type = double;
};
template <>
struct SumOf<complex64> {
  using type = complex128;
};
template <class T>
requires std::is_integral_v<T>
struct SumOf<T> {
  using type = std::uint64_t;
};

template <class T>
struct SumOp {
  using Acc = typename SumOf<T>::type;
  static Acc start() { return Acc(0); }
  static Acc step(Acc a, T x) { return a + static_cast<Acc>(x); }
  static T finish(Acc a, std::int64_t) { return static_cast<T>(a); }
};
template <class T>
struct MeanOp : SumOp<T> {
  using Acc = typename SumOf<T>::type;
  static T finish(Acc a, std::int64_t n) {
    if constexpr (std::is_integral_v<T>)
      return n == 0 ? T(0) : static_cast<T>(static_cast<T>(a) / static_cast<T>(n));
    else if constexpr (is_complex_v<T>)
      return static_cast<T>(a / static_cast<typename Acc::value_type>(n));
    else
      return static_cast<T>(a / static_cast<Acc>(n));
  }
};
template <class T>
struct ProdOp {
  using Acc = typename SumOf<T>::type;
  static Acc start() { return Acc(1); }
  static Acc step(Acc a, T x) { return a * static_cast<Acc>(x); }
  static T finish(Acc a, std::int64_t) { return static_cast<T>(a); }
};
template <class T>
struct NormOp {
  using Acc = typename SumOf<T>::type;
  static Acc start() { return Acc(0); }
  static Acc step(Acc a, T x) {
    if constexpr (is_complex_v<T>)
      return a + static_cast<Acc>(std::norm(static_cast<Acc>(x)));
    else
      return a + static_cast<Acc>(x) * static_cast<Acc>(x);
  }
  static T finish(Acc a, std::int64_t) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(std::sqrt(static_cast<double>(a)));
    else
      return static_cast<T>(std::sqrt(a));
  }
};
template <class T>
struct MaxOp {
  using Acc = T;
  static Acc start() {
    return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                : std::numeric_limits<T>::lowest();
  }
  static Acc step(Acc a, T x) { return x > a || x != x ? x : a; }
  static T finish(Acc a, std::int64_t) { return a; }
};
template <class T>
struct MinOp {
  using Acc = T;
  static Acc start() {
    return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  }
  static Acc step(Acc a, T x) { return x < a || x != x ? x : a; }
  static T finish(Acc a, std::int64_t) { return a; }
};
struct AllOp {
  using Acc = bool;
  static Acc start() { return true; }
  static Acc step(Acc a, bool x) { return a && x; }
  static bool finish(Acc a, std::int64_t) { return a; }
};
struct AnyOp {
  using Acc = bool;
  static Acc start() { return false; }
  static Acc step(Acc a, bool x) { return a || x; }
  static bool finish(Acc a, std::int64_t) { return a; }
};

/// src is outer x reduced x inner, dst outer x inner.
template <class T, class Op>
void reduce_block(const T* src, T* dst, std::int64_t outer, std::int64_t reduced, std::int64_t inner, int threads) {
  parallel_for(threads, outer, reduced * inner, [&](std::int64_t begin, std::int64_t end) {
    std::vector<typename Op::Acc> sums;
    if (inner > 1) sums.resize(static_cast<std::size_t>(inner));
    for (std::int64_t o = begin; o < end; ++o) {
      const T* from = src + o * reduced * inner;
      if (inner == 1) {
        typename Op::Acc a = Op::start();
        if constexpr (std::is_same_v<T, float> &&
                      (std::is_same_v<Op, SumOp<float>> || std::is_same_v<Op, MeanOp<float>>)) {
          a = hot_sum(from, reduced);
        } else {
          for (std::int64_t r = 0; r < reduced; ++r) a = Op::step(a, from[r]);
        }
        dst[o] = Op::finish(a, reduced);
        continue;
      }
      std::fill(sums.begin(), sums.end(), Op::start());
      for (std::int64_t r = 0; r < reduced; ++r, from += inner) {
        if constexpr (std::is_same_v<T, float> &&
                      (std::is_same_v<Op, SumOp<float>> || std::is_same_v<Op, MeanOp<float>>)) {
          hot_add_into_double(from, sums.data(), inner);
        } else {
          for (std::int64_t i = 0; i < inner; ++i)
            sums[static_cast<std::size_t>(i)] = Op::step(sums[static_cast<std::size_t>(i)], from[i]);
        }
      }
      for (std::int64_t i = 0; i < inner; ++i)
        dst[o * inner + i] = Op::finish(sums[static_cast<std::size_t>(i)], reduced);
    }
  });
}

/// The reduction as outer x reduced x inner, of the input itself or of a transposed copy.
struct Reduction {
  Tensor source;
  std::int64_t outer = 1, reduced = 1, inner = 1;
  Shape shape;
};

Result<Reduction> arrange(KernelContext& context, const Node& node) {
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::vector<int> axes, axes_of(context.input(1), x.rank()));
  std::vector<bool> is_reduced(static_cast<std::size_t>(x.rank()), false);
  for (const int axis : axes) is_reduced[static_cast<std::size_t>(axis)] = true;
  const bool keep = node.attrs.get_bool("keep_dims") || node.attrs.get_bool("keepdims");
  Reduction r;
  // Runs of kept and reduced dimensions, dimensions of 1 left out.
  std::vector<std::pair<bool, std::int64_t>> runs;
  for (int i = 0; i < x.rank(); ++i) {
    const bool reduced = is_reduced[static_cast<std::size_t>(i)];
    if (!reduced)
      r.shape.add_dim(x.dim(i));
    else if (keep)
      r.shape.add_dim(1);
    if (x.dim(i) == 1) continue;
    if (!runs.empty() && runs.back().first == reduced)
      runs.back().second *= x.dim(i);
    else
      runs.emplace_back(reduced, x.dim(i));
  }
  for (const auto& [reduced, n] : runs)
    if (reduced) r.reduced *= n;
  const std::size_t reduced_runs =
      static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [](const auto& p) { return p.first; }));
  if (reduced_runs <= 1) {
    bool after = false;
    for (const auto& [reduced, n] : runs) {
      if (reduced)
        after = true;
      else
        (after ? r.inner : r.outer) *= n;
    }
    if (!after) {  // nothing to reduce: each element on its own
      r.inner = 1;
      r.outer = x.elements();
    }
    r.source = x;
    return r;
  }
  // Several runs: kept dimensions first, reduced ones last.
  StridedCopy copy;
  std::vector<std::int64_t> run_dims;
  for (const auto& [reduced, n] : runs) run_dims.push_back(n);
  const std::vector<std::int64_t> strides = strides_of(Shape(run_dims));
  for (const bool wanted : {false, true})
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (runs[i].first == wanted) {
        copy.dims.push_back(runs[i].second);
        copy.src_strides.push_back(strides[i]);
        if (!wanted) r.outer *= runs[i].second;
      }
  copy.dst_strides = strides_of(Shape(copy.dims));
  ISO_ASSIGN(r.source, context.allocate(x.dtype(), x.shape()));
  copy_strided(std::move(copy), x, r.source, context.threads());
  return r;
}

template <template <class> class Op, bool Complex>
Status run_reduction(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const Reduction r, arrange(context, node));
  ISO_ASSIGN(Tensor result, context.allocate(r.source.dtype(), r.shape));
  const auto as = [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    reduce_block<T, Op<T>>(in<T>(r.source), out<T>(result), r.outer, r.reduced, r.inner, context.threads());
    return {};
  };
  if constexpr (Complex) {
    ISO_TRY(for_arithmetic(r.source.dtype(), as));
  } else {
    ISO_TRY(for_numbers(r.source.dtype(), as));
  }
  context.set_output(0, std::move(result));
  return {};
}

template <class Op>
Status run_logical(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  if (context.input(0).dtype() != DType::boolean) return unsupported_dtype(context.input(0).dtype());
  ISO_ASSIGN(const Reduction r, arrange(context, node));
  ISO_ASSIGN(Tensor result, context.allocate(DType::boolean, r.shape));
  const bool* from = in<bool>(r.source);
  bool* to = out<bool>(result);
  std::vector<char> sums(static_cast<std::size_t>(r.inner));
  for (std::int64_t o = 0; o < r.outer; ++o) {
    std::fill(sums.begin(), sums.end(), static_cast<char>(Op::start()));
    for (std::int64_t k = 0; k < r.reduced; ++k)
      for (std::int64_t i = 0; i < r.inner; ++i) {
        char& s = sums[static_cast<std::size_t>(i)];
        s = static_cast<char>(Op::step(s != 0, from[(o * r.reduced + k) * r.inner + i]));
      }
    for (std::int64_t i = 0; i < r.inner; ++i) to[o * r.inner + i] = sums[static_cast<std::size_t>(i)] != 0;
  }
  context.set_output(0, std::move(result));
  return {};
}

Status run_l2_loss(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(Tensor result, context.allocate(x.dtype(), Shape()));
  ISO_TRY(for_real(x.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    double sum = 0;
    for (const T v : x.data<T>()) sum += static_cast<double>(v) * static_cast<double>(v);
    *out<T>(result) = static_cast<T>(sum / 2);
    return {};
  }));
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_reductions(KernelRegistry& r) {
  r.add("Sum", run_reduction<SumOp, true>, HalfFloats::as_float);
  r.add("Mean", run_reduction<MeanOp, true>, HalfFloats::as_float);
  r.add("Prod", run_reduction<ProdOp, true>, HalfFloats::as_float);
  r.add("EuclideanNorm", run_reduction<NormOp, true>, HalfFloats::as_float);
  r.add("Max", run_reduction<MaxOp, false>, HalfFloats::as_float);
  r.add("Min", run_reduction<MinOp, false>, HalfFloats::as_float);
  r.add("All", run_logical<AllOp>);
  r.add("Any", run_logical<AnyOp>);
  r.add("L2Loss", run_l2_loss, HalfFloats::as_float);
}

}  // namespace isotherm::cpu
