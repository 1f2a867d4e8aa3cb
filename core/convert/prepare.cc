#include "core/convert/prepare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/convert/cut.h"
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

/// In FP16 TF-TRT makes each Cast from something else than half to float32 two: the first to half, a new node at the
/// end of the graph. Only data input 0 goes there; control inputs stay.
bool split_casts(const Graph& graph, Graph::Parts& parts) {
  std::vector<NodeRecord> added;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    if (node.op != "Cast" || node.data_inputs != 1 || node.attrs.get_type("DstT") != DType::float32) continue;
    const DType source = node.attrs.get_type("SrcT");
    if (source == DType::float16 || source == DType::invalid) continue;
    NodeRecord& cast = parts.nodes[at(id)];
    NodeRecord split{node.name + "_split", "Cast", node.device, {cast.inputs[0]}, {}, {}};
    while (graph.find(split.name) != kNoNode) split.name += "_";
    split.attrs.set("SrcT", TypeValue(source));
    split.attrs.set("DstT", TypeValue(DType::float16));
    split.attrs.set("Truncate", false);
    cast.inputs[0] = split.name;
    cast.attrs.set("SrcT", TypeValue(DType::float16));
    added.push_back(std::move(split));
  }
  const bool any = !added.empty();
  for (NodeRecord& record : added) parts.nodes.push_back(std::move(record));
  return any;
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

void warn_of_engines(Prepared& prepared) {
  const auto nodes = prepared.graph->nodes();
  const auto it = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "TRTEngineOp"; });
  if (it != nodes.end())
    prepared.warnings.push_back("the graph is converted already (node '" + it->name +
                                "' is a TRTEngineOp); its engines stay as they are");
}

/// What a static conversion in implicit batch mode cannot use, and the two ways out.
void warn_of_unknown_inputs(Prepared& prepared) {
  if (!prepared.params.implicit_batch || prepared.is_dynamic()) return;
  std::string names;
  for (const std::string& name : default_inputs(*prepared.graph)) {
    const Node& node = (*prepared.graph)[prepared.graph->find(name)];
    const Shape* shape = node.attrs.get_shape("shape");
    const bool is_known = shape && shape->has_rank() &&
                          std::all_of(shape->dims().begin() + (shape->rank() > 0), shape->dims().end(),
                                      [](std::int64_t d) { return d >= 0; });
    if (!is_known)
      names += (names.empty() ? "'" : ", '") + name + "' (" + (shape ? shape->to_string() : "unknown rank") + ")";
  }
  if (!names.empty())
    prepared.warnings.push_back(
        "static conversion with unknown dimensions of " + names +
        ": nodes whose shapes depend on them stay native; give --shape NAME=SHAPE or --dynamic-op");
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
  if (!params.shapes.empty()) {
    Graph::Parts parts = graph->parts();
    ISO_TRY(set_shapes(*graph, params.shapes, parts));
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
  const auto nodes = graph->nodes();
  if (prepared.params.precision_mode == Precision::fp16 &&
      std::any_of(nodes.begin(), nodes.end(), [](const Node& n) { return n.op == "Cast"; })) {
    Graph::Parts parts = graph->parts();
    split_casts(*graph, parts);
    ISO_ASSIGN(prepared.graph, Graph::build(std::move(parts)));
  }
  // TF-TRT's own pass is not run either on so small a graph.
  if (left_alone)
    for (NodeId id = 0; id < prepared.graph->size(); ++id) prepared.excluded.insert(id);
  ISO_TRY(exclude(prepared));
  warn_of_engines(prepared);
  warn_of_unknown_inputs(prepared);
  return prepared;
}

}  // namespace isotherm
