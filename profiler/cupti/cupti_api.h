// CUPTI's functions, looked up at run time.
#pragma once

#include <cupti.h>
#include <cupti_profiler_target.h>

#include <string>

#include "core/graph/status.h"

namespace isotherm::cupti {

/// Functions by their name in CUPTI without its prefix. Those marked optional may be null.
struct Api {
  std::string path;  ///< the library's
  int version = 0;   ///< of its interface, as it numbers itself

  decltype(&::cuptiGetVersion) get_version = nullptr;
  decltype(&::cuptiGetResultString) get_result_string = nullptr;
  decltype(&::cuptiSubscribe) subscribe = nullptr;
  decltype(&::cuptiUnsubscribe) unsubscribe = nullptr;
  decltype(&::cuptiEnableCallback) enable_callback = nullptr;
  decltype(&::cuptiGetCallbackName) get_callback_name = nullptr;
  decltype(&::cuptiGetTimestamp) get_timestamp = nullptr;
  decltype(&::cuptiActivityEnable) activity_enable = nullptr;
  decltype(&::cuptiActivityDisable) activity_disable = nullptr;
  decltype(&::cuptiActivityRegisterCallbacks) activity_register_callbacks = nullptr;
  decltype(&::cuptiActivityFlushAll) activity_flush_all = nullptr;
  decltype(&::cuptiActivityGetNextRecord) activity_get_next_record = nullptr;
  decltype(&::cuptiActivityGetNumDroppedRecords) activity_get_num_dropped_records = nullptr;
  decltype(&::cuptiActivityPushExternalCorrelationId) push_external_id = nullptr;
  decltype(&::cuptiActivityPopExternalCorrelationId) pop_external_id = nullptr;
  decltype(&::cuptiGetGraphNodeId) get_graph_node_id = nullptr;
  decltype(&::cuptiActivitySetAttribute) activity_set_attribute = nullptr;              // optional
  decltype(&::cuptiProfilerInitialize) profiler_initialize = nullptr;                   // optional
  decltype(&::cuptiProfilerDeInitialize) profiler_deinitialize = nullptr;               // optional
  decltype(&::cuptiProfilerGetCounterAvailability) get_counter_availability = nullptr;  // optional
#if CUPTI_API_VERSION >= 130000
  decltype(&::cuptiSubscribe_v2) subscribe_v2 = nullptr;  // optional
#endif

  /// "insufficient privileges (CUPTI error 35)".
  [[nodiscard]] std::string words(CUptiResult result) const;
  /// Success, or an error "CUPTI refuses WHAT: words", with a remedy where one is known.
  [[nodiscard]] Status check(CUptiResult result, const char* what) const;
};

/// The library, loaded once and for good. Looked for: the file that ISOTHERM_CUPTI_LIBRARY names, beside the program,
/// the loader's places, CUDA_HOME and CUDA_PATH, the toolkit of the build, /usr/local/cuda. An error says so.
Result<const Api*> api();

/// Takes CUPTI's only subscription. If another tool has it: an error that names the tool as far as CUPTI does, and
/// `other_tool` gets that name.
Result<CUpti_SubscriberHandle> subscribe(const Api& api, CUpti_CallbackFunc callback, void* data,
                                         std::string* other_tool);

}  // namespace isotherm::cupti
