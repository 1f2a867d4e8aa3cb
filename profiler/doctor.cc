#include "profiler/doctor.h"

#include <dlfcn.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "core/runtime/device_module.h"
#include "profiler/device_recorder.h"
#include "profiler/gpu_info.h"

namespace isotherm {
namespace {

constexpr const char* kCounterRemedy =
    "run as root or with CAP_PERFMON (driver R565 and later; before: CAP_SYS_ADMIN), start a container with "
    "--cap-add=SYS_ADMIN, or let everybody: put "
    "'options nvidia NVreg_RestrictProfilingToAdminUsers=0' into a file of /etc/modprobe.d, rebuild the initramfs and "
    "reboot; profiles of time need none of this";

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Root, or one of the two capabilities that the driver accepts.
bool may_profile() {
  if (geteuid() == 0) return true;
  const std::string status = read_file("/proc/self/status");
  const std::size_t at = status.find("CapEff:");
  if (at == std::string::npos) return false;
  std::size_t begin = status.find_first_of("0123456789abcdef", at + 7);
  std::uint64_t bits = 0;
  if (begin != std::string::npos) std::from_chars(status.data() + begin, status.data() + status.size(), bits, 16);
  constexpr int kSysAdmin = 21, kPerfmon = 38;
  return (bits >> kSysAdmin & 1) != 0 || (bits >> kPerfmon & 1) != 0;
}

Finding no_driver(const Error& error) {
  return {Finding::State::missing, "driver", error.message,
          "install NVIDIA's driver (Debian: nvidia-driver; in a container: start it with --gpus all); without one the "
          "CPU device runs everything"};
}

Finding no_card() {
  return {Finding::State::missing, "card", "the driver shows no card",
          "see nvidia-smi and dmesg; CUDA_VISIBLE_DEVICES may hide cards from programs"};
}

class Examination {
 public:
  explicit Examination(const std::string& toolkit) : toolkit_(toolkit) {}

  std::vector<Finding> run() {
    driver();
    module();
    cudnn();
    cupti();
    return std::move(found_);
  }

 private:
  using State = Finding::State;
  void add(State state, std::string subject, std::string text, std::string remedy = {}) {
    found_.push_back({state, std::move(subject), std::move(text), std::move(remedy)});
  }

  void driver() {
    auto info = probe_driver();
    if (!info.ok()) {
      found_.push_back(no_driver(info.error()));
      return;
    }
    add(State::works, "driver",
        (info->version.empty() ? "NVIDIA" : "NVIDIA " + info->version) + ", serves CUDA up to " +
            version_text(info->cuda_version));
    found_.push_back(driver_serves_toolkit(info->cuda_version, toolkit_));
    if (info->gpus.empty()) {
      found_.push_back(no_card());
      return;
    }
    cards_ = static_cast<int>(info->gpus.size());
    for (const GpuInfo& gpu : info->gpus) card(gpu);
  }

  void card(const GpuInfo& gpu) {
    found_.push_back(examine_card(gpu));
    if (gpu.tensor_cores())
      add(State::works, "Tensor Cores", "yes, on cuda:" + std::to_string(gpu.id));
    else
      add(State::limited, "Tensor Cores", "no, " + gpu.name + " has none",
          "FP16 and INT8 engines run on the ordinary cores, without their speed");
  }

  void module() {
    found_.push_back(examine_cuda_module(toolkit_));
  }

  void cudnn() {
    void* library = nullptr;
    std::string name;
    for (const char* candidate : {"libcudnn.so.9", "libcudnn.so.8"})
      if (!library && (library = dlopen(candidate, RTLD_LAZY | RTLD_LOCAL))) name = candidate;
    const auto version = library ? reinterpret_cast<std::size_t (*)()>(dlsym(library, "cudnnGetVersion")) : nullptr;
    if (!version) {
      add(State::limited, "cuDNN", "not found: convolutions run on the project's own kernels",
          "install cuDNN 8 or 9 (cudnn9-cuda-13), or name the folder of libcudnn.so.9 in LD_LIBRARY_PATH");
    } else {
      const auto number = static_cast<int>(version());
      const int major = number >= 90000 ? 10000 : 1000;
      add(State::works, "cuDNN",
          std::to_string(number / major) + "." + std::to_string(number % major / 100) + "." +
              std::to_string(number % 100) + ", " + name);
    }
    if (library) dlclose(library);
  }

  void cupti() {
    const auto report = probe_cupti(0);
    if (!report.ok()) {
      add(State::limited, "CUPTI", report.error().message,
          "until then profiles on a GPU are timed with events, node by node, without kernels");
      return;
    }
    if (report->library.empty()) {
      add(State::limited, "CUPTI", report->missing,
          "until then profiles on a GPU are timed with events, node by node, without kernels");
      return;
    }
    add(State::works, "CUPTI", "API " + std::to_string(report->api_version) + ", " + report->library);
    if (cards_ == 0) {
      add(State::missing, "kernel records", "no card to record", "see driver and card above");
      return;
    }
    if (!report->subscription.empty()) {
      add(State::limited, "subscription",
          report->other_tool.empty() ? report->subscription : "held by " + report->other_tool,
          "CUPTI serves one tool at a time: run without nsys, ncu, cuda-gdb, compute-sanitizer or another profiler");
      return;
    }
    add(State::works, "subscription", "free, no other tool holds it");
    if (report->tracing)
      add(State::works, "kernel records", "can be made");
    else
      add(State::limited, "kernel records", report->tracing_error,
          "until then profiles on a GPU are timed with events, node by node, without kernels");
    counters(*report);
  }

