// How the runtime tells a profiler what it does. Three kinds of events: a scope on a stream, the capture of a graph,
// the replay of a graph. The runtime knows nothing of profilers, a profiler nothing of executors.
#pragma once

#include <cstdint>
#include <string_view>

namespace isotherm {

class Stream;
class ValueObserver;  // core/runtime/value_observer.h

/// What a scope stands for.
enum class ScopeKind : std::uint8_t {
  run,     ///< one run of a session: from feeds to fetches
  node,    ///< one execution of a node (an engine node too)
  engine,  ///< an engine's plan inside its node
  layer,   ///< a layer of that plan
  copy,    ///< a transfer that no node asked for: feeds, fetches, host to device
};

/// Valid during the call only.
struct ScopeInfo {
  ScopeKind kind = ScopeKind::run;
  std::int64_t id =
      -1;  ///< node: NodeId in the graph that runs; engine: NodeId of its node; layer: its index in the plan
  std::int64_t engine = -1;     ///< layer: NodeId of its engine's node
  std::string_view name = {};   ///< node, engine or layer name
  std::string_view op = {};     ///< op of a node, kind of a layer
  std::uint64_t frame = 0;      ///< frame instance and
  std::uint64_t iteration = 0;  ///< iteration of a loop; 0 outside loops
  /// Empty for nodes of the session's graph. Inside a function that a node calls: the function's name; `id` is then the
  /// NodeId in that function's body. Such scopes lie within the calling node's.
  std::string_view function = {};
};

/// Called on the thread that issues the work, in order per stream; must be quick and must not throw. Scopes nest.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void scope_begin(const ScopeInfo& scope, Stream* stream) = 0;
  virtual void scope_end(const ScopeInfo& scope, Stream* stream) = 0;
  /// Between begin and end the stream records instead of running; scopes seen meanwhile belong to nodes of `graph`,
  /// a number that is unique in the process.
  virtual void capture_begin(std::uint64_t graph, Stream* stream) = 0;
  virtual void capture_end(std::uint64_t graph, Stream* stream) = 0;
  virtual void replay(std::uint64_t graph, Stream* stream) = 0;
  /// The engine node `node` ran its native segment instead: why.
  virtual void fallback(std::int64_t node, std::string_view reason) = 0;
  /// Who looks at the values of the run too; null: nobody does. The same for the whole run.
  [[nodiscard]] virtual ValueObserver* values() { return nullptr; }
};

}  // namespace isotherm
