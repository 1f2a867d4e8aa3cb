// Loops over threads. One OpenMP team serves these loops and oneDNN, so that neither adds threads to the other's.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace isotherm::cpu {

/// Work below this many elementary operations is not worth waking a thread.
inline constexpr std::int64_t kParallelGrain = 65536;

/// Calls `f(begin, end)` on disjoint ranges that cover [0, n), on at most `threads` threads, fewer where
/// n * cost_per_item is small. `f` must not throw.
template <class F>
void parallel_for(int threads, std::int64_t n, std::int64_t cost_per_item, F&& f) {
  if (n <= 0) return;
  const std::int64_t work = n * std::max<std::int64_t>(cost_per_item, 1);
  const auto parts = static_cast<int>(std::min<std::int64_t>({threads, n, work / kParallelGrain}));
  if (parts <= 1) {
    f(std::int64_t{0}, n);
    return;
  }
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) f(n * part / parts, n * (part + 1) / parts);
}

}  // namespace isotherm::cpu
