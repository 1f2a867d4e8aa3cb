// A device: memory, streams, kernels for native nodes, and a backend that builds engine plans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/tensor.h"
#include "core/ops/op_def.h"
#include "core/ops/shape_inference.h"
#include "core/runtime/observer.h"

namespace isotherm {

class EngineBackend;  // core/engine/backend.h
class Kernel;
class SessionState;  // core/runtime/session_state.h: variables, tables, random state of a session

/// Work in order. The CPU device's stream runs work when it is issued.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Waits until all that was issued is done; returns the first error of any of it.
  virtual Status synchronise() = 0;
  /// The stream as the device's own interface knows it (a CUDA stream), for recorders; null where there is none.
  [[nodiscard]] virtual void* native_handle() const { return nullptr; }
};

/// Work that a stream recorded instead of running it (a CUDA Graph), to be issued again as one piece. Holds no memory:
/// whoever recorded keeps alive, unchanged in place, every buffer that the work uses.
class Recording {
 public:
  virtual ~Recording() = default;
  /// The number that RunObserver::capture_begin and replay give; unique in the process.
  [[nodiscard]] virtual std::uint64_t number() const = 0;
  /// Issues all of it on `stream`.
  virtual Status replay(Stream& stream) = 0;
};

/// Everything a device may look at when it makes a kernel. References stay valid as long as the kernel.
struct KernelRequest {
  const Graph& graph;
  NodeId id;
  const Node& node;
  const Signature& signature;
  /// Static knowledge of inputs and outputs; shapes may be partly unknown.
  std::span<const TensorInfo> inputs;
  std::span<const TensorInfo> outputs;
  /// Values of inputs that are constants (weights, also behind Identity and loop-invariant Enter): may be packed once,
  /// when the kernel is made; see Kernel::reads_input. On the host, aligned for their type, invalid elsewhere. The span
  /// is valid during make_kernel only; a kernel that keeps one keeps the Tensor.
  std::span<const Tensor> constants;
  SessionState* state = nullptr;
  int threads = 1;
};

class Device {
 public:
  virtual ~Device() = default;
  /// "cpu", "cuda:0": what --device takes.
  [[nodiscard]] virtual std::string name() const = 0;
  /// "AMD EPYC, 2 threads, oneDNN 2.6.3 (avx512_core)": for reports.
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] virtual MemoryKind memory_kind() const = 0;

  virtual Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes) = 0;
  virtual Result<std::unique_ptr<Stream>> make_stream() = 0;
  /// Alignment of what allocate() returns; the arena cuts blocks at multiples of it.
  [[nodiscard]] virtual std::size_t alignment() const { return kHostAlignment; }
  /// Host memory that copies to and from this device are fast with (pinned); ordinary host memory unless overridden.
  virtual Result<std::shared_ptr<Buffer>> allocate_on_host(std::size_t bytes);
  /// Host to device, device to host or within the device, in order on `stream`. For a host device: shares the buffer.
  virtual Result<Tensor> to_device(const Tensor& host, Stream& stream) = 0;
  virtual Result<Tensor> to_host(const Tensor& tensor, Stream& stream) = 0;
  /// Copies the elements of `from` into the memory of `to` (same dtype and number of elements; either side host or
  /// device), in order on `stream`. The executor keeps both alive until the stream has been synchronised. Unless
  /// overridden: between host tensors at once, an error for others.
  virtual Status copy(const Tensor& from, const Tensor& to, Stream& stream);

  /// Whether sessions are to record their runs, and plans theirs, and to replay them.
  [[nodiscard]] virtual bool records_runs() const { return false; }
  /// From here on `stream` records what is issued on it; waiting for it is an error, which ends the attempt. Kernels
  /// and copies must have been issued before with the same shapes, so that nothing is chosen, built or uploaded while
  /// recording. Returns the recording's number, for RunObserver::capture_begin.
  virtual Result<std::uint64_t> begin_recording(Stream& stream);
  /// Ends it, also after an error. The recording is ready to replay; capture_end is due when this has returned.
  virtual Result<std::unique_ptr<Recording>> end_recording(Stream& stream);

  /// A kernel for a native node. Never asked for the ops that the executor runs itself: see executor_ops.h. An error
  /// (unsupported) names node, op and reason.
  virtual Result<std::unique_ptr<Kernel>> make_kernel(const KernelRequest& request) = 0;
  /// Whether make_kernel knows the op at all.
  [[nodiscard]] virtual bool supports(std::string_view op) const = 0;
  /// Builds plans for engine nodes; null if the device cannot.
  virtual EngineBackend* engine_backend() = 0;
};

}  // namespace isotherm
