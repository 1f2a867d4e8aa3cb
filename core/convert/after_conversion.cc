#include "core/convert/after_conversion.h"

#include "core/convert/prepare.h"
#include "core/passes/function_passes.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Carries `map` and the shapes after the conversion over to `graph`, whose nodes have the names of the old ones. What
/// the passes added or rewrote has no shapes.
void follow(Conversion& conversion, const std::shared_ptr<const Graph>& graph) {
  const Graph& old = *conversion.after;
  std::vector<NodeId> new_of(at(old.size()), kNoNode);
  std::vector<TensorInfo> tensors;
  std::vector<std::int32_t> begin{0};
  std::vector<bool> known;
  NodeMap map = conversion.map;
  map.before_of.clear();
  for (NodeId id = 0; id < graph->size(); ++id) {
    const NodeId before = old.find((*graph)[id].name);
    const bool same = before != kNoNode && old[before].op == (*graph)[id].op;
    map.before_of.push_back(before == kNoNode ? std::vector<NodeId>() : conversion.map.before_of[at(before)]);
    if (before != kNoNode) new_of[at(before)] = id;
    if (same) {
      const auto outputs = conversion.shapes_after.outputs(before);
      tensors.insert(tensors.end(), outputs.begin(), outputs.end());
    }
    known.push_back(same && conversion.shapes_after.has_shape_function(before));
    begin.push_back(static_cast<std::int32_t>(tensors.size()));
  }
  for (NodeId& after : map.after_of)
    if (after != kNoNode) after = new_of[at(after)];
  for (NodeId& engine : map.engines) engine = new_of[at(engine)];
  for (EngineSummary& engine : conversion.engines) engine.node = new_of[at(engine.node)];
  conversion.map = std::move(map);
  conversion.shapes_after = GraphShapes::assemble(std::move(tensors), std::move(begin), std::move(known),
                                                  conversion.shapes_after.symbol_count());
  conversion.after = graph;
}

}  // namespace

Status run_passes_after_conversion(Conversion& conversion) {
  const ConversionParams& params = conversion.params;
  if (conversion.passes.empty()) return {};  // none asked for, or too small a graph
  const NodeEvaluator* evaluator = params.evaluator.get();
  ISO_ASSIGN(const PassedGraph passed, run_passes_after_trt(conversion.after, kept_tensors(params), evaluator));
  Graph::Parts parts = passed.graph->parts();
  FunctionLibrary library;
  library.extra = parts.functions->extra;
  for (const auto& function : parts.functions->functions()) {
    ISO_ASSIGN(Function simple, run_passes_on_function(*parts.functions, *function, evaluator));
    library.add(std::move(simple));
  }
  parts.functions = std::make_shared<const FunctionLibrary>(std::move(library));
  ISO_ASSIGN(const auto graph, Graph::build(std::move(parts)));
  follow(conversion, graph);
  return {};
}

}  // namespace isotherm
