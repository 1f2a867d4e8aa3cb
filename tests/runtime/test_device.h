// A device for tests of the runtime: a few double-precision kernels, counters of what the runtime asked for, and an
// asynchronous form whose stream does nothing until it is waited for.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/runtime/device.h"
#include "core/runtime/kernel.h"
#include "core/runtime/session_state.h"

namespace isotherm::test {

/// Work is kept until synchronise(), then done in order. While it records, work is kept in the recording and not done.
class DeferredStream final : public Stream {
 public:
  explicit DeferredStream(bool deferred) : deferred_(deferred) {}
  void issue(std::function<void()> work) {
    if (recording)
      recorded.push_back(std::move(work));
    else if (deferred_)
      queue_.push_back(std::move(work));
    else
      work();
  }
  Status synchronise() override {
    if (recording) return unsupported("it waits in the middle");
    ++waits;
    for (; !queue_.empty(); queue_.pop_front()) queue_.front()();
    return {};
  }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  int waits = 0;
  bool recording = false;
  std::vector<std::function<void()>> recorded;

 private:
  bool deferred_;
  std::deque<std::function<void()>> queue_;
};

class TestDevice final : public Device {
 public:
  /// Asynchronous: memory of its own (MemoryKind::device, which tests must not read), work deferred.
  explicit TestDevice(bool asynchronous = false) : asynchronous_(asynchronous) {}

  [[nodiscard]] std::string name() const override { return "test"; }
  [[nodiscard]] std::string description() const override { return "test device"; }
  [[nodiscard]] MemoryKind memory_kind() const override {
    return asynchronous_ ? MemoryKind::device : MemoryKind::host;
  }
  Result<std::shared_ptr<Buffer>> allocate(std::size_t bytes) override;
  Result<std::unique_ptr<Stream>> make_stream() override;
  Result<Tensor> to_device(const Tensor& host, Stream& stream) override;
  Result<Tensor> to_host(const Tensor& tensor, Stream& stream) override;
  Status copy(const Tensor& from, const Tensor& to, Stream& stream) override;
  [[nodiscard]] bool records_runs() const override { return records; }
  Result<std::uint64_t> begin_recording(Stream& stream) override;
  Result<std::unique_ptr<Recording>> end_recording(Stream& stream) override;
  Result<std::unique_ptr<Kernel>> make_kernel(const KernelRequest& request) override;
  [[nodiscard]] bool supports(std::string_view op) const override;
  EngineBackend* engine_backend() override { return nullptr; }

  // What happened so far.
  std::map<std::string, int> made;       ///< kernels by node name
  std::vector<std::string> ran;          ///< node names, as issued
  std::set<std::string> in_place;        ///< nodes that wrote into an input
  std::map<std::string, int> constants;  ///< by node: inputs it was told are constants
  int allocations = 0;
  int copies_to_host = 0, copies_to_device = 0;
  bool records = false;  ///< set before a session's first run
  int recordings = 0, replays = 0;
  DeferredStream* stream = nullptr;  ///< the last one made
  std::function<void(const std::string& node)> on_run;

  [[nodiscard]] int runs_of(const std::string& node) const;

 private:
  bool asynchronous_;
};

}  // namespace isotherm::test
