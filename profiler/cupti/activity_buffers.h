// The memory that CUPTI fills with records. Lives as long as the process: CUPTI may hand a buffer back after whoever
// asked for records has gone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "profiler/cupti/cupti_api.h"

namespace isotherm::cupti {

struct FilledBuffer {
  std::uint8_t* memory = nullptr;
  std::size_t bytes = 0;  ///< filled
};

/// Called by CUPTI on threads of its own and of the program, at any time.
class ActivityBuffers {
 public:
  static ActivityBuffers& instance();

  /// Makes buffers ready, zeroed, so that none has to be made in the middle of a run, and tells CUPTI of them.
  Status attach(const Api& api);
  /// What CUPTI has finished since the last call; to be given back with recycle().
  std::vector<FilledBuffer> take();
  void recycle(const std::vector<FilledBuffer>& buffers);
  /// Records that CUPTI lost, since the last call.
  std::int64_t take_dropped() { return dropped_.exchange(0); }
  /// Buffers that could not be had: CUPTI drops records then.
  [[nodiscard]] std::int64_t refused() const { return refused_; }

 private:
  static void CUPTIAPI on_request(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records);
  static void CUPTIAPI on_complete(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t size,
                                   std::size_t valid);

  // A few 10,000 records each; CUPTI asks for one per thread and kind of work.
  static constexpr std::size_t kBytes = std::size_t{4} << 20;
  static constexpr std::size_t kReady = 6;

  const Api* api_ = nullptr;
  std::mutex mutex_;
  std::vector<std::uint8_t*> free_;
  std::vector<FilledBuffer> filled_;
  std::atomic<std::int64_t> dropped_{0}, refused_{0};
};

}  // namespace isotherm::cupti
