// Statistics of repeated measurements.
#pragma once

#include <vector>

namespace isotherm {

/// Of a sample; all in the sample's unit. An empty sample gives zeros.
struct Statistics {
  int count = 0;
  double total = 0, mean = 0, median = 0, min = 0, max = 0;
  double stddev = 0;        ///< of the sample (divisor count - 1); 0 for fewer than two values
  double p90 = 0, p99 = 0;  ///< nearest rank: a value that occurred
};

Statistics statistics_of(std::vector<double> sample);

}  // namespace isotherm
