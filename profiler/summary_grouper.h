// Collects durations by row while a summary is made; internal to the profiler.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "profiler/summary.h"

namespace isotherm {

/// Durations of one row, by instance.
struct SummarySample {
  SummaryRow row;
  std::vector<double> instances;
  std::map<int, double> by_run;  ///< used where a run is an instance
};

class SummaryGrouper {
 public:
  explicit SummaryGrouper(bool run_is_instance) : run_is_instance_(run_is_instance) {}

  /// Fresh samples have an empty row name.
  SummarySample& at(const std::string& key) {
    const auto [it, added] = index_.try_emplace(key, samples_.size());
    if (added) samples_.emplace_back();
    return samples_[it->second];
  }
  void add(SummarySample& sample, int run, std::int64_t duration) const {
    const auto ns = static_cast<double>(duration);
    if (run_is_instance_)
      sample.by_run[run] += ns;
    else
      sample.instances.push_back(ns);
  }
  /// Longest total first.
  std::vector<SummaryRow> rows(int runs) {
    std::vector<SummaryRow> out;
    double total = 0;
    for (SummarySample& sample : samples_) {
      for (const auto& [run, ns] : sample.by_run) sample.instances.push_back(ns);
      sample.row.time = statistics_of(std::move(sample.instances));
      sample.row.per_run = runs > 0 ? sample.row.time.total / runs : 0;
      total += sample.row.time.total;
      out.push_back(std::move(sample.row));
    }
    for (SummaryRow& row : out) row.share = total > 0 ? row.time.total / total : 0;
    std::stable_sort(out.begin(), out.end(),
                     [](const SummaryRow& a, const SummaryRow& b) { return a.time.total > b.time.total; });
    return out;
  }

 private:
  bool run_is_instance_;
  std::vector<SummarySample> samples_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// "a/b" for "a/b/c".
std::string scope_of(const std::string& name);

/// A layer's source nodes with the one that gave the layer its name first: the convolution before what folds into it.
std::vector<std::string> main_source_first(const PlanLayer& layer);

/// Groups what ran on a device. `wanted`: by run id, the traced runs of the mode.
void group_device_work(const SessionData& data, RunMode mode, GroupBy by, const std::vector<bool>& wanted,
                       SummaryGrouper& grouper);

}  // namespace isotherm
