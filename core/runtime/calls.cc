#include "core/runtime/calls.h"

#include <algorithm>

#include "core/runtime/node_context.h"

namespace isotherm {
namespace {

// Recursion ends somewhere; the limit keeps a function that calls itself for ever from overrunning the stack.
constexpr int kMaxDepth = 128;

// Inputs of a node from `begin` on as arguments of a function.
std::vector<Tensor> arguments_of(NodeContext& context, int begin) {
  std::vector<Tensor> arguments;
  arguments.reserve(static_cast<std::size_t>(std::max(0, context.input_count() - begin)));
  for (int i = begin; i < context.input_count(); ++i) arguments.push_back(context.claim(i));
  return arguments;
}

Status put_results(NodeContext& context, std::vector<Tensor>& results, const Callee& callee) {
  if (static_cast<int>(results.size()) < context.output_count())
    return invalid_input("function '" + callee.name() + "' has " + std::to_string(results.size()) +
                         " results, the node " + std::to_string(context.output_count()) + " outputs");
  for (int i = 0; i < context.output_count(); ++i)
    context.set_output(i, std::move(results[static_cast<std::size_t>(i)]));
  return {};
}

// A condition as TensorFlow reads it: a scalar is true if it is not zero or not empty, any other tensor if it has
// elements.
Result<bool> condition(const Tensor& value) {
  if (!value.valid() || is_host_only(value.dtype())) {
    if (value.dtype() != DType::string)
      return invalid_input("a " + std::string(dtype_name(value.dtype())) + " cannot be a condition");
    if (value.rank() != 0) return value.elements() > 0;
    return !value.string_values().at(0).empty();
  }
  if (value.rank() != 0) return value.elements() > 0;
  return number_at(value, 0) != 0;
}

class CallKernel final : public Kernel {
 public:
  explicit CallKernel(Callee callee) : callee_(std::move(callee)) {}
  Status run(KernelContext& kernel_context) override {
    auto& context = static_cast<NodeContext&>(kernel_context);
    std::vector<Tensor> arguments = arguments_of(context, 0), results;
    ISO_TRY(callee_.run(context.run(), arguments, results));
    return put_results(context, results, callee_);
  }

 private:
  Callee callee_;
};

// If and Case: input 0 chooses, the others are the arguments.
class BranchKernel final : public Kernel {
 public:
  /// `by_condition`: branches are then and else, chosen by truth; otherwise by index, the last one for any out of
  /// range.
  BranchKernel(std::vector<Callee> branches, bool by_condition)
      : branches_(std::move(branches)), by_condition_(by_condition) {}
  [[nodiscard]] bool input_on_host(int i) const override { return i == 0; }
  Status run(KernelContext& kernel_context) override {
    auto& context = static_cast<NodeContext&>(kernel_context);
    if (context.input_count() < 1) return invalid_input("the node has no input that chooses a branch");
    const Tensor& choice = context.input(0);
    std::size_t branch = 0;
    if (by_condition_) {
      ISO_ASSIGN(const bool taken, condition(choice));
      branch = taken ? 0 : 1;
    } else {
      if (choice.dtype() != DType::int32 || choice.elements() != 1)
        return invalid_input("the branch index is no int32 scalar");
      const std::int64_t index = integer_at(choice, 0);
      branch = index < 0 || index >= static_cast<std::int64_t>(branches_.size()) ? branches_.size() - 1
                                                                                 : static_cast<std::size_t>(index);
    }
    std::vector<Tensor> arguments = arguments_of(context, 1), results;
    ISO_TRY(branches_[branch].run(context.run(), arguments, results));
    return put_results(context, results, branches_[branch]);
  }

 private:
  std::vector<Callee> branches_;
  bool by_condition_;
};

class WhileKernel final : public Kernel {
 public:
  WhileKernel(Callee condition, Callee body) : condition_(std::move(condition)), body_(std::move(body)) {}
  Status run(KernelContext& kernel_context) override {
    auto& context = static_cast<NodeContext&>(kernel_context);
    Run& run = context.run();
    std::vector<Tensor> values = arguments_of(context, 0), copies, verdict, results;
    while (true) {
      if (run.cancelled()) return cancelled();
      copies = values;
      ISO_TRY(condition_.run(run, copies, verdict));
      copies.clear();
      if (verdict.empty()) return invalid_input("function '" + condition_.name() + "' has no result to decide on");
      Cell cell{std::move(verdict[0]), nullptr};
      bool must_wait = false;
      ISO_ASSIGN(const Tensor* value, run.value_on(cell, true, &must_wait, -1, condition_.name()));
      if (must_wait) ISO_TRY(run.synchronise());
      ISO_ASSIGN(const bool again, condition(*value));
      if (!again) break;
      ISO_TRY(body_.run(run, values, results));
      if (results.size() != values.size())
        return invalid_input("function '" + body_.name() + "' has " + std::to_string(results.size()) +
                             " results, the loop " + std::to_string(values.size()) + " variables");
      values.swap(results);
      results.clear();
    }
    return put_results(context, values, body_);
  }

