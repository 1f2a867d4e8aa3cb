// Variables of both kinds: VarHandleOp and its readers and writers; VariableV2 and Assign. Values live in the session's
// state; a write makes a new tensor, so that readers keep what they read.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"
#include "core/runtime/session_state.h"

namespace isotherm::cpu {
namespace {

Result<std::shared_ptr<Variable>> variable_of(KernelContext& context) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& handle = context.input(0);
  if (handle.dtype() != DType::resource || handle.elements() != 1)
    return invalid_input("the handle is a " + std::string(dtype_name(handle.dtype())) + "; expected a variable");
  auto variable = std::dynamic_pointer_cast<Variable>(handle.object_values()[0]);
  if (!variable) return invalid_input("the handle is no variable");
  return variable;
}

Status run_var_handle(KernelContext& context, const Node& node) {
  std::string name = node.attrs.get_string("shared_name");
  if (name.empty()) name = node.name;
  ISO_ASSIGN(
      std::shared_ptr<Variable> variable,
      context.state().variable(node.attrs.get_string("container"), name, node.attrs.get_type("dtype", DType::float32)));
  context.set_output(0, Tensor::object(DType::resource, std::move(variable)));
  return {};
}

Error uninitialised(const Variable& v) { return invalid_input(v.describe() + " is read before it has a value"); }

Status run_read(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<Variable> variable, variable_of(context));
  if (!variable->value.valid()) return uninitialised(*variable);
  context.set_output(0, variable->value);
  return {};
}

/// The arena may give a buffer out again only when nobody holds it: keeping the tensor keeps its memory.
Status run_assign(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<Variable> variable, variable_of(context));
  if (context.input(1).dtype() != variable->dtype) return unsupported_dtype(context.input(1).dtype());
  variable->value = context.input(1);
  return {};
}

Result<Tensor> sum_of(KernelContext& context, const Tensor& a, const Tensor& b, bool subtract) {
  ISO_TRY(expect_same_shape(a, b, "the variable", "the value"));
  if (a.dtype() != b.dtype()) return unsupported_dtype(b.dtype());
  ISO_ASSIGN(Tensor result, context.allocate(a.dtype(), a.shape()));
  ISO_TRY(for_arithmetic(a.dtype(), [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    const T *x = in<T>(a), *y = in<T>(b);
    for (std::int64_t i = 0; i < a.elements(); ++i)
      out<T>(result)[i] = static_cast<T>(subtract ? x[i] - y[i] : x[i] + y[i]);
    return {};
  }));
  return result;
}

template <bool Subtract>
Status run_assign_sum(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<Variable> variable, variable_of(context));
  if (!variable->value.valid()) return uninitialised(*variable);
  ISO_ASSIGN(variable->value, sum_of(context, variable->value, context.input(1), Subtract));
  return {};
}

Status run_is_initialised(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<Variable> variable, variable_of(context));
  context.set_output(0, Tensor::scalar(variable->value.valid()));
  return {};
}

Status run_variable_shape(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const std::shared_ptr<Variable> variable, variable_of(context));
  if (!variable->value.valid()) return uninitialised(*variable);
  ISO_ASSIGN(Tensor shape,
             index_vector(context, node.attrs.get_type("out_type", DType::int32), variable->value.shape().dims()));
  context.set_output(0, std::move(shape));
  return {};
}

/// The node of a reference variable, behind what passes references on; null if there is none.
const Node* reference_source(const Graph& graph, const Node& node) {
  const Node* at = &node;
  for (int hops = 0; hops < 32; ++hops) {
    if (at->data_inputs < 1) return nullptr;
    at = &graph.node(at->inputs[0].node);
    if (at->op == "VariableV2" || at->op == "Variable" || at->op == "TemporaryVariable") return at;
  }
  return nullptr;
}

Result<std::shared_ptr<Variable>> reference_variable(KernelContext& context, const Node& node) {
  std::string name = node.attrs.get_string("shared_name");
  if (name.empty()) name = node.name;
  return context.state().variable(node.attrs.get_string("container"), name,
                                  node.attrs.get_type("dtype", DType::float32));
}

