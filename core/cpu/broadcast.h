// Broadcasting of up to three operands: the output's shape and a walk over runs of elements.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/cpu/parallel.h"
#include "core/graph/shape.h"
#include "core/graph/status.h"

namespace isotherm::cpu {

inline constexpr std::size_t kMostOperands = 3;

struct BroadcastPlan {
  Shape shape;                                                   ///< of the output
  std::vector<std::int64_t> dims;                                ///< merged dimensions, at least one
  std::vector<std::array<std::int64_t, kMostOperands>> strides;  ///< per merged dimension, in elements; 0 is repeated
  /// Steps of the innermost dimension: 0 or 1 each.
  [[nodiscard]] const std::array<std::int64_t, kMostOperands>& steps() const { return strides.back(); }
};

/// An error names the shapes that do not go together.
Result<BroadcastPlan> plan_broadcast(std::initializer_list<const Shape*> operands);

/// Calls `f(output offset, operand offsets, n)` for runs of n elements along the innermost dimension; on several
/// threads where there is enough to do.
template <class F>
void for_runs(const BroadcastPlan& plan, int threads, std::int64_t cost, F&& f) {
  using Offsets = std::array<std::int64_t, kMostOperands>;
  const std::size_t last = plan.dims.size() - 1;
  const std::int64_t inner = plan.dims[last];
  std::int64_t rows = 1;
  for (std::size_t d = 0; d < last; ++d) rows *= plan.dims[d];
  if (rows == 1) {
    parallel_for(threads, inner, cost, [&](std::int64_t begin, std::int64_t end) {
      Offsets at{};
      for (std::size_t k = 0; k < kMostOperands; ++k) at[k] = begin * plan.strides[last][k];
      f(begin, at, end - begin);
    });
    return;
  }
  parallel_for(threads, rows, inner * cost, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> index(last);
    Offsets at{};
    std::int64_t rest = begin;
    for (std::size_t d = last; d-- > 0;) {
      index[d] = rest % plan.dims[d];
      rest /= plan.dims[d];
      for (std::size_t k = 0; k < kMostOperands; ++k) at[k] += index[d] * plan.strides[d][k];
    }
    for (std::int64_t row = begin; row < end; ++row) {
      f(row * inner, at, inner);
      for (std::size_t d = last; d-- > 0;) {
        for (std::size_t k = 0; k < kMostOperands; ++k) at[k] += plan.strides[d][k];
        if (++index[d] < plan.dims[d]) break;
        for (std::size_t k = 0; k < kMostOperands; ++k) at[k] -= plan.dims[d] * plan.strides[d][k];
        index[d] = 0;
      }
    }
  });
}

}  // namespace isotherm::cpu
