#include "profiler/cupti/cupti_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace isotherm::cupti {
namespace {

namespace fs = std::filesystem;

/// "libcupti.so.13": CUPTI's major version is the toolkit's.
std::string soname() { return "libcupti.so." + std::to_string(CUDA_VERSION / 1000); }

std::vector<std::string> candidates() {
  std::vector<std::string> out;
  const auto in_folder = [&](const fs::path& folder) {
    std::error_code failed;
    const fs::path file = folder / soname();
    if (fs::exists(file, failed)) out.push_back(file.lexically_normal().string());
  };
  if (const char* file = std::getenv("ISOTHERM_CUPTI_LIBRARY"); file && *file) return {file};
  std::error_code failed;
  in_folder(fs::read_symlink("/proc/self/exe", failed).parent_path());
  out.push_back(soname());
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* root = std::getenv(variable);
    if (!root || !*root) continue;
    in_folder(fs::path(root) / "extras/CUPTI/lib64");
    in_folder(fs::path(root) / "lib64");
  }
  std::string folders = ISOTHERM_CUPTI_FOLDERS;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    if (end > begin) in_folder(folders.substr(begin, end - begin));
    begin = end + 1;
  }
  in_folder("/usr/local/cuda/extras/CUPTI/lib64");
  in_folder("/usr/local/cuda/lib64");
  return out;
}

Result<Api> load() {
  void* library = nullptr;
  std::string words;
  Api api;
  for (const std::string& candidate : candidates()) {
    library = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library) {
      api.path = candidate;
      break;
    }
    const char* text = dlerror();
    if (text && words.empty()) words = text;
  }
  if (!library)
    return not_found("CUPTI cannot be loaded (" + words + "); install the toolkit's CUPTI (cuda-cupti-" +
                     std::to_string(CUDA_VERSION / 1000) + "-" + std::to_string(CUDA_VERSION % 1000 / 10) +
                     "), or set ISOTHERM_CUPTI_LIBRARY to the path of " + soname());
  std::string absent;
  const auto find = [&](auto& function, const char* name, bool required) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
    if (!function && required && absent.empty()) absent = name;
  };
  find(api.get_version, "cuptiGetVersion", true);
  find(api.get_result_string, "cuptiGetResultString", true);
  find(api.subscribe, "cuptiSubscribe", true);
  find(api.unsubscribe, "cuptiUnsubscribe", true);
  find(api.enable_callback, "cuptiEnableCallback", true);
  find(api.get_callback_name, "cuptiGetCallbackName", true);
  find(api.get_timestamp, "cuptiGetTimestamp", true);
  find(api.activity_enable, "cuptiActivityEnable", true);
  find(api.activity_disable, "cuptiActivityDisable", true);
  find(api.activity_register_callbacks, "cuptiActivityRegisterCallbacks", true);
  find(api.activity_flush_all, "cuptiActivityFlushAll", true);
  find(api.activity_get_next_record, "cuptiActivityGetNextRecord", true);
  find(api.activity_get_num_dropped_records, "cuptiActivityGetNumDroppedRecords", true);
  find(api.push_external_id, "cuptiActivityPushExternalCorrelationId", true);
  find(api.pop_external_id, "cuptiActivityPopExternalCorrelationId", true);
  find(api.get_graph_node_id, "cuptiGetGraphNodeId", true);
  find(api.activity_set_attribute, "cuptiActivitySetAttribute", false);
  find(api.profiler_initialize, "cuptiProfilerInitialize", false);
  find(api.profiler_deinitialize, "cuptiProfilerDeInitialize", false);
  find(api.get_counter_availability, "cuptiProfilerGetCounterAvailability", false);
#if CUPTI_API_VERSION >= 130000
  find(api.subscribe_v2, "cuptiSubscribe_v2", false);
#endif
  if (!absent.empty()) return unsupported(api.path + " has no function " + absent + ": it is older than CUDA 11.8");
  std::uint32_t version = 0;
  if (api.get_version(&version) == CUPTI_SUCCESS) api.version = static_cast<int>(version);
  return api;
}

}  // namespace

Result<const Api*> api() {
  static const Result<Api> loaded = load();
  if (!loaded.ok()) return loaded.error();
  return &*loaded;
}

std::string Api::words(CUptiResult result) const {
  const char* text = nullptr;
  if (get_result_string(result, &text) != CUPTI_SUCCESS || !text) text = "unknown error";
  return std::string(text) + " (CUPTI error " + std::to_string(static_cast<int>(result)) + ")";
}

Status Api::check(CUptiResult result, const char* what) const {
  if (result == CUPTI_SUCCESS) return {};
  std::string text = "CUPTI refuses " + std::string(what) + ": " + words(result);
  if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES)
    text +=
        "; run as root, or in a container with --cap-add=SYS_ADMIN, or let everybody profile with the option "
        "NVreg_RestrictProfilingToAdminUsers=0 of the nvidia kernel module";
  return unsupported(std::move(text));
}

Result<CUpti_SubscriberHandle> subscribe(const Api& api, CUpti_CallbackFunc callback, void* data,
                                         std::string* other_tool) {
  CUpti_SubscriberHandle handle = nullptr;
  char other[128] = {};
  CUptiResult result = CUPTI_SUCCESS;
#if CUPTI_API_VERSION >= 130000
  if (api.subscribe_v2) {
    CUpti_SubscriberParams params{};
    params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
    params.subscriberName = "Isotherm";
    params.oldSubscriberName = other;
    params.oldSubscriberSize = sizeof other;
    result = api.subscribe_v2(&handle, callback, data, &params);
  } else {
    result = api.subscribe(&handle, callback, data);
  }
#else
  result = api.subscribe(&handle, callback, data);
#endif
  if (result == CUPTI_SUCCESS) return handle;
  if (result != CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    const Status refused = api.check(result, "the subscription");
    return refused.error();
  }
  other[sizeof other - 1] = 0;
  const std::string name = other[0] ? std::string(other) : "another profiler or debugger";
  if (other_tool) *other_tool = name;
  return unsupported("CUPTI serves one tool at a time, and " + name +
                     " holds it: run without nsys, ncu, cuda-gdb, compute-sanitizer or another profiler");
}

}  // namespace isotherm::cupti
