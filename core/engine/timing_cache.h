// What the tuner has measured before: the fastest tactic of a problem, by the problem's description.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace isotherm {

/// Thread-safe. A key names everything that the timing depends on: layer, shapes, layouts, post-ops, threads, device.
class TimingCache {
 public:
  struct Entry {
    std::string tactic;    ///< Tactic::describe()
    double seconds = 0;
  };

  [[nodiscard]] std::optional<Entry> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto it = entries_.find(key);
    return it == entries_.end() ? std::nullopt : std::optional(it->second);
  }
  void put(const std::string& key, Entry entry) {
    const std::lock_guard lock(mutex_);
    entries_[key] = std::move(entry);
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace isotherm
