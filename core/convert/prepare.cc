#include "core/convert/prepare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_set>
#include <utility>

#include "core/convert/cut.h"
#include "core/convert/native_segment.h"
#include "core/convert/split_casts.h"
#include "core/ops/fed_shapes.h"

namespace isotherm {
namespace {

std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

Status check_params(const ConversionParams& params) {
  if (params.minimum_segment_size < -1)
    return invalid_input("minimum segment size " + std::to_string(params.minimum_segment_size) +
                         ": -1 (no engines), 0 or more was expected");
  if (params.maximum_cached_engines < 1)
    return invalid_input("maximum cached engines " + std::to_string(params.maximum_cached_engines) +
                         ": at least 1 was expected");
  if (params.max_workspace_size_bytes < 0)
    return invalid_input("maximum workspace size " + std::to_string(params.max_workspace_size_bytes) +
                         ": 0 bytes or more was expected");
  if (params.max_batch_size && *params.max_batch_size < 1)
    return invalid_input("maximum batch size " + std::to_string(*params.max_batch_size) + ": at least 1 was expected");
  if (params.sequence < 0)
    return invalid_input("engine sequence number " + std::to_string(params.sequence) + ": 0 or more was expected");
  const bool is_dynamic = params.is_dynamic_op || (params.use_calibration && params.precision_mode == Precision::int8);
  if (params.implicit_batch && !is_dynamic && !params.max_batch_size)
    return invalid_input(
        "a static conversion in implicit batch mode needs the maximum batch size; give --max-batch-size N, or "
        "--dynamic-op, or --batch-mode explicit");
  return {};
}

/// Calibration is for INT8 alone; QuantizeAndDequantizeV2 in the graph forces INT8 without calibration.
void settle_precision(Prepared& prepared) {
  ConversionParams& params = prepared.params;
  if (params.precision_mode != Precision::int8) params.use_calibration = false;
  for (const Node& node : prepared.graph->nodes()) {
    if (node.op == "QuantizeAndDequantizeV2") prepared.explicit_precision = true;
    if (node.op == "QuantizeAndDequantizeV2" || node.op == "QuantizeAndDequantizeV3" ||
        node.op == "FakeQuantWithMinMaxVars" || node.op == "FakeQuantWithMinMaxArgs")
      prepared.has_quantization_ops = true;
  }
  if (prepared.explicit_precision && (params.precision_mode != Precision::int8 || params.use_calibration)) {
    prepared.warnings.push_back(
        "the graph quantizes explicitly (QuantizeAndDequantizeV2): precision is INT8 without calibration, not " +
        std::string(precision_name(params.precision_mode)) + (params.use_calibration ? " with calibration" : ""));
    params.precision_mode = Precision::int8;
    params.use_calibration = false;
  }
}

/// Known dimensions of the Placeholder must be those asked for.
bool agrees(const Shape& declared, const Shape& asked) {
  if (!declared.has_rank()) return true;
  if (!asked.has_rank() || declared.rank() != asked.rank()) return false;
  for (int i = 0; i < asked.rank(); ++i)
    if (declared.dim(i) >= 0 && declared.dim(i) != asked.dim(i)) return false;
  return true;
}

bool has_unknown_non_batch_dim(const Shape& shape) {
  if (!shape.has_rank()) return true;
  for (int i = 1; i < shape.rank(); ++i)
    if (shape.dim(i) < 0) return true;
  return false;
}

/// Static engines in implicit batch mode have every dimension but the batch.
Status check_shapes(const Prepared& prepared) {
  if (!prepared.params.implicit_batch || prepared.is_dynamic()) return {};
  for (const auto& [name, shape] : prepared.params.shapes)
    if (has_unknown_non_batch_dim(shape))
      return invalid_input("input '" + name + "' is given the shape " + shape.to_string() +
                           ", but a static conversion in implicit batch mode needs every dimension but the batch; give "
                           "all of them with --shape, or convert with --dynamic-op");
  return {};
}

Status set_shapes(const Graph& graph, const std::map<std::string, Shape>& shapes, Graph::Parts& parts) {
  for (const auto& [name, shape] : shapes) {
    auto found = graph.find_tensor(name);
    if (!found.ok()) return found.error().at("shape of '" + name + "'");
    const Node& node = graph[found->node];
    if (node.op != "Placeholder" && node.op != "PlaceholderV2" && node.op != "PlaceholderWithDefault")
      return invalid_input("a shape is given for '" + name + "', which is a " + node.op +
                           "; shapes are given for inputs (Placeholder)");
    const Shape* declared = node.attrs.get_shape("shape");
    // Graphs written before producer 24 have Placeholders that say "scalar" and mean "unknown".
    const bool says_nothing =
        !declared || (graph.versions().producer < 24 && declared->has_rank() && declared->rank() == 0);
    if (!says_nothing && !agrees(*declared, shape))
      return invalid_input("shape " + shape.to_string() + " given for input '" + name +
                           "' contradicts the graph, which declares " + declared->to_string());
    parts.nodes[at(found->node)].attrs.set("shape", shape);
  }
  return {};
}

/// The number of the first conversion whose engines find none of their names in the graph.
int free_sequence(const Graph& graph, int sequence) {
  std::unordered_set<std::string> taken;
  const auto take = [&](std::string_view name) {
    constexpr std::string_view kPrefix = "TRTEngineOp_";
    if (name.starts_with(kPrefix)) taken.emplace(name.substr(0, name.find('_', kPrefix.size())));
  };
  for (const Node& node : graph.nodes()) take(node.name);
  for (const auto& function : graph.functions().functions()) take(function->name);
  const auto prefix = [](int number) {
    const std::string name = engine_name(number, 0);
    return name.substr(0, name.rfind('_'));
  };
  while (taken.contains(prefix(sequence))) ++sequence;
  return sequence;
}

Status exclude(Prepared& prepared) {
  const Graph& graph = *prepared.graph;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op == "Placeholder" || node.op == "PlaceholderV2" || node.attrs.get_bool("_grappler_do_not_remove"))
      prepared.excluded.insert(id);
  }
  for (const std::string& name : prepared.params.outputs) {
    auto tensor = graph.find_tensor(name);
    if (!tensor.ok()) return tensor.error().at("output '" + name + "'");
    prepared.excluded.insert(tensor->node);
  }
  for (const std::string& name : prepared.params.excluded_nodes) {
    auto tensor = graph.find_tensor(name);
    if (!tensor.ok()) return tensor.error().at("excluded node '" + name + "'");
    prepared.excluded.insert(tensor->node);
  }
  return {};
}

