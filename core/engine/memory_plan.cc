#include "core/engine/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace isotherm {

MemoryPlan plan_memory(const std::vector<BufferLife>& buffers, std::size_t alignment) {
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    const BufferLife& buffer = buffers[i];
    std::size_t offset = 0;
    for (const std::size_t p : placed) {
      const BufferLife& other = buffers[p];
      if (other.last < buffer.first || buffer.last < other.first) continue;
      if (offset + buffer.bytes <= plan.offsets[p]) break;
      offset = std::max(offset, (plan.offsets[p] + other.bytes + alignment - 1) / alignment * alignment);
    }
    plan.offsets[i] = offset;
    plan.bytes = std::max(plan.bytes, offset + buffer.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](std::size_t a, std::size_t b) { return plan.offsets[a] < plan.offsets[b]; }),
                  i);
  }
  return plan;
}

}  // namespace isotherm
