#include "core/cpu/broadcast.h"

#include <algorithm>

namespace isotherm::cpu {

Result<BroadcastPlan> plan_broadcast(std::initializer_list<const Shape*> operands) {
  int rank = 0;
  for (const Shape* s : operands) rank = std::max(rank, s->rank());
  BroadcastPlan plan;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  for (const Shape* s : operands)
    for (int i = 0; i < s->rank(); ++i) {
      std::int64_t& to = shape[static_cast<std::size_t>(rank - s->rank() + i)];
      const std::int64_t d = (*s)[i];
      if (d == 1 || d == to) continue;
      if (to != 1) {
        std::string all;
        for (const Shape* each : operands) all += (all.empty() ? "" : " and ") + each->to_string();
        return invalid_input("found shapes " + all + "; expected shapes that broadcast");
      }
      to = d;
    }
  std::vector<std::array<std::int64_t, kMostOperands>> full(shape.size());
  std::size_t k = 0;
  for (const Shape* s : operands) {
    std::int64_t stride = 1;
    for (int i = s->rank() - 1; i >= 0; --i) {
      const auto at = static_cast<std::size_t>(rank - s->rank() + i);
      full[at][k] = (*s)[i] == 1 ? 0 : stride;
      stride *= (*s)[i];
    }
    ++k;
  }
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    bool merge = !plan.dims.empty();
    for (std::size_t o = 0; merge && o < kMostOperands; ++o) merge = plan.strides.back()[o] == full[d][o] * shape[d];
    if (merge) {
      plan.dims.back() *= shape[d];
      plan.strides.back() = full[d];
    } else {
      plan.dims.push_back(shape[d]);
      plan.strides.push_back(full[d]);
    }
  }
  if (plan.dims.empty()) {
    plan.dims.push_back(1);
    plan.strides.push_back({});
  }
  plan.shape = Shape(std::move(shape));
  if (!plan.shape.elements())
    return invalid_input("the broadcast shape " + plan.shape.to_string() + " has more elements than 63 bits can count");
  return plan;
}

}  // namespace isotherm::cpu