void number_engines(Prepared& prepared) {
  const Graph& graph = *prepared.graph;
  prepared.params.sequence = free_sequence(graph, prepared.params.sequence);
  const auto nodes = graph.nodes();
  const auto it = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "TRTEngineOp"; });
  if (it != nodes.end())
    prepared.warnings.push_back("the graph is converted already (node '" + it->name +
                                "' is a TRTEngineOp); its engines stay as they are, and new ones are numbered from " +
                                engine_name(prepared.params.sequence, 0) + " on");
}

/// What a static conversion in implicit batch mode cannot use, and the two ways out.
void warn_of_unknown_inputs(Prepared& prepared) {
  if (!prepared.params.implicit_batch || prepared.is_dynamic()) return;
  std::string names;
  for (const std::string& name : default_inputs(*prepared.graph)) {
    const Node& node = (*prepared.graph)[prepared.graph->find(name)];
    const Shape* shape = node.attrs.get_shape("shape");
    if (!shape || has_unknown_non_batch_dim(*shape))
      names += (names.empty() ? "'" : ", '") + name + "' (" + (shape ? shape->to_string() : "unknown rank") + ")";
  }
  if (!names.empty())
    prepared.warnings.push_back(
        "static conversion with unknown dimensions of " + names +
        ": nodes whose shapes depend on them stay native; give --shape NAME=SHAPE or --dynamic-op");
}

/// Outputs that were named although no input reaches them.
void warn_of_independent_outputs(Prepared& prepared, const std::vector<std::string>& named) {
  const Graph& graph = *prepared.graph;
  std::vector<NodeId> inputs;
  for (const std::string& name : default_inputs(graph)) inputs.push_back(graph.find(name));
  if (inputs.empty()) return;
  const std::vector<std::string> independent = independent_outputs(graph, inputs, named);
  if (!independent.empty()) prepared.warnings.push_back(outputs_depend(independent) + " on none of the graph's inputs");
}

}  // namespace

