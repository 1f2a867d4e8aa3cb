// Asking whether to go on, often enough to stop within milliseconds and seldom enough to cost nothing.
#pragma once

#include <functional>

namespace isotherm::render {

/// Asks at every `kEach`th call, and never again once the answer was to stop. `cancelled` must outlive it.
class Asking {
 public:
  explicit Asking(const std::function<bool()>& cancelled) : cancelled_(cancelled) {}
  /// True: stop.
  bool operator()() { return stopped_ || ((++calls_ % kEach) == 0 && now()); }
  /// The same, asked at once.
  bool now() { return stopped_ = stopped_ || (cancelled_ && cancelled_()); }

 private:
  static constexpr unsigned kEach = 4096;
  const std::function<bool()>& cancelled_;
  unsigned calls_ = 0;
  bool stopped_ = false;
};

}  // namespace isotherm::render