  void counters(const CuptiReport& report) {
    switch (report.counters) {
      case CuptiReport::Counters::permitted:
        return add(State::works, "counters", "permitted: CUPTI lists them for this process");
      case CuptiReport::Counters::refused:
        return add(State::limited, "counters", "refused: " + report.counters_error, kCounterRemedy);
      case CuptiReport::Counters::unknown:
        break;
    }
    found_.push_back(counters_by_settings(read_file("/proc/driver/nvidia/params"), may_profile()));
  }

  const std::string& toolkit_;
  std::vector<Finding> found_;
  int cards_ = 0;
};

}  // namespace

std::string finding_state_name(Finding::State state) {
  switch (state) {
    case Finding::State::works:
      return "works";
    case Finding::State::limited:
      return "limited";
    case Finding::State::missing:
      return "missing";
  }
  return "";
}

Finding examine_card(const GpuInfo& gpu) {
  char memory[32];
  std::snprintf(memory, sizeof memory, "%.1f GiB", static_cast<double>(gpu.memory_bytes) / (1 << 30));
  Finding card{Finding::State::works, "card cuda:" + std::to_string(gpu.id),
               gpu.name + ", compute capability " + std::to_string(gpu.compute_major) + "." +
                   std::to_string(gpu.compute_minor) + ", " + std::to_string(gpu.multiprocessors) +
                   " multiprocessors, " + memory,
               ""};
  if (gpu.compute_major * 10 + gpu.compute_minor < 75) {
    card.state = Finding::State::missing;
    card.remedy = "CUDA 13 serves compute capability 7.5 and up; build with CUDA 12 for cards of 7.0 and 7.2";
  }
  return card;
}

Finding examine_cuda_module(const std::string& toolkit) {
  if (toolkit.empty())
    return {Finding::State::missing, "CUDA device", "not in this build",
            "install the CUDA toolkit, 12.0 to 13, so that nvcc is found, and build again"};
  const auto module = SharedModule::open("isotherm-cuda.so");
  if (module.ok())
    return {Finding::State::works, "CUDA device", "built with CUDA " + toolkit + ", " + module->path(), ""};
  return {Finding::State::missing, "CUDA device", module.error().message,
          "build again, or install the libraries of CUDA " + toolkit +
              " (cuda-libraries), or name their folder in LD_LIBRARY_PATH"};
}

std::vector<RunDevice> run_devices(const Result<DriverInfo>& driver, const std::string& toolkit,
                                   const Finding& module) {
  std::vector<RunDevice> out = {{"cpu", "", {Finding::State::works, "CPU device", "runs everything", ""}}};
  if (!driver.ok() || driver->gpus.empty()) {
    out.push_back({"cuda:0", "", driver.ok() ? no_card() : no_driver(driver.error())});
    return out;
  }
  const Finding served = driver_serves_toolkit(driver->cuda_version, toolkit);
  for (const GpuInfo& gpu : driver->gpus) {
    Finding finding = examine_card(gpu);
    for (const Finding* needed : {&served, &module})
      if (finding.state != Finding::State::missing && needed->state == Finding::State::missing) finding = *needed;
    out.push_back({"cuda:" + std::to_string(gpu.id), gpu.name, std::move(finding)});
  }
  return out;
}

std::vector<RunDevice> run_devices(const std::string& toolkit) {
  const auto driver = probe_driver();
  // Without a card there is nothing to open the module for.
  const bool cards = driver.ok() && !driver->gpus.empty();
  return run_devices(driver, toolkit, cards ? examine_cuda_module(toolkit) : Finding());
}

std::vector<Finding> examine_machine(const std::string& toolkit) { return Examination(toolkit).run(); }

Finding counters_by_settings(const std::string& driver_params, bool privileged) {
  const std::size_t at = driver_params.find("RmProfilingAdminOnly:");
  const std::size_t digit = at == std::string::npos ? at : driver_params.find_first_of("01", at);
  if (digit == std::string::npos)
    return {Finding::State::limited, "counters",
            "the driver does not say who may read them: no RmProfilingAdminOnly in /proc/driver/nvidia/params",
            "run as root if they are refused"};
  if (driver_params[digit] == '0') return {Finding::State::works, "counters", "permitted to everybody", ""};
  if (privileged)
    return {Finding::State::works, "counters",
            "permitted to this process (root or CAP_SYS_ADMIN or CAP_PERFMON), not to everybody", ""};
  return {Finding::State::limited, "counters", "for administrators alone (RmProfilingAdminOnly is 1)", kCounterRemedy};
}

Finding driver_serves_toolkit(int driver, const std::string& toolkit) {
  if (toolkit.empty())
    return {Finding::State::missing, "toolkit", "this build has no CUDA device",
            "install the CUDA toolkit, 12.0 to 13, so that nvcc is found, and build again"};
  const int major = std::atoi(toolkit.c_str());
  const std::string served = version_text(driver);
  if (driver / 1000 > major)
    return {Finding::State::works, "toolkit", "CUDA " + toolkit + ", served by the driver (up to " + served + ")", ""};
  if (driver / 1000 == major) {
    const std::size_t dot = toolkit.find('.');
    const int minor = dot == std::string::npos ? 0 : std::atoi(toolkit.c_str() + dot + 1);
    if (driver % 1000 / 10 >= minor)
      return {Finding::State::works, "toolkit", "CUDA " + toolkit + ", served by the driver (up to " + served + ")",
              ""};
    return {Finding::State::limited, "toolkit",
            "CUDA " + toolkit + " is newer than the driver's " + served + ": code made for the card runs, PTX does not",
            "update the driver, or build for the card with ISOTHERM_CUDA_ARCHITECTURES"};
  }
  return {Finding::State::missing, "toolkit", "built with CUDA " + toolkit + ", the driver serves up to " + served,
          "update the driver, or build with CUDA " + served};
}

}  // namespace isotherm
