// Progress of the command line, on stderr.
#pragma once

#include <chrono>
#include <string>

namespace isotherm::app {

/// Silent for the first second. Then, on a terminal, one line that is overwritten; elsewhere a line every ten seconds.
class TerminalProgress {
 public:
  void update(double fraction, const std::string& what);
  /// Clears the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  bool drawn_ = false;
};

}  // namespace isotherm::app
