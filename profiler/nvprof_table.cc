#include <algorithm>
#include <cmath>
#include <cstdio>

#include "profiler/gpu_records.h"
#include "profiler/summary.h"

namespace isotherm {
namespace {

/// Five significant digits and a unit, without a space, as nvprof wrote times: "2.3695ms", "236.95us", "800ns".
std::string nvprof_time(double ns) {
  const std::pair<double, const char*> units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
  char text[48];
  for (const auto& [scale, unit] : units) {
    if (ns < scale) continue;
    const double value = ns / scale;
    const int digits = value >= 1000 ? 1 : value >= 100 ? 2 : value >= 10 ? 3 : 4;
    std::snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
    return text;
  }
  std::snprintf(text, sizeof text, "%.0fns", ns);
  return text;
}

void add_line(std::string& out, const char* type, const SummaryRow& row, double total, const std::string& name) {
  char text[160];
  char share[24];
  std::snprintf(share, sizeof share, "%.2f%%", total > 0 ? 100 * row.time.total / total : 0);
  std::snprintf(text, sizeof text, "%16s %8s %9s %9d %9s %9s %9s  ", type, share, nvprof_time(row.time.total).c_str(),
                row.time.count, nvprof_time(row.time.mean).c_str(), nvprof_time(row.time.min).c_str(),
                nvprof_time(row.time.max).c_str());
  out += text + name + "\n";
}

}  // namespace

std::string nvprof_table(const SessionData& data, RunMode mode) {
  std::vector<SummaryRow> activities = summarise(data, mode, GroupBy::kernel).rows;
  for (SummaryRow& row : summarise(data, mode, GroupBy::copy).rows) activities.push_back(std::move(row));
  std::stable_sort(activities.begin(), activities.end(),
                   [](const SummaryRow& a, const SummaryRow& b) { return a.time.total > b.time.total; });
  const std::vector<SummaryRow> calls = summarise(data, mode, GroupBy::api).rows;
  char head[160];
  std::snprintf(head, sizeof head, "%16s %8s %9s %9s %9s %9s %9s  %s\n", "Type", "Time(%)", "Time", "Calls", "Avg",
                "Min", "Max", "Name");
  std::string out = head;
  const auto section = [&](const char* title, const std::vector<SummaryRow>& rows) {
    double total = 0;
    for (const SummaryRow& row : rows) total += row.time.total;
    for (std::size_t i = 0; i < rows.size(); ++i) add_line(out, i == 0 ? title : "", rows[i], total, rows[i].name);
    if (rows.empty()) out += std::string(" ") + title + " no records\n";
  };
  section("GPU activities:", activities);
  section("API calls:", calls);
  return out;
}

std::string coverage_line(const Coverage& c) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  char share[24];
  std::snprintf(share, sizeof share, "%.1f %%", std::floor(1000 * c.kernel_share()) / 10);
  std::string out = "kernels: " + n(c.kernels.seen) +
                    (c.kernels.expected >= 0 ? " of " + n(c.kernels.expected) + " expected" : "") + ", " + share +
                    " on their node";
  if (c.kernels.unattributed > 0) out += " (" + n(c.kernels.unattributed) + " on none)";
  if (c.kernels.without_layer > 0) out += ", " + n(c.kernels.without_layer) + " of engines in no layer";
  out += "; copies " + n(c.copies.seen) + ", memsets " + n(c.sets.seen) + ", API calls " + n(c.calls) + "; " +
         n(c.dropped) + " records dropped";
  std::int64_t invalid = 0;
  std::string rules;
  for (std::size_t f = 0; f < kFaults; ++f) {
    const std::int64_t count = c.kernels.invalid[f] + c.copies.invalid[f] + c.sets.invalid[f];
    invalid += count;
    if (count > 0)
      rules += (rules.empty() ? "" : ", ") + n(count) + " " + std::string(fault_name(static_cast<Fault>(f)));
  }
  out += ", " + n(invalid) + " invalid" + (rules.empty() ? "" : " (" + rules + ")");
  if (c.kernels.in_overhead > 0) out += ", " + n(c.kernels.in_overhead) + " kernels while the recorder was busy";
  if (c.unknown_replays > 0) out += ", " + n(c.unknown_replays) + " replays of graphs whose capture was not seen";
  return out;
}

}  // namespace isotherm
