#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/command.h"

namespace isotherm::app {

Status print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
  return io_error(std::string("stdout cannot be written: ") + std::strerror(errno));
}

}  // namespace isotherm::app