Result<std::string> profile_strategy_name(const std::string& text) {
  constexpr std::array<const char*, 4> kNames = {"Range", "Optimal", "Range+Optimal", "ImplicitBatchModeCompatible"};
  const auto lower = [](std::string s) {
    std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return s;
  };
  for (const char* name : kNames)
    if (lower(name) == lower(text)) return std::string(name);
  return invalid_input("profile strategy '" + text +
                       "': range, optimal, range+optimal or ImplicitBatchModeCompatible was expected");
}

bool prepares_alike(const ConversionParams& a, const ConversionParams& b) {
  return a.inputs == b.inputs && (a.inputs.empty() || a.outputs == b.outputs) && a.shapes == b.shapes &&
         a.clear_devices == b.clear_devices && a.passes == b.passes && a.evaluator == b.evaluator &&
         (a.passes == GraphPasses::none || kept_tensors(a) == kept_tensors(b)) &&
         (a.precision_mode == Precision::fp16) == (b.precision_mode == Precision::fp16);
}

Result<GraphShapes> infer_prepared_shapes(const Prepared& prepared) {
  return prepared.passes.empty() ? infer_shapes(*prepared.graph) : infer_fed_shapes(*prepared.graph, {});
}

std::vector<std::string> kept_tensors(const ConversionParams& params) {
  std::vector<std::string> names = params.outputs;
  names.insert(names.end(), params.excluded_nodes.begin(), params.excluded_nodes.end());
  return names;
}

Result<Prepared> prepare_conversion(std::shared_ptr<const Graph> graph, const ConversionParams& params) {
  ISO_TRY(check_params(params));
  Prepared prepared;
  prepared.params = params;
  ISO_ASSIGN(prepared.params.profile_strategy, profile_strategy_name(params.profile_strategy));
  if (prepared.params.outputs.empty()) prepared.params.outputs = default_outputs(*graph);
  for (const std::string& name : prepared.params.outputs) {
    auto tensor = graph->find_tensor(name);
    if (!tensor.ok()) return tensor.error().at("output '" + name + "'");
  }
  if (!params.inputs.empty()) {
    ISO_ASSIGN(const GraphShapes shapes, infer_shapes(*graph));
    ISO_ASSIGN(CutGraph cut, cut_graph(*graph, shapes, params.inputs, prepared.params.outputs));
    graph = std::move(cut.graph);
    prepared.warnings = std::move(cut.notes);
  }
  if (!params.shapes.empty() || params.clear_devices) {
    Graph::Parts parts = graph->parts();
    ISO_TRY(set_shapes(*graph, params.shapes, parts));
    if (params.clear_devices)
      for (NodeRecord& node : parts.nodes) node.device.clear();
    ISO_ASSIGN(graph, Graph::build(std::move(parts)));
  }
  const bool left_alone = params.passes == GraphPasses::tftrt && graph->size() < kFewestNodesForPasses;
  if (params.passes == GraphPasses::tftrt) {
    ISO_ASSIGN(PassedGraph passed, run_passes_before_trt(graph, kept_tensors(prepared.params), params.evaluator.get()));
    graph = std::move(passed.graph);
    prepared.passes = std::move(passed.passes);
    prepared.warnings.insert(prepared.warnings.end(), passed.notes.begin(), passed.notes.end());
  }
  prepared.graph = graph;
  settle_precision(prepared);
  ISO_TRY(check_shapes(prepared));
  const auto nodes = graph->nodes();
  if (prepared.params.precision_mode == Precision::fp16 &&
      std::any_of(nodes.begin(), nodes.end(), [](const Node& n) { return n.op == "Cast"; })) {
    Graph::Parts parts = graph->parts();
    split_casts(*graph, parts.nodes);
    ISO_ASSIGN(prepared.graph, Graph::build(std::move(parts)));
  }
  // TF-TRT's own pass is not run either on so small a graph.
  if (left_alone)
    for (NodeId id = 0; id < prepared.graph->size(); ++id) prepared.excluded.insert(id);
  ISO_TRY(exclude(prepared));
  number_engines(prepared);
  warn_of_unknown_inputs(prepared);
  if (params.inputs.empty()) warn_of_independent_outputs(prepared, params.outputs);
  return prepared;
}

}  // namespace isotherm
