#include "core/passes/graph_passes.h"

#include <algorithm>
#include <functional>
#include <map>

#include "core/passes/fold_constants.h"
#include "core/passes/merge_duplicates.h"
#include "core/passes/optimise_dependencies.h"
#include "core/passes/prune_model.h"
#include "core/passes/strip_debug.h"

namespace isotherm {
namespace {

using passes::NameId;
using passes::NodeList;
using passes::PassTarget;
using passes::WorkGraph;
using passes::WorkNode;

std::size_t at(NameId name) { return static_cast<std::size_t>(name); }

/// Runs passes one by one over one graph and notes what each does.
class Pipeline {
 public:
  Pipeline(const Graph& graph, const NodeEvaluator* evaluator) : graph_(graph), evaluator_(evaluator) {}

  Status set_target(const std::vector<std::string>& outputs) {
    for (const std::string& output : outputs) {
      ISO_ASSIGN(const TensorName tensor, parse_tensor_name(output));
      const auto name = graph_.find(tensor.node);
      if (!name) return not_found("'" + output + "' is to stay, but the graph has no such node");
      target_.fetches.push_back(*name);
    }
    for (const WorkNode* node : graph_.nodes)
      if (node->is("Placeholder") || node->is("PlaceholderV2")) target_.feeds.push_back(node->name);
    return {};
  }

  /// TensorFlow drops what it knows of shapes and colocation before it optimises.
  void drop_annotations() {
    for (WorkNode* node : graph_.nodes) {
      node->attrs.erase("_output_shapes");
      node->attrs.erase("_class");
    }
  }

  Status prune() {
    Status status;
    run("model_pruner", [&] { status = passes::prune_model(graph_, target_); });
    return status;
  }
  void strip() {
    run("debug_stripper", [&] { passes::strip_debug(graph_); });
  }
  void optimise() {
    run("dependency_optimizer", [&] { passes::optimise_dependencies(graph_, target_); });
  }
  void fold() {
    run("constant_folding", [&] {
      for (const passes::NotFolded& node : passes::fold_constants(graph_, target_, evaluator_))
        notes_.push_back("constant_folding: '" + graph_.text(node.node) + "' was not computed: " + node.reason);
    });
  }
  Status merge() {
    Status status;
    run("common_subgraph_elimination", [&] {
      auto merged = passes::merge_duplicates(graph_, target_);
      status = merged.status();
      if (!merged.ok()) return;
      for (const auto& [gone, stays] : *merged) merged_[gone] = stays;
    });
    return status;
  }

  Result<PassedGraph> finish() {
    PassedGraph out;
    ISO_ASSIGN(out.graph, graph_.build());
    out.passes = std::move(reports_);
    out.notes = std::move(notes_);
    return out;
  }

 private:
  using Ops = std::vector<const passes::OpTraits*>;  ///< by name; null: no node has it

  [[nodiscard]] Ops ops() const {
    Ops ops;
    for (const WorkNode* node : graph_.nodes) {
      if (at(node->name) >= ops.size()) ops.resize(at(node->name) + 1);
      ops[at(node->name)] = node->op;
    }
    return ops;
  }

  void run(const std::string& name, const std::function<void()>& pass) {
    PassReport report{name, static_cast<int>(graph_.nodes.size()), 0, {}};
    const Ops before = ops();
    merged_.clear();
    pass();
    const Ops after = ops();
    report.nodes_after = static_cast<int>(graph_.nodes.size());
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      const auto* old_op = i < before.size() ? before[i] : nullptr;
      const auto* new_op = i < after.size() ? after[i] : nullptr;
      if (old_op == new_op) continue;
      report.steps.push_back(step(static_cast<NameId>(i), old_op, new_op));
    }
    std::sort(report.steps.begin(), report.steps.end(),
              [](const PassStep& a, const PassStep& b) { return a.node < b.node; });
    reports_.push_back(std::move(report));
  }

  [[nodiscard]] PassStep step(NameId name, const passes::OpTraits* old_op, const passes::OpTraits* new_op) const {
    if (!old_op) return {PassStep::Kind::added, graph_.text(name), new_op->name, {}};
    if (new_op) return {PassStep::Kind::rewritten, graph_.text(name), old_op->name, new_op->name};
    const auto merged = merged_.find(name);
    if (merged == merged_.end()) return {PassStep::Kind::removed, graph_.text(name), old_op->name, {}};
    return {PassStep::Kind::merged, graph_.text(name), old_op->name, graph_.text(merged->second)};
  }

  WorkGraph graph_;
  const NodeEvaluator* evaluator_;
  PassTarget target_;
  std::vector<PassReport> reports_;
  std::vector<std::string> notes_;
  std::map<NameId, NameId> merged_;  ///< of the running pass
};

}  // namespace

Result<PassedGraph> run_passes_before_trt(const std::shared_ptr<const Graph>& graph,
                                          const std::vector<std::string>& outputs, const NodeEvaluator* evaluator) {
  if (graph->size() < kFewestNodesForPasses) return PassedGraph{graph, {}, {}};
  Pipeline pipeline(*graph, evaluator);
  ISO_TRY(pipeline.set_target(outputs));
  pipeline.drop_annotations();
  ISO_TRY(pipeline.prune());
  pipeline.strip();
  pipeline.optimise();
  pipeline.fold();
  if (Status status = pipeline.merge(); !status.ok())
    return status.error().at("the graph passes fail on this graph, TensorFlow's as well; without them it converts");
  return pipeline.finish();
}

Result<PassedGraph> run_passes_after_trt(const std::shared_ptr<const Graph>& graph,
                                         const std::vector<std::string>& outputs, const NodeEvaluator* evaluator) {
  Pipeline pipeline(*graph, evaluator);
  ISO_TRY(pipeline.set_target(outputs));
  pipeline.fold();
  return pipeline.finish();
}

}  // namespace isotherm
