// What the tuner has measured before: seconds of a tactic on a problem.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace isotherm {

/// Thread-safe. A problem's key names everything that the timing depends on: layer, shapes, layouts, post-ops, threads,
/// device. A tactic is Tactic::describe().
class TimingCache {
 public:
  [[nodiscard]] std::optional<double> find(const std::string& problem, const std::string& tactic) const {
    const std::lock_guard lock(mutex_);
    const auto it = seconds_.find({problem, tactic});
    return it == seconds_.end() ? std::nullopt : std::optional(it->second);
  }
  void put(const std::string& problem, const std::string& tactic, double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_[{problem, tactic}] = seconds;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return seconds_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, double> seconds_;
};

}  // namespace isotherm
