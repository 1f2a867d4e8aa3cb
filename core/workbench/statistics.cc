#include "core/workbench/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace isotherm {

Statistics statistics_of(std::vector<double> sample) {
  Statistics s;
  if (sample.empty()) return s;
  std::sort(sample.begin(), sample.end());
  const std::size_t n = sample.size();
  s.count = static_cast<int>(n);
  s.min = sample.front();
  s.max = sample.back();
  s.total = std::accumulate(sample.begin(), sample.end(), 0.0);
  s.mean = s.total / static_cast<double>(n);
  s.median = n % 2 ? sample[n / 2] : 0.5 * (sample[n / 2 - 1] + sample[n / 2]);
  const auto rank = [&](double share) {
    const auto i = static_cast<std::size_t>(std::ceil(share * static_cast<double>(n)));
    return sample[std::clamp<std::size_t>(i, 1, n) - 1];
  };
  s.p90 = rank(0.90);
  s.p99 = rank(0.99);
  if (n > 1) {
    double squares = 0;
    for (const double v : sample) squares += (v - s.mean) * (v - s.mean);
    s.stddev = std::sqrt(squares / static_cast<double>(n - 1));
  }
  return s;
}

}  // namespace isotherm
