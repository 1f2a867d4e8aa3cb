#include "core/workbench/devices.h"

#include <sys/utsname.h>

#include <charconv>
#include <fstream>
#include <thread>

#include "core/cpu/cpu_device.h"
#include "core/cpu/engine/backend.h"
#include "core/engine/engine_runner_factory.h"

namespace isotherm {

std::optional<int> gpu_index(std::string_view name) {
  if (name == "cuda") return 0;
  if (!name.starts_with("cuda:")) return std::nullopt;
  int index = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, failed] = std::from_chars(name.data() + 5, end, index);
  if (failed != std::errc() || stop != end || index < 0) return std::nullopt;
  return index;
}

Result<std::shared_ptr<Device>> open_device(std::string_view name, int threads, const GpuOptions& gpu) {
  if (name == "cpu") return make_cpu_device(threads, make_cpu_engine_backend);
  if (const auto index = gpu_index(name)) {
    GpuOptions options = gpu;
    options.index = *index;
    options.threads = threads;
    options.host = make_cpu_device(threads);
    return open_gpu(options);
  }
  return not_found("there is no device '" + std::string(name) + "'; expected cpu or cuda:N");
}

SessionOptions session_options(int threads, bool use_engines, bool allow_native_segments) {
  SessionOptions options;
  options.threads = threads;
  options.use_engines = use_engines;
  options.allow_native_segments = allow_native_segments;
  // Constant sub-graphs are computed on the host, whatever the device.
  options.engine_runner = engine_runner_factory({.evaluator = make_cpu_device(threads)});
  return options;
}

std::size_t engine_bytes(Session& session) {
  std::size_t bytes = 0;
  for (NodeId id = 0; id < session.graph().size(); ++id) {
    const auto* runner = dynamic_cast<const PlanEngineRunner*>(session.engine_runner(id));
    if (const auto plan = runner ? runner->last_plan() : nullptr) bytes += plan->device_bytes();
  }
  return bytes;
}

std::vector<std::pair<std::string, std::string>> describe_machine() {
  std::vector<std::pair<std::string, std::string>> out;
  const auto field = [](const char* path, const std::string& key) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      if (!line.starts_with(key)) continue;
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) continue;
      const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
      return begin == std::string::npos ? std::string() : line.substr(begin);
    }
    return std::string("unknown");
  };
  out.emplace_back("processor", field("/proc/cpuinfo", "model name"));
  out.emplace_back("cores", std::to_string(std::thread::hardware_concurrency()));
  out.emplace_back("memory", field("/proc/meminfo", "MemTotal"));
  utsname system{};
  if (uname(&system) == 0) out.emplace_back("system", std::string(system.sysname) + " " + system.release + " " + system.machine);
  return out;
}

}  // namespace isotherm
