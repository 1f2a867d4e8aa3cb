// From the scopes of a run observer to places, without allocating in the middle of a run: the places of a graph are
// numbered while it warms up.
#pragma once

#include <vector>

#include "core/runtime/observer.h"
#include "profiler/activity.h"

namespace isotherm {

/// The open scopes of one thread. Nodes inside a function belong to the node that called it, so their scopes, and all
/// within them, are the same place as what encloses them.
class ScopePlaces {
 public:
  explicit ScopePlaces(PlaceTable& table) : table_(table) { open_.reserve(64); }

  /// True: the scope is a place of its own, now current().
  bool begin(const ScopeInfo& scope) {
    const bool foreign = foreign_ > 0 || !scope.function.empty();
    if (foreign) {
      ++foreign_;
      open_.push_back(kInherited);
      return false;
    }
    open_.push_back(table_.intern(place_of(scope)));
    return true;
  }
  /// True: the scope that ends was a place of its own.
  bool end() {
    if (open_.empty()) return false;
    const int ended = open_.back();
    open_.pop_back();
    if (ended == kInherited) --foreign_;
    return ended != kInherited;
  }
  /// Place 0, "none", outside all scopes.
  [[nodiscard]] int current() const {
    for (std::size_t i = open_.size(); i > 0; --i)
      if (open_[i - 1] != kInherited) return open_[i - 1];
    return 0;
  }

 private:
  static constexpr int kInherited = -1;

  static Place place_of(const ScopeInfo& scope) {
    const auto id = static_cast<NodeId>(scope.id), engine = static_cast<NodeId>(scope.engine);
    switch (scope.kind) {
      case ScopeKind::run:
        return {PlaceKind::run, kNoNode, kNoNode, -1};
      case ScopeKind::node:
        return {PlaceKind::node, id, kNoNode, -1};
      case ScopeKind::engine:
        return {PlaceKind::node, id, id, -1};
      case ScopeKind::layer:
        return {PlaceKind::layer, engine, engine, static_cast<int>(scope.id)};
      case ScopeKind::copy:
        return {PlaceKind::copy, scope.id < 0 ? kNoNode : id, kNoNode, -1};
    }
    return {};
  }

  PlaceTable& table_;
  std::vector<int> open_;
  int foreign_ = 0;
};

}  // namespace isotherm
