// A map of limited size that forgets what was used longest ago, with the semantics of TF-TRT's LRUCache.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <utility>

namespace isotherm {

/// Not thread-safe. Iterating does not touch; at() does.
template <class Key, class Value>
class LruCache {
 public:
  explicit LruCache(std::size_t capacity = 1) : capacity_(capacity) {}

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool contains(const Key& key) const { return entries_.contains(key); }

  /// A smaller capacity evicts what was used longest ago.
  void reserve(std::size_t capacity) {
    capacity_ = capacity;
    discard(capacity_);
  }

  /// The value, which becomes the most recently used; null if there is none.
  Value* at(const Key& key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, it->second.place);
    return &it->second.value;
  }

  /// Room is made before anything is looked up, so that a full cache loses its oldest entry even when `key` is in it
  /// already. An entry that stays keeps its value. Returns the value now under `key`; null where the capacity is 0.
  Value* emplace(const Key& key, Value value) {
    discard(capacity_ > 0 ? capacity_ - 1 : 0);
    if (capacity_ == 0) return nullptr;
    const auto it = entries_.find(key);
    if (it != entries_.end()) return &it->second.value;
    recent_.push_front(key);
    return &entries_.emplace(key, Entry{std::move(value), recent_.begin()}).first->second.value;
  }

  void clear() {
    entries_.clear();
    recent_.clear();
  }

  /// Calls f(key, value) in key order; touches nothing.
  template <class F>
  void for_each(F&& f) {
    for (auto& [key, entry] : entries_) f(key, entry.value);
  }
  /// Keys, most recently used first.
  [[nodiscard]] const std::list<Key>& recency() const { return recent_; }

 private:
  struct Entry {
    Value value;
    typename std::list<Key>::iterator place;
  };
  void discard(std::size_t most) {
    while (entries_.size() > most) {
      entries_.erase(recent_.back());
      recent_.pop_back();
    }
  }

  std::size_t capacity_;
  std::map<Key, Entry> entries_;
  std::list<Key> recent_;
};

}  // namespace isotherm
