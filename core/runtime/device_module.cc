#include "core/runtime/device_module.h"

#include <dlfcn.h>

#include <filesystem>

namespace isotherm {
namespace {

namespace fs = std::filesystem;

std::string last_dl_error() {
  const char* text = dlerror();
  return text ? text : "unknown reason";
}

}  // namespace

Result<SharedModule> SharedModule::open(const std::string& file) {
  std::error_code failed;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failed).parent_path();
  std::string looked;
  for (const fs::path& place : {folder / file, folder.parent_path() / "lib" / "isotherm" / file}) {
    looked += (looked.empty() ? "" : " or ") + place.parent_path().lexically_normal().string();
    if (!fs::exists(place, failed)) continue;
    void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) return unsupported(file + " cannot be opened: " + last_dl_error());
    using AbiFunction = int (*)();
    const auto abi = reinterpret_cast<AbiFunction>(dlsym(handle, "isotherm_module_abi"));
    if (!abi || abi() != kModuleAbi) {
      const std::string found = abi ? "interface " + std::to_string(abi()) : "no interface number";
      dlclose(handle);
      return unsupported(place.string() + " has " + found + ", this program expects " + std::to_string(kModuleAbi) +
                         ": it belongs to another build");
    }
    return SharedModule(handle, place.string());
  }
  return not_found(file + " is not in " + looked);
}

void* SharedModule::symbol(const char* name) const { return dlsym(handle_, name); }

Result<std::shared_ptr<Device>> open_gpu(const GpuOptions& options) {
  const std::string name = "device cuda:" + std::to_string(options.index);
  auto module = SharedModule::open("isotherm-cuda.so");
  if (!module.ok()) {
    if (module.error().code == ErrorCode::not_found)
      return unsupported(name + " cannot be used: this build has no CUDA device (" + module.error().message +
                         "); build where nvcc is found, or use --device cpu");
    return module.error().at(name + " cannot be used");
  }
  const auto open = reinterpret_cast<OpenGpuFunction>(module->symbol("isotherm_open_gpu"));
  if (!open) return internal_error(module->path() + " has no function isotherm_open_gpu");
  Result<std::shared_ptr<Device>> device = internal_error("the module set no device");
  open(options, device);
  if (!device.ok()) return device.error().at(name + " cannot be used");
  return device;
}

}  // namespace isotherm
