// What one run of a session shares among all executors that work for it: the stream, the arenas, the statistics.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/runtime/arena.h"
#include "core/runtime/kernel.h"
#include "core/runtime/observer.h"
#include "core/runtime/session.h"
#include "core/runtime/value_observer.h"

namespace isotherm {

/// A value on its way through an executor, and its copy on the other side (host or device) once someone needed that.
/// Tokens that carry the same value share the copy.
struct Cell {
  Tensor value;
  std::shared_ptr<Tensor> mirror;

  void reset() {
    value = Tensor();
    mirror.reset();
  }
};

struct Run {
  Device& device;
  Stream& stream;
  SessionState& state;
  std::shared_ptr<Arena> arena;       ///< the device's memory
  std::shared_ptr<Arena> host_arena;  ///< the same one where the device's memory is the host's
  int threads = 1;
  bool use_engines = true;
  bool allow_native_segments = true;
  bool host_device = true;  ///< no copies are ever needed
  RunObserver* observer = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  RunStatistics* statistics = nullptr;
  std::string_view function;    ///< the function whose body runs; empty in the session's graph
  int depth = 0;                ///< of nested calls
  std::vector<Tensor> pending;  ///< ends of copies still queued on the stream

  [[nodiscard]] bool cancelled() const { return cancel && cancel->load(std::memory_order_relaxed); }
  /// Waits for the stream.
  Status synchronise();
  /// The value of `cell` on the side asked for, copying where needed. A copy to the host is complete only after
  /// synchronise(): `*must_wait` is set then. Strings and objects are always on the host.
  Result<const Tensor*> value_on(Cell& cell, bool host, bool* must_wait, std::int64_t node, std::string_view name);
  /// A tensor of the caller's own on the host: no part of an arena. Complete after synchronise().
  Result<Tensor> take_out(const Tensor& value, std::int64_t node, std::string_view name);
};

/// Tells an observer, if there is one, of a scope for as long as the object lives.
class Scope {
 public:
  Scope(RunObserver* observer, const ScopeInfo& info, Stream* stream)
      : observer_(observer), info_(info), stream_(stream) {
    if (observer_) observer_->scope_begin(info_, stream_);
  }
  ~Scope() {
    if (observer_) observer_->scope_end(info_, stream_);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  RunObserver* observer_;
  const ScopeInfo& info_;
  Stream* stream_;
};

/// Shows an observer of values what a node has made; does nothing without one. The object lives while the node runs.
class NodeWatch {
 public:
  explicit NodeWatch(Run& run) : run_(run), observer_(run.observer ? run.observer->values() : nullptr) {
    if (observer_) outer_ = run_.arena->begin_window();
  }
  /// When the node has run without an error; `context` where a kernel ran it.
  Status node_ran(const ScopeInfo& scope, std::span<const Cell> outputs, const KernelContext* context = nullptr) {
    return observer_ ? tell(scope, outputs, context) : Status();
  }

 private:
  Status tell(const ScopeInfo& scope, std::span<const Cell> outputs, const KernelContext* context);

  Run& run_;
  ValueObserver* observer_;
  std::size_t outer_ = 0;
};

/// Whether values of the type can only live on the host: strings, resources, variants.
inline bool is_host_only(DType dtype) { return dtype_size(dtype) == 0; }

/// The value at an address that its elements may lie at: itself, or a copy. Constants of a mapped file lie anywhere.
Result<Tensor> aligned_for_elements(const Tensor& value);

/// "node 'x' (Op)".
std::string describe_node(const Node& node);
/// The error with its node before it, unless it names the node already.
Error at_node(const Error& error, const Node& node);

}  // namespace isotherm
