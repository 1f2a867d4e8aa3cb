// Nodes that run functions: PartitionedCall and kin, If, Case, While, and ops named like a function of the library.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/runtime/graph_program.h"

namespace isotherm {

/// A kernel for a node whose op is `call`, `if_`, `case_` or `while_`. Bodies are made when first run. An error: the
/// node lacks the attribute that names its function.
Result<std::unique_ptr<Kernel>> make_call_kernel(ExecutorOp op, const Node& node, SessionContext& context);

/// A function that a node calls.
class Callee {
 public:
  Callee(FunctionRef ref, SessionContext& context) : ref_(std::move(ref)), context_(context) {}
  [[nodiscard]] const std::string& name() const { return ref_.name; }

  /// Runs the body; `arguments` may be moved from. An error where the number of arguments does not fit, where calls
  /// nest too deep, or where a result has no value.
  Status run(Run& run, std::span<Tensor> arguments, std::vector<Tensor>& results);

 private:
  FunctionRef ref_;
  SessionContext& context_;
  FunctionTable::Body* body_ = nullptr;  // the table's
};

}  // namespace isotherm
