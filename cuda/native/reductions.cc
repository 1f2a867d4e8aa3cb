// Sum, Mean, Prod, Max, Min, EuclideanNorm over any axes; Softmax, LogSoftmax.
#include "cuda/kernels/reduce.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cuda/kernels/strided.h"
#include "cuda/native/families.h"
#include "cuda/native/helpers.h"

namespace isotherm::cuda {
namespace {

template <ReduceOp op>
Status run_reduction(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  ISO_ASSIGN(const std::vector<int> axes, axes_of(context.input(1), x.rank()));
  const bool keep = node.attrs.get_bool("keep_dims") || node.attrs.get_bool("keepdims");
  Shape shape;
  // Runs of kept and reduced dimensions, dimensions of 1 left out.
  std::vector<std::pair<bool, std::int64_t>> runs;
  for (int i = 0; i < x.rank(); ++i) {
    const bool reduced = std::ranges::find(axes, i) != axes.end();
    if (!reduced)
      shape.add_dim(x.dim(i));
    else if (keep)
      shape.add_dim(1);
    if (x.dim(i) == 1) continue;
    if (!runs.empty() && runs.back().first == reduced)
      runs.back().second *= x.dim(i);
    else
      runs.emplace_back(reduced, x.dim(i));
  }
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, shape));
  std::int64_t outer = 1, reduced = 1, inner = 1;
  const auto reduced_runs = std::ranges::count_if(runs, [](const auto& run) { return run.first; });
  const float* from = floats(x);
  Tensor moved;
  if (reduced_runs <= 1) {
    bool after = reduced_runs == 0;  // nothing to reduce: each element on its own
    for (const auto& [is_reduced, n] : runs) {
      if (is_reduced) {
        reduced = n;
        after = true;
      } else {
        (after ? inner : outer) *= n;
      }
    }
  } else {
    // Several runs: kept dimensions first, reduced ones last.
    if (runs.size() > kMaxDims)
      return unsupported("the axes alternate " + std::to_string(runs.size()) + " times; the CUDA device takes " +
                         std::to_string(kMaxDims));
    StridedMove move{.rank = static_cast<int>(runs.size())};
    std::vector<std::int64_t> strides(runs.size(), 1);
    for (std::size_t i = runs.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * runs[i + 1].second;
    std::size_t at = 0;
    for (const bool wanted : {false, true})
      for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].first != wanted) continue;
        move.dims[at] = runs[i].second;
        move.src[at++] = strides[i];
        (wanted ? reduced : outer) *= runs[i].second;
      }
    std::int64_t stride = 1;
    for (std::size_t i = runs.size(); i-- > 0;) {
      move.dst[i] = stride;
      stride *= move.dims[i];
    }
    ISO_ASSIGN(moved, context.scratch(x.byte_size()));
    ISO_CUDA(launch_strided_move(move, x.raw(), moved.raw(), launch.handle()));
    from = floats(moved);
  }
  ISO_CUDA(launch_reduce(op, from, floats_out(result), outer, reduced, inner, launch.handle()));
  context.set_output(0, std::move(result));
  return {};
}

template <bool logarithm>
Status run_softmax(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& x = context.input(0);
  if (x.rank() < 1) return invalid_input("the input is a scalar; expected rank 1 or more");
  const std::int64_t n = x.dim(x.rank() - 1), rows = n == 0 ? 0 : x.elements() / n;
  const float* from = floats(x);
  const Shape shape = x.shape();
  ISO_ASSIGN(const Launch launch, launch_of(context));
  ISO_ASSIGN(Tensor y, reuse_or_allocate(context, 0, DType::float32, shape));
  ISO_CUDA(launch_softmax(logarithm, from, floats_out(y), rows, n, launch.handle()));
  context.set_output(0, std::move(y));
  return {};
}

}  // namespace

void register_reductions(KernelRegistry& r) {
  const Traits axes{.host_inputs = 2};
  r.add({"Sum"}, run_reduction<ReduceOp::sum>, axes);
  r.add({"Mean"}, run_reduction<ReduceOp::mean>, axes);
  r.add({"Prod"}, run_reduction<ReduceOp::prod>, axes);
  r.add({"Max"}, run_reduction<ReduceOp::maximum>, axes);
  r.add({"Min"}, run_reduction<ReduceOp::minimum>, axes);
  r.add({"EuclideanNorm"}, run_reduction<ReduceOp::norm>, axes);
  r.add({"Softmax"}, run_softmax<false>);
  r.add({"LogSoftmax"}, run_softmax<true>);
}

}  // namespace isotherm::cuda