 private:
  Callee condition_, body_;
};

Result<Callee> callee_of(const Node& node, std::string_view attr, SessionContext& context) {
  const FunctionRef* ref = node.attrs.get_func(attr);
  if (!ref || ref->name.empty())
    return invalid_input("has no attribute '" + std::string(attr) + "' that names a function");
  return Callee(*ref, context);
}

}  // namespace

Status Callee::run(Run& run, std::span<Tensor> arguments, std::vector<Tensor>& results) {
  if (run.depth >= kMaxDepth)
    return exhausted("calls of functions nest deeper than " + std::to_string(kMaxDepth) + " at '" + ref_.name + "'");
  if (!body_) {
    ISO_ASSIGN(body_, context_.functions.body(ref_, context_));
  }
  FunctionTable::Body* const body = body_;
  if (body->arguments.size() != arguments.size())
    return invalid_input("function '" + ref_.name + "' takes " + std::to_string(body->arguments.size()) +
                         " arguments, found " + std::to_string(arguments.size()));
  std::vector<Tensor> present;
  if (!body->executable) {
    std::vector<TensorRef> feeds;
    for (const TensorRef& argument : body->arguments)
      if (argument.node != kNoNode) feeds.push_back(argument);
    auto made = body->program->executable(feeds, body->results);
    if (!made.ok()) return made.error().at("function '" + ref_.name + "'");
    body->executable = *made;
  }
  std::span<Tensor> fed = arguments;
  if (std::ranges::any_of(body->arguments, [](const TensorRef& a) { return a.node == kNoNode; })) {
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (body->arguments[i].node != kNoNode) present.push_back(std::move(arguments[i]));
    fed = present;
  }
  results.assign(body->results.size(), Tensor());
  const std::string_view outer = run.function;
  run.function = body->program->function();
  ++run.depth;
  Status status = body->executable->run(run, fed, results);
  --run.depth;
  run.function = outer;
  if (!status.ok()) return status;
  results.resize(static_cast<std::size_t>(body->result_count));
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!results[i].valid())
      return invalid_input("result " + std::to_string(i) + " of function '" + ref_.name +
                           "' has no value: it lies on a branch that was not taken");
  return {};
}

Result<std::unique_ptr<Kernel>> make_call_kernel(ExecutorOp op, const Node& node, SessionContext& context) {
  switch (op) {
    case ExecutorOp::if_: {
      std::vector<Callee> branches;
      for (const char* attr : {"then_branch", "else_branch"}) {
        ISO_ASSIGN(Callee branch, callee_of(node, attr, context));
        branches.push_back(std::move(branch));
      }
      return std::unique_ptr<Kernel>(std::make_unique<BranchKernel>(std::move(branches), true));
    }
    case ExecutorOp::case_: {
      const AttrList* list = node.attrs.get_list("branches");
      if (!list || list->func.empty()) return invalid_input("has no attribute 'branches' that lists functions");
      std::vector<Callee> branches;
      for (const FunctionRef& ref : list->func) branches.emplace_back(ref, context);
      return std::unique_ptr<Kernel>(std::make_unique<BranchKernel>(std::move(branches), false));
    }
    case ExecutorOp::while_: {
      ISO_ASSIGN(Callee condition, callee_of(node, "cond", context));
      ISO_ASSIGN(Callee body, callee_of(node, "body", context));
      return std::unique_ptr<Kernel>(std::make_unique<WhileKernel>(std::move(condition), std::move(body)));
    }
    case ExecutorOp::call: {
      // An op of the function's own name carries the function's attributes itself.
      if (context.functions.library().find(node.op))
        return std::unique_ptr<Kernel>(
            std::make_unique<CallKernel>(Callee({node.op, std::make_shared<AttrMap>(node.attrs)}, context)));
      ISO_ASSIGN(Callee callee, callee_of(node, "f", context));
      return std::unique_ptr<Kernel>(std::make_unique<CallKernel>(std::move(callee)));
    }
    default:
      return internal_error("op '" + node.op + "' calls no function");
  }
}

}  // namespace isotherm
