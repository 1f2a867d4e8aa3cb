// A stream of the CUDA device with what is bound to it: workspace of the libraries, staging memory for copies, the
// graph that is being recorded.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/graph/tensor.h"
#include "cuda/cuda_stream.h"
#include "cuda/device/cudnn.h"

namespace isotherm::cuda {

class CudaDevice;

class DeviceStream final : public CudaStream {
 public:
  /// `device` must outlive the stream.
  static Result<std::unique_ptr<DeviceStream>> make(CudaDevice& device);
  ~DeviceStream() override;
  DeviceStream(const DeviceStream&) = delete;
  DeviceStream& operator=(const DeviceStream&) = delete;

  /// Waits, and completes copies to ordinary host memory. An error while the stream records.
  Status synchronise() override;
  [[nodiscard]] cudaStream_t handle() const override { return stream_; }
  [[nodiscard]] int device_index() const override;
  [[nodiscard]] bool recording() const override { return recording_; }
  [[nodiscard]] CudaDevice& device() const { return device_; }

  /// Copies bytes, in order on the stream; either side on the host or on the device. What is on the host and not pinned
  /// goes through pinned memory of the stream's own, and is there after synchronise(); such copies cannot be recorded.
  Status copy(const Tensor& from, const Tensor& to);

  /// Scratch memory on the device that library calls on this stream share, each until the next one: of fixed size and
  /// address, so that calls can be recorded.
  [[nodiscard]] void* workspace() const { return workspace_; }
  static constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

  /// cuDNN's handle for this stream; an error where the device uses no cuDNN. First asked for outside of recordings.
  Result<CudnnHandle> cudnn();

  /// Milliseconds that the work issued by `issue` takes when done `repetitions` times in a row, each. Waits; not while
  /// recording.
  Result<float> time(const std::function<Status()>& issue, int repetitions);

  Status begin_recording(std::uint64_t number);
  /// Of the recording begun last.
  [[nodiscard]] std::uint64_t recording_number() const { return recording_number_; }
  /// Ends it; the graph is the caller's. An error where what was issued could not be recorded.
  Result<cudaGraph_t> end_recording();

 private:
  explicit DeviceStream(CudaDevice& device) : device_(device) {}
  struct Staging {
    std::byte* data = nullptr;
    std::size_t bytes = 0;
    bool used = false;
  };
  struct Landing {  // a copy to ordinary host memory, complete when the stream has been waited for
    const std::byte* from = nullptr;
    std::byte* to = nullptr;
    std::size_t bytes = 0;
  };
  /// Pinned memory until the next synchronise(); null where the pool is full or the system refuses.
  std::byte* stage(std::size_t bytes);

  CudaDevice& device_;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
  void* workspace_ = nullptr;
  CudnnHandle cudnn_ = nullptr;
  bool recording_ = false;
  std::uint64_t recording_number_ = 0;
  std::vector<Staging> staging_;
  std::size_t staged_bytes_ = 0;
  std::vector<Landing> landings_;
};

}  // namespace isotherm::cuda
