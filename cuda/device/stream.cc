#include "cuda/device/stream.h"

#include <algorithm>
#include <cstring>

#include "cuda/device/device.h"
#include "cuda/device/error.h"

namespace isotherm::cuda {
namespace {

// Larger copies go to the driver as they are: they are weights, moved once.
constexpr std::size_t kLargestStaged = std::size_t{16} << 20;
constexpr std::size_t kStagingPool = std::size_t{64} << 20;

bool is_pinned(const Tensor& tensor) { return tensor.buffer() && tensor.buffer()->kind() == MemoryKind::pinned; }

}  // namespace

int DeviceStream::device_index() const { return device_.index(); }

Result<std::unique_ptr<DeviceStream>> DeviceStream::make(CudaDevice& device) {
  ISO_TRY(device.make_current());
  std::unique_ptr<DeviceStream> stream(new DeviceStream(device));
  ISO_CUDA(cudaStreamCreateWithFlags(&stream->stream_, cudaStreamNonBlocking));
  ISO_CUDA(cudaEventCreate(&stream->begin_));
  ISO_CUDA(cudaEventCreate(&stream->end_));
  ISO_CUDA(cudaMalloc(&stream->workspace_, kWorkspaceBytes));
  return stream;
}

DeviceStream::~DeviceStream() {
  if (!device_.make_current().ok()) return;
  if (stream_) (void)cudaStreamSynchronize(stream_);
  if (cudnn_) device_.cudnn()->destroy(cudnn_);
  for (const Staging& s : staging_) (void)cudaFreeHost(s.data);
  if (workspace_) (void)cudaFree(workspace_);
  if (begin_) (void)cudaEventDestroy(begin_);
  if (end_) (void)cudaEventDestroy(end_);
  if (stream_) (void)cudaStreamDestroy(stream_);
}

Status DeviceStream::synchronise() {
  if (recording_) return unsupported("it waits for a value of the device in the middle, which cannot be recorded");
  ISO_CUDA(cudaStreamSynchronize(stream_));
  for (const Landing& l : landings_) std::memcpy(l.to, l.from, l.bytes);
  landings_.clear();
  for (Staging& s : staging_) s.used = false;
  return {};
}

std::byte* DeviceStream::stage(std::size_t bytes) {
  if (bytes > kLargestStaged) return nullptr;
  Staging* best = nullptr;
  for (Staging& s : staging_)
    if (!s.used && s.bytes >= bytes && (!best || s.bytes < best->bytes)) best = &s;
  if (!best) {
    const std::size_t size = std::max<std::size_t>(bytes, 64 << 10);
    if (staged_bytes_ + size > kStagingPool) return nullptr;
    void* data = nullptr;
    if (cudaHostAlloc(&data, size, cudaHostAllocDefault) != cudaSuccess) {
      (void)cudaGetLastError();
      return nullptr;
    }
    staging_.push_back({static_cast<std::byte*>(data), size, false});
    staged_bytes_ += size;
    best = &staging_.back();
  }
  best->used = true;
  return best->data;
}

Status DeviceStream::copy(const Tensor& from, const Tensor& to) {
  const std::size_t bytes = from.byte_size();
  if (bytes == 0) return {};
  if (to.byte_size() != bytes)
    return internal_error("a copy of " + std::to_string(bytes) + " bytes to " + std::to_string(to.byte_size()));
  if (from.on_host() && to.on_host()) {
    std::memcpy(to.raw(), from.raw(), bytes);
    return {};
  }
  ISO_TRY(device_.make_current());
  if (!from.on_host() && !to.on_host()) {
    ISO_CUDA(cudaMemcpyAsync(to.raw(), from.raw(), bytes, cudaMemcpyDeviceToDevice, stream_));
    return {};
  }
  const bool upload = from.on_host();
  if (const bool pinned = is_pinned(upload ? from : to); !pinned) {
    if (recording_)
      return unsupported("it copies between the device and ordinary host memory, which cannot be recorded");
    if (std::byte* const staged = stage(bytes)) {
      if (upload) {
        std::memcpy(staged, from.raw(), bytes);
        ISO_CUDA(cudaMemcpyAsync(to.raw(), staged, bytes, cudaMemcpyHostToDevice, stream_));
      } else {
        ISO_CUDA(cudaMemcpyAsync(staged, from.raw(), bytes, cudaMemcpyDeviceToHost, stream_));
        landings_.push_back({staged, to.raw(), bytes});
      }
      return {};
    }
  }
  ISO_CUDA(
      cudaMemcpyAsync(to.raw(), from.raw(), bytes, upload ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost, stream_));
  return {};
}

Result<CudnnHandle> DeviceStream::cudnn() {
  const CudnnApi* api = device_.cudnn();
  if (!api) return unsupported("the device uses no cuDNN");
  if (!cudnn_) {
    if (recording_) return internal_error("cuDNN was first asked for while a stream records");
    ISO_TRY(device_.make_current());
    ISO_CUDNN(*api, create(&cudnn_));
    ISO_CUDNN(*api, set_stream(cudnn_, stream_));
  }
  return cudnn_;
}

Result<float> DeviceStream::time(const std::function<Status()>& issue, int repetitions) {
  if (recording_) return internal_error("work is timed while a stream records");
  ISO_CUDA(cudaEventRecord(begin_, stream_));
  for (int i = 0; i < repetitions; ++i) ISO_TRY(issue());
  ISO_CUDA(cudaEventRecord(end_, stream_));
  ISO_CUDA(cudaEventSynchronize(end_));
  float milliseconds = 0;
  ISO_CUDA(cudaEventElapsedTime(&milliseconds, begin_, end_));
  return milliseconds / static_cast<float>(repetitions);
}

Status DeviceStream::begin_recording(std::uint64_t number) {
  if (recording_) return internal_error("a stream that records cannot begin another recording");
  ISO_TRY(device_.make_current());
  // Other threads go on allocating, and so may this one: a graph holds no memory.
  ISO_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
  recording_ = true;
  recording_number_ = number;
  return {};
}

Result<cudaGraph_t> DeviceStream::end_recording() {
  if (!recording_) return internal_error("a stream that records nothing cannot end a recording");
  recording_ = false;
  cudaGraph_t graph = nullptr;
  ISO_CUDA(cudaStreamEndCapture(stream_, &graph));
  if (!graph) return internal_error("cudaStreamEndCapture gave no graph");
  return graph;
}

}  // namespace isotherm::cuda
