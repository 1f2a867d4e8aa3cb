// A session runs a graph on a device: any fetch from any feed. Variables, tables and random state live in it across
// runs; kernels and engine plans are made once.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"
#include "core/runtime/device.h"
#include "core/runtime/engine_runner.h"

namespace isotherm {

struct SessionOptions {
  int threads = 0;            ///< 0: all cores
  bool use_engines = true;    ///< false: engine nodes run their native segment, and say so
  /// False: an engine node whose engine cannot be had, or fails, ends the run instead of running its native segment.
  /// Inputs that the shape check refuses go there all the same, as do all where engines are switched off.
  bool allow_native_segments = true;
  bool reuse_buffers = true;  ///< the arena
  /// Makes the runner of an engine node, once per node (core/engine: engine_runner_factory). Without it engine nodes
  /// run their native segment, and say so.
  EngineRunnerFactory engine_runner = {};
};

/// An engine node that ran its native segment, and why.
struct Fallback {
  std::string node;
  std::string reason;
};

struct RunStatistics {
  std::size_t arena_peak_bytes = 0;      ///< most bytes alive at once in the arena
  std::size_t arena_reserved_bytes = 0;  ///< what the arena holds of the device's memory
  /// Executions of nodes, those of function bodies and loop iterations included; constants, and what only passes a
  /// tensor on outside control flow (Identity), count nothing.
  std::size_t nodes_run = 0;
  std::vector<Fallback> fallbacks;
  /// The run was one recorded piece of work (Device::records_runs). The first run of its kind never is.
  bool replayed = false;
  /// Why runs like this one are not recorded, on a device that records; empty where they are.
  std::string not_recorded;
};

struct RunOptions {
  RunObserver* observer = nullptr;
  const std::atomic<bool>* cancel = nullptr;  ///< checked between nodes and inside long kernels
  /// A fetch without a value (on a branch not taken) comes back as an invalid Tensor instead of failing the run: for
  /// runs that look at every node.
  bool allow_dead_fetches = false;
  /// Fetches stay in the device's memory; those of a replayed run are overwritten by the next one.
  bool fetches_on_device = false;
};

struct RunResult {
  /// On the host (unless RunOptions::fetches_on_device), in the order asked for, owned by the caller. Invalid for a fetched node without outputs.
  std::vector<Tensor> fetches;
  RunStatistics statistics;
};

/// A feed or fetch by tensor name: "input", "a/b:1".
using Feeds = std::vector<std::pair<std::string, Tensor>>;

class Session {
 public:
  /// Fails if the graph's shapes contradict each other. Nothing is compiled yet: kernels are made when first needed.
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const Graph> graph, std::shared_ptr<Device> device,
                                                 const SessionOptions& options = {});
  virtual ~Session() = default;

  /// Runs what the fetches need, no more. Errors: a fetch or feed that does not exist (nearest names offered), a feed
  /// of the wrong dtype or shape, a placeholder that is needed and not fed, an op that cannot run, cancellation.
  /// One run at a time; sessions may run in parallel with each other.
  virtual Result<RunResult> run(const Feeds& feeds, const std::vector<std::string>& fetches,
                                const RunOptions& options = {}) = 0;

  /// Whether a node lies inside a while loop of Enter and Exit nodes, where it has a value per iteration and can be
  /// neither fed nor fetched.
  [[nodiscard]] virtual bool in_loop(NodeId node) const = 0;
  /// The runner of an engine node of the session's graph; null before its first run.
  [[nodiscard]] virtual EngineRunner* engine_runner(NodeId node) = 0;
  /// The next run records again, where runs are recorded: what watches a replay must have been there when the recording
  /// was made ready. Also happens by itself when a run comes with another observer than the recording was made under.
  virtual void record_again() = 0;
  [[nodiscard]] virtual SessionState& state() = 0;
  [[nodiscard]] virtual const Graph& graph() const = 0;
  [[nodiscard]] virtual const GraphShapes& shapes() const = 0;
  [[nodiscard]] virtual Device& device() = 0;
};

}  // namespace isotherm
