// Offsets in one arena for buffers that live at known times.
#pragma once

#include <cstddef>
#include <vector>

namespace isotherm {

/// A buffer is needed from step `first` to step `last`, both included.
struct BufferLife {
  std::size_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< by buffer, aligned
  std::size_t bytes = 0;             ///< of the arena
};

/// Buffers that live at one time do not overlap. Largest first, each at the lowest offset that is free during its life.
MemoryPlan plan_memory(const std::vector<BufferLife>& buffers, std::size_t alignment = 64);

}  // namespace isotherm