/// VariableV2: its value. Before the first assignment only writers may follow it; they get an empty tensor.
class ReferenceKernel final : public Kernel {
 public:
  explicit ReferenceKernel(const KernelRequest& request) : node_(request.node) {
    for (const OutEdge& edge : request.graph.out_edges(request.id)) {
      const Node& consumer = request.graph.node(edge.node);
      const bool writes = edge.port == kControlPort || (consumer.op == "Assign" && edge.input == 0) ||
                          consumer.op == "IsVariableInitialized";
      reader_ = reader_.empty() && !writes ? consumer.name : reader_;
    }
  }
  Status run(KernelContext& context) override {
    ISO_ASSIGN(const std::shared_ptr<Variable> variable, reference_variable(context, node_));
    if (variable->value.valid()) {
      context.set_output(0, variable->value);
      return {};
    }
    if (!reader_.empty()) return uninitialised(*variable).at("for node '" + reader_ + "'");
    ISO_ASSIGN(Tensor nothing, context.allocate(variable->dtype, Shape{0}));
    context.set_output(0, std::move(nothing));
    return {};
  }

 private:
  const Node& node_;
  std::string reader_;  ///< a node that reads the value; empty: only writers
};

enum class Write { set, add, subtract };

template <Write How>
class WriteKernel final : public Kernel {
 public:
  explicit WriteKernel(const Node* variable) : variable_(variable) {}
  Status run(KernelContext& context) override {
    ISO_TRY(expect_inputs(context, 2));
    ISO_ASSIGN(const std::shared_ptr<Variable> variable, reference_variable(context, *variable_));
    if constexpr (How == Write::set) {
      variable->value = context.input(1);
    } else {
      if (!variable->value.valid()) return uninitialised(*variable);
      ISO_ASSIGN(variable->value, sum_of(context, variable->value, context.input(1), How == Write::subtract));
    }
    context.set_output(0, variable->value);
    return {};
  }

 private:
  const Node* variable_;
};

template <Write How>
Result<std::unique_ptr<Kernel>> make_write(const KernelRequest& request) {
  const Node* variable = reference_source(request.graph, request.node);
  if (!variable) return unsupported("the first input leads to no variable");
  return std::unique_ptr<Kernel>(new WriteKernel<How>(variable));
}

class InitialisedKernel final : public Kernel {
 public:
  explicit InitialisedKernel(const Node* variable) : variable_(variable) {}
  Status run(KernelContext& context) override {
    ISO_ASSIGN(const std::shared_ptr<Variable> variable, reference_variable(context, *variable_));
    context.set_output(0, Tensor::scalar(variable->value.valid()));
    return {};
  }

 private:
  const Node* variable_;
};

}  // namespace

void register_variables(KernelRegistry& r) {
  r.add("VarHandleOp", run_var_handle);
  r.add("ReadVariableOp", run_read);
  r.add("AssignVariableOp", run_assign);
  r.add("AssignAddVariableOp", run_assign_sum<false>);
  r.add("AssignSubVariableOp", run_assign_sum<true>);
  r.add("VarIsInitializedOp", run_is_initialised);
  r.add("VariableShape", run_variable_shape);
  const KernelFactory reference = [](const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    return std::unique_ptr<Kernel>(new ReferenceKernel(request));
  };
  r.add_factory("VariableV2", reference);
  r.add_factory("Variable", reference);
  r.add_factory("Assign", make_write<Write::set>);
  r.add_factory("AssignAdd", make_write<Write::add>);
  r.add_factory("AssignSub", make_write<Write::subtract>);
  r.add_factory("IsVariableInitialized", [](const KernelRequest& request) -> Result<std::unique_ptr<Kernel>> {
    const Node* variable = reference_source(request.graph, request.node);
    if (!variable) return unsupported("the input leads to no variable");
    return std::unique_ptr<Kernel>(new InitialisedKernel(variable));
  });
}

}  // namespace isotherm::cpu
