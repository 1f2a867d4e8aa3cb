// How long work tells whoever waits for it how far it is, and learns that nobody waits any more.
#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace isotherm {

/// Passed down by reference; every member may be left empty. Called from the thread that does the work.
struct Progress {
  /// `fraction` is 0 to 1, or negative where nobody knows; `what` is a short phrase: "warming up", "iteration 3 of 10".
  std::function<void(double fraction, const std::string& what)> report;
  const std::atomic<bool>* cancel = nullptr;

  void tell(double fraction, const std::string& what) const {
    if (report) report(fraction, what);
  }
  [[nodiscard]] bool cancelled() const { return cancel && cancel->load(std::memory_order_relaxed); }
};

}  // namespace isotherm
