#include "app/terminal_progress.h"

#include <unistd.h>

#include <cstdio>

namespace isotherm::app {

void TerminalProgress::update(double fraction, const std::string& what) {
  const auto now = Clock::now();
  if (now - start_ < std::chrono::seconds(1)) return;
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (now - last_ < pause) return;
  last_ = now;
  std::string text = what;
  if (fraction >= 0) text = std::to_string(static_cast<int>(fraction * 100)) + " %  " + text;
  if (terminal) {
    std::fprintf(stderr, "\r\033[K%.100s", text.c_str());
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

void TerminalProgress::finish() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace isotherm::app
