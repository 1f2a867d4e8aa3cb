#include "profiler/gpu_info.h"

#include <dlfcn.h>

#include <cstdio>
#include <fstream>

namespace isotherm {
namespace {

// The driver's C interface as far as it is asked here. Numbers of attributes are fixed by the driver's ABI.
using Init = int (*)(unsigned);
using ErrorString = int (*)(int, const char**);
using GetInt = int (*)(int*);
using DeviceGet = int (*)(int*, int);
using DeviceName = int (*)(char*, int, int);
using DeviceAttribute = int (*)(int*, int, int);
using DeviceMemory = int (*)(std::size_t*, int);
struct Uuid {
  unsigned char bytes[16];
};
using DeviceUuid = int (*)(Uuid*, int);

enum Attribute : int {
  kSharedPerBlock = 8,
  kWarpSize = 10,
  kRegistersPerBlock = 12,
  kClock = 13,
  kMultiprocessors = 16,
  kPciBus = 33,
  kPciDevice = 34,
  kMemoryClock = 36,
  kMemoryBus = 37,
  kL2 = 38,
  kThreadsPerMultiprocessor = 39,
  kPciDomain = 50,
  kComputeMajor = 75,
  kComputeMinor = 76,
  kSharedPerMultiprocessor = 81,
  kBlocksPerMultiprocessor = 106,
};

std::string module_version() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  std::getline(file, line);
  // "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build .."
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const std::string word = line.substr(begin, end - begin);
    if (word.find('.') != std::string::npos && word.find_first_not_of("0123456789.") == std::string::npos) return word;
    begin = end + 1;
  }
  return {};
}

class Driver {
 public:
  Status open() {
    library_ = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library_) {
      // Words of the loader would name the library twice; what matters is whether it is there at all.
      return not_found("no NVIDIA driver: libcuda.so.1 cannot be opened on this machine");
    }
    const auto init = find<Init>("cuInit");
    error_string_ = find<ErrorString>("cuGetErrorString");
    if (!init) return not_found("libcuda.so.1 has no cuInit: it is no working driver library");
    if (const int code = init(0); code != 0) return unsupported("the driver refuses to start: " + words(code));
    return {};
  }

  template <class F>
  F find(const char* name) const {
    return reinterpret_cast<F>(dlsym(library_, name));
  }
  [[nodiscard]] std::string words(int code) const {
    const char* text = nullptr;
    if (error_string_ && error_string_(code, &text) == 0 && text)
      return std::string(text) + " (CUDA error " + std::to_string(code) + ")";
    return "CUDA error " + std::to_string(code);
  }

 private:
  void* library_ = nullptr;  // stays: the driver does not like to be unloaded
  ErrorString error_string_ = nullptr;
};

}  // namespace

bool GpuInfo::tensor_cores() const {
  if (compute_major < 7) return false;
  const bool turing_without = compute_major == 7 && compute_minor == 5 &&
                              (name.find("GTX 16") != std::string::npos || name.find(" T400") != std::string::npos ||
                               name.find(" T500") != std::string::npos || name.find(" T600") != std::string::npos ||
                               name.find(" T1000") != std::string::npos || name.find(" T1200") != std::string::npos ||
                               name.find("MX450") != std::string::npos || name.find("MX550") != std::string::npos);
  return !turing_without;
}

std::int64_t GpuInfo::memory_bandwidth() const { return 2 * memory_clock_hz * memory_bus_bits / 8; }

Result<DriverInfo> probe_driver() {
  Driver driver;
  ISO_TRY(driver.open());
  const auto version = driver.find<GetInt>("cuDriverGetVersion"), count = driver.find<GetInt>("cuDeviceGetCount");
  const auto device_get = driver.find<DeviceGet>("cuDeviceGet");
  const auto name = driver.find<DeviceName>("cuDeviceGetName");
  const auto attribute = driver.find<DeviceAttribute>("cuDeviceGetAttribute");
  const auto memory = driver.find<DeviceMemory>("cuDeviceTotalMem_v2");
  const auto uuid = driver.find<DeviceUuid>("cuDeviceGetUuid_v2");
  if (!version || !count || !device_get || !name || !attribute || !memory)
    return unsupported("libcuda.so.1 lacks functions that every driver since 2012 has");
  DriverInfo info;
  info.version = module_version();
  version(&info.cuda_version);
  int devices = 0;
  if (const int code = count(&devices); code != 0)
    return unsupported("the driver counts no devices: " + driver.words(code));
  for (int i = 0; i < devices; ++i) {
    int device = 0;
    if (device_get(&device, i) != 0) continue;
    GpuInfo gpu;
    gpu.id = i;
    char text[256] = {};
    if (name(text, sizeof text, device) == 0) gpu.name = text;
    std::size_t bytes = 0;
    if (memory(&bytes, device) == 0) gpu.memory_bytes = static_cast<std::int64_t>(bytes);
    const auto get = [&](Attribute which) {
      int value = 0;
      return attribute(&value, which, device) == 0 ? value : 0;
    };
    gpu.compute_major = get(kComputeMajor);
    gpu.compute_minor = get(kComputeMinor);
    gpu.multiprocessors = get(kMultiprocessors);
    gpu.l2_bytes = get(kL2);
    gpu.clock_hz = std::int64_t{1000} * get(kClock);
    gpu.memory_clock_hz = std::int64_t{1000} * get(kMemoryClock);
    gpu.memory_bus_bits = get(kMemoryBus);
    gpu.threads_per_warp = std::max(1, get(kWarpSize));
    gpu.warps_per_multiprocessor = get(kThreadsPerMultiprocessor) / gpu.threads_per_warp;
    gpu.blocks_per_multiprocessor = get(kBlocksPerMultiprocessor);
    gpu.shared_per_block = get(kSharedPerBlock);
    gpu.shared_per_multiprocessor = get(kSharedPerMultiprocessor);
    gpu.registers_per_block = get(kRegistersPerBlock);
    std::snprintf(text, sizeof text, "%04x:%02x:%02x.0", static_cast<unsigned>(get(kPciDomain)),
                  static_cast<unsigned>(get(kPciBus)), static_cast<unsigned>(get(kPciDevice)));
    gpu.bus = text;
    Uuid id{};
    if (uuid && uuid(&id, device) == 0) {
      gpu.uuid = "GPU-";
      for (int b = 0; b < 16; ++b) {
        std::snprintf(text, sizeof text, "%02x", id.bytes[b]);
        gpu.uuid += (b == 4 || b == 6 || b == 8 || b == 10 ? "-" : "") + std::string(text);
      }
    }
    info.gpus.push_back(std::move(gpu));
  }
  return info;
}

}  // namespace isotherm
