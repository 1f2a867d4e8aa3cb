// CUPTI's records as plain data.
#pragma once

#include <string>
#include <unordered_map>

#include "profiler/activity.h"
#include "profiler/cupti/activity_buffers.h"

namespace isotherm::cupti {

class ActivityParser {
 public:
  explicit ActivityParser(const Api& api) : api_(api) {}

  /// Appends the records of a buffer to `batch`. `offset` is added to CUPTI's times, but for those that are missing
  /// (0).
  Status parse(const FilledBuffer& buffer, std::int64_t offset, ActivityBatch& batch);
  /// The next batch numbers its strings from the beginning.
  void start_batch(ActivityBatch& batch);

 private:
  int intern(ActivityBatch& batch, const char* text);
  int call_name(ActivityBatch& batch, bool driver, std::uint32_t id);
  void add(const CUpti_Activity& record, std::int64_t offset, ActivityBatch& batch);

  const Api& api_;
  std::unordered_map<std::string, int> strings_;
  std::unordered_map<std::uint64_t, int> calls_;
};

}  // namespace isotherm::cupti
