#include "app/version.h"

#include "core/cpu/cpu_device.h"

namespace isotherm::app {

std::string version_text() {
  std::string text = "isotherm " ISOTHERM_VERSION "\n";
  text += "cpu device: " + make_cpu_device(1)->description() + "\n";
#ifdef ISOTHERM_HAS_WINDOW
  text += "window: Qt " ISOTHERM_HAS_WINDOW "\n";
#else
  text += "window: not built, Qt 5 was not found (install qtbase5-dev and libqt5svg5-dev, then build again)\n";
#endif
#ifdef ISOTHERM_HAS_CUDA
  text += "cuda device: built with CUDA " ISOTHERM_HAS_CUDA;
#else
  text += "cuda device: not built, nvcc was not found (install the CUDA toolkit, then build again); the CPU device runs everything";
#endif
  return text;
}

}  // namespace isotherm::app
