#include "core/passes/function_passes.h"

#include <algorithm>
#include <map>

#include "core/ops/op_def.h"
#include "core/ops/signature.h"
#include "core/passes/fold_constants.h"
#include "core/passes/graph_passes.h"
#include "core/passes/merge_duplicates.h"
#include "core/passes/node_order.h"
#include "core/passes/optimise_dependencies.h"
#include "core/passes/prune_model.h"
#include "core/passes/strip_debug.h"

namespace isotherm {
namespace {

using passes::WorkGraph;
using passes::WorkInput;
using passes::WorkNode;

/// Whether the function is another one for each call.
bool is_parametrised(const Function& function) {
  const auto decided_by_call = [](const ArgDef& arg) {
    return !arg.type_attr.empty() || !arg.number_attr.empty() || !arg.type_list_attr.empty();
  };
  const auto has_placeholder = [](const NodeRecord& node) {
    return std::any_of(node.attrs.begin(), node.attrs.end(),
                       [](const AttrMap::Entry& e) { return std::holds_alternative<AttrPlaceholder>(e.second); });
  };
  return std::any_of(function.inputs.begin(), function.inputs.end(), decided_by_call) ||
         std::any_of(function.outputs.begin(), function.outputs.end(), decided_by_call) ||
         std::any_of(function.nodes.begin(), function.nodes.end(), has_placeholder);
}

class Body {
 public:
  Body(const FunctionLibrary& library, const Function& function, const Graph& graph)
      : library_(library), function_(function), graph_(graph) {
    for (WorkNode* node : graph_.nodes) {
      if (node->is("_Arg")) target_.feeds.push_back(node->name);
      if (node->is("_Retval")) target_.fetches.push_back(node->name);
    }
    for (const auto& [name, node] : function.control_ret)
      if (const auto id = graph_.find(node)) target_.kept.push_back(*id);
    target_.keeps_stateful = true;
  }

  Status run(const NodeEvaluator* evaluator) {
    ISO_TRY(passes::prune_model(graph_, target_));
    passes::strip_debug(graph_);
    passes::optimise_dependencies(graph_, target_);
    passes::fold_constants(graph_, target_, evaluator);
    ISO_TRY(passes::merge_duplicates(graph_, target_).status());
    passes::fold_constants(graph_, target_, evaluator);
    (void)passes::sort_topologically(graph_, graph_.nodes);
    return {};
  }

  Result<Function> finish() const {
    Function out = function_;
    out.nodes.clear();
    out.ret.clear();
    std::map<passes::NameId, const WorkNode*> by_name;
    for (const WorkNode* node : graph_.nodes) by_name[node->name] = node;
    for (const WorkNode* node : graph_.nodes) {
      if (node->is("_Arg")) continue;
      NodeRecord record = graph_.record(*node);
      for (std::size_t i = 0; i < node->inputs.size(); ++i) {
        if (node->inputs[i].is_control()) continue;
        ISO_ASSIGN(record.inputs[i], name_in_body(*by_name.at(node->inputs[i].node), node->inputs[i].port));
      }
      if (!node->is("_Retval")) {
        out.nodes.push_back(std::move(record));
        continue;
      }
      const auto index = static_cast<std::size_t>(node->attrs.get_int("index"));
      if (index < out.outputs.size()) out.ret.emplace_back(out.outputs[index].name, record.inputs[0]);
    }
    return out;
  }

 private:
  Result<std::string> name_in_body(const WorkNode& node, int port) const {
    if (node.is("_Arg")) {
      const auto index = static_cast<std::size_t>(node.attrs.get_int("index"));
      return index < function_.inputs.size() ? function_.inputs[index].name : graph_.text(node);
    }
    const Function* called = node.op->def ? nullptr : library_.find(node.op->name);
    if (!node.op->def && !called)
      return unsupported(describe_node(graph_.text(node), node.op->name) +
                         ": the op is not known, so its outputs have no names");
    return body_tensor_name(graph_.text(node), called ? called->outputs : node.op->def->outputs, node.attrs,
                            node.op->def, port);
  }

  const FunctionLibrary& library_;
  const Function& function_;
  WorkGraph graph_;
  passes::PassTarget target_;
};

}  // namespace

Result<Function> run_passes_on_function(const FunctionLibrary& library, const Function& function,
                                        const NodeEvaluator* evaluator) {
  if (is_parametrised(function)) return function;
  ISO_ASSIGN(const auto graph, function_body(library, function.name));
  if (graph->size() < kFewestNodesForPasses) return function;
  Body body(library, function, *graph);
  if (!body.run(evaluator).ok()) return function;  // TensorFlow's passes fail on it too
  return body.finish();
}

}  // namespace isotherm
