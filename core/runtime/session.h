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

namespace isotherm {

struct SessionOptions {
  int threads = 0;           ///< 0: all cores
  bool use_engines = true;   ///< false: engine nodes run their native segment, and say so
  bool reuse_buffers = true; ///< the arena
};

/// An engine node that ran its native segment, and why.
struct Fallback {
  std::string node;
  std::string reason;
};

struct RunStatistics {
  std::size_t arena_peak_bytes = 0;   ///< most bytes alive at once in the arena
  std::size_t nodes_run = 0;
  std::vector<Fallback> fallbacks;
};

struct RunOptions {
  RunObserver* observer = nullptr;
  const std::atomic<bool>* cancel = nullptr;   ///< checked between nodes and inside long kernels
};

struct RunResult {
  std::vector<Tensor> fetches;   ///< on the host, in the order asked for
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
  virtual Result<RunResult> run(const Feeds& feeds, const std::vector<std::string>& fetches, const RunOptions& options = {}) = 0;

  [[nodiscard]] virtual const Graph& graph() const = 0;
  [[nodiscard]] virtual const GraphShapes& shapes() const = 0;
  [[nodiscard]] virtual Device& device() = 0;
};

}  // namespace isotherm
