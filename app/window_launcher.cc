#include "app/window_launcher.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace isotherm::app {

std::string program_path(const char* argv0) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string(argv0) : self.string();
}

Status open_window(const std::string& program, const std::vector<std::string>& files) {
  const std::filesystem::path window = std::filesystem::path(program).parent_path() / "isotherm-window";
  const std::string instead = "; without a window use the sub-commands, for instance `isotherm render MODEL -o FILE.svg` (isotherm --help lists them)";
  for (const std::string& file : files) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
      return not_found("'" + file + "' is neither a sub-command nor a file; see isotherm --help");
  }
  if (access(window.c_str(), X_OK) != 0)
    return unsupported("the window program '" + window.string() + "' is not there: this build was made without Qt 5" + instead);
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value && *value;
  };
  if (!set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("QT_QPA_PLATFORM"))
    return unsupported("there is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set)" + instead);
  std::vector<std::string> arguments = {window.string()};
  arguments.insert(arguments.end(), files.begin(), files.end());
  std::vector<char*> raw;
  for (std::string& a : arguments) raw.push_back(a.data());
  raw.push_back(nullptr);
  execv(window.c_str(), raw.data());
  return io_error("'" + window.string() + "' could not be started: " + std::strerror(errno));
}

}  // namespace isotherm::app
