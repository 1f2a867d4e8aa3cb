// A graph as the executors see it: shapes, signatures, constants and kernels by node, made when first needed and kept;
// and the executables compiled from it, one per set of feeds and fetches. The session's graph is one, the body of every
// function that is called another.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ops/op_def.h"
#include "core/ops/shape_inference.h"
#include "core/runtime/executable.h"
#include "core/runtime/executor_ops.h"
#include "core/runtime/prune.h"

namespace isotherm {

class FunctionTable;

/// What all programs of a session share.
struct SessionContext {
  Device& device;
  SessionState& state;
  FunctionTable& functions;
  EngineRunnerFactory engine_runner;
  int threads = 1;
};

/// A node's kernel, what it was made from and what the executors ask it each time.
struct PreparedKernel {
  std::vector<TensorInfo> inputs, outputs;  ///< KernelRequest points here
  Signature signature;
  std::unique_ptr<Kernel> kernel;
  std::vector<std::uint8_t> host_input;  ///< by input: wanted on the host
  bool any_host_input = false;
};

class GraphProgram {
 public:
  GraphProgram(std::shared_ptr<const Graph> graph, GraphShapes shapes, SessionContext& context, std::string function)
      : graph_(std::move(graph)), shapes_(std::move(shapes)), context_(context), function_(std::move(function)) {}
  GraphProgram(const GraphProgram&) = delete;
  GraphProgram& operator=(const GraphProgram&) = delete;

  [[nodiscard]] const Graph& graph() const { return *graph_; }
  [[nodiscard]] const GraphShapes& shapes() const { return shapes_; }
  [[nodiscard]] SessionContext& context() { return context_; }
  /// Empty for the session's graph.
  [[nodiscard]] const std::string& function() const { return function_; }

  /// Compiled once and kept. A fetch with kControlPort runs its node and has no value. With `distrust` nothing that was
  /// inferred downstream of the feeds is taken to hold: for values that contradict it.
  Result<Executable*> executable(const std::vector<TensorRef>& feeds, const std::vector<TensorRef>& fetches,
                                 bool distrust = false);

  /// What the executor does with a node: its op's, or `call` for an op named like a function of the library.
  [[nodiscard]] ExecutorOp op_of(NodeId node) const;
  /// Number of outputs: by the op's signature; by the edges where the op is unknown.
  int output_count(NodeId node);

  /// Index of a Const node's value, made on first use. An error names the node and what is wrong with its value.
  Result<int> constant(NodeId node);
  /// Cells stay where they are as long as the program.
  Cell& constant_cell(int index) { return *constants_[static_cast<std::size_t>(index)]; }
  /// The Const node behind a tensor, through nodes that only pass values on (Identity, a loop-invariant Enter, not
  /// PlaceholderWithDefault) and are not fed. With `uncontrolled`: no node on the way may have control inputs or be an
  /// Enter, so that the value is there without any token. kNoNode if there is none.
  [[nodiscard]] NodeId constant_behind(TensorRef tensor, const FedTensors& fed, bool uncontrolled) const;

  /// The kernel of a node for an executable: the one that all share, or one of its own (put into `own`) if `fed`
  /// changes what is known about the node's inputs. `tainted`: nothing that was inferred about the node holds in this
  /// executable.
  Result<PreparedKernel*> kernel(NodeId node, const FedTensors& fed, bool tainted,
                                 std::unique_ptr<PreparedKernel>& own);
  /// The shared kernel if it exists already.
  [[nodiscard]] Kernel* existing_kernel(NodeId node) const;

  /// By node: whether a feed replaces a value from which shapes or values downstream were inferred, or, with `all`,
  /// whether the node is downstream of any feed. Empty: none.
  std::vector<std::uint8_t> tainted_nodes(std::span<const TensorRef> feeds, bool all) const;

 private:
  /// Whether every value that is this constant reaches kernels only, directly or through nodes that pass it on.
  [[nodiscard]] bool only_kernels_read(NodeId constant) const;
  Result<std::unique_ptr<PreparedKernel>> make_kernel(NodeId node, const FedTensors& fed, bool tainted);

  std::shared_ptr<const Graph> graph_;
  GraphShapes shapes_;
  SessionContext& context_;
  std::string function_;
  std::vector<int> output_counts_;   // -1: not asked yet
  std::vector<int> constant_index_;  // by node; -1: none yet
  std::vector<std::unique_ptr<Cell>> constants_;
  std::vector<std::unique_ptr<PreparedKernel>> kernels_;
  std::map<std::vector<TensorRef>, std::unique_ptr<Executable>> executables_;  // feeds, a separator, fetches
};

/// The bodies of functions as programs.
class FunctionTable {
 public:
  explicit FunctionTable(std::shared_ptr<const FunctionLibrary> library) : library_(std::move(library)) {}
  [[nodiscard]] const FunctionLibrary& library() const { return *library_; }

  struct Body {
    std::unique_ptr<GraphProgram> program;
    std::vector<TensorRef> arguments;  ///< by index; node kNoNode where the body has no such argument
    std::vector<TensorRef> results;    ///< by index, then every node that runs for its effect
    int result_count = 0;
    Executable* executable = nullptr;
  };
  /// The function's body, made on first use; it lives as long as the table, because functions may call themselves.
  /// One that is instantiated with attributes is made anew on each call of this.
  Result<Body*> body(const FunctionRef& ref, SessionContext& context);

 private:
  std::shared_ptr<const FunctionLibrary> library_;
  std::map<std::string, std::unique_ptr<Body>, std::less<>> bodies_;
  std::vector<std::unique_ptr<Body>> instances_;
};

}  // namespace isotherm
