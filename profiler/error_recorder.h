// Compares the values of a run with engines with those of a native run, tensor by tensor.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/graph/tensor_error.h"
#include "profiler/session_data.h"
#include "profiler/value_recorder.h"

namespace isotherm {

/// What DESIGN promises of results of that precision against native ones; < 0: nothing.
double error_bound(ExecutedPrecision precision);

/// Which differences of index output `port` are ties, as `node` chose from `inputs` (on the host): of ArgMax, ArgMin,
/// TopK and NonMaxSuppression, where the scores differ by at most `bound` of the largest. Empty for other outputs.
TieCheck index_ties(const Node& node, int port, std::span<const Tensor> inputs, double bound);

/// Two observers: the run with engines first, which keeps a copy of all that it computes, then the native run, which
/// compares. The k-th execution of a node is compared with the k-th of the other run.
class ErrorRecorder {
 public:
  explicit ErrorRecorder(std::shared_ptr<const Conversion> conversion);
  ~ErrorRecorder();

  [[nodiscard]] RunObserver& engine_run();
  [[nodiscard]] RunObserver& native_run();
  /// What both runs gave back, under its names: compared too, where no node's own result was.
  void compare_fetches(const std::vector<std::string>& names, const std::vector<Tensor>& engines, const std::vector<Tensor>& native);
  /// After both runs: by node and port. Tensors that only one of them computed are not among them.
  std::vector<TensorErrorRecord> take();

 private:
  class Engines;
  class Native;
  /// A value of the run with engines.
  struct Kept {
    Tensor value;
    int execution = 0;  ///< of its node or layer, from 0
    NodeId engine = kNoNode;
    int layer = -1;
    bool engine_output = false;
    bool compared = false;
  };
  void add(TensorRef tensor, const Kept& from, const TensorError& error);

  std::shared_ptr<const Conversion> conversion_;
  std::map<TensorRef, std::vector<Kept>> kept_;
  std::map<NodeId, int> native_executions_;
  std::map<TensorRef, TensorErrorRecord> records_;
  std::unique_ptr<Engines> engines_;
  std::unique_ptr<Native> native_;
};

}  // namespace isotherm
