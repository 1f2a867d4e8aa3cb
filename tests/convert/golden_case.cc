#include "tests/convert/golden_case.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/convert/dropped_attrs.h"

namespace isotherm::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string reason_class(const std::string& text) {
  static constexpr std::array<std::pair<const char*, const char*>, 13> kClasses = {{
      {"excluded", "excluded by segmenter option"},
      {"device", "can't be placed on GPU"},
      {"batch-rank", "implicit batch mode requires input shape"},
      {"dynamic-dims", "dynamic non-batch dimensions not allowed"},
      {"denied", "Denylisted"},
      {"unsupported-op", "Op type "},
      {"const-output", "trimmed: a Const may not"},
      {"too-small", "segment too small"},
      {"engine-cap", "MAX_ALLOWED_ENGINES"},
      {"conversion-failed", "conversion failed"},
      {"input", "Failed to convert at least one input"},
      {"dtype", "Unsupported tensorflow data type"},
      {"condition", ""},
  }};
  for (const auto& [name, words] : kClasses)
    if (text.find(words) != std::string::npos) return name;
  return "condition";
}

std::set<std::string> strings(const json& list) {
  std::set<std::string> out;
  for (const json& item : list) out.insert(item.get<std::string>());
  return out;
}

ConversionParams params_of(const json& p) {
  ConversionParams params;
  params.minimum_segment_size = p["minimum_segment_size"];
  params.precision_mode = precision_from_name(p["precision"].get<std::string>()).value_or(Precision::fp32);
  params.implicit_batch = p["implicit_batch"];
  params.max_engines = p["max_engines"];
  params.is_dynamic_op = p["is_dynamic_op"];
  params.use_calibration = p["use_calibration"];
  if (p["max_batch_size"].is_number()) params.max_batch_size = p["max_batch_size"].get<int>();
  for (const json& name : p["outputs"]) params.outputs.push_back(name);
  for (const json& op : p["deny"]) params.denied_ops.insert(op.get<std::string>());
  return params;
}

std::string find_graph(const fs::path& file, const json& p, const std::vector<std::string>& roots) {
  if (fs::exists(file.parent_path() / "graph.pb")) return file.parent_path() / "graph.pb";
  if (!p.contains("model")) return {};
  for (const std::string& root : roots)
    if (const fs::path path = fs::path(root) / p["model"].get<std::string>(); fs::exists(path)) return path;
  return {};
}

std::set<std::string> tensor_names(const Graph& graph, const std::vector<TensorRef>& tensors) {
  std::set<std::string> out;
  for (const TensorRef& tensor : tensors) out.insert(graph.tensor_name(tensor));
  return out;
}

/// A value as text; lists of shapes and types as multisets, as TF-TRT does not fix the order of inputs and outputs.
std::string canonical(const AttrValue* value) {
  if (!value) return "missing";
  if (const auto* constant = std::get_if<std::shared_ptr<const Constant>>(value); constant && *constant) {
    // TF-TRT writes the same values in fewer bytes where they repeat.
    const auto tensor = (*constant)->materialise();
    if (!tensor.ok()) return tensor.error().message;
    std::string bytes(reinterpret_cast<const char*>(tensor->bytes().data()), tensor->bytes().size());
    if (tensor->dtype() == DType::string) {
      bytes.clear();
      for (const std::string& text : tensor->string_values()) bytes += std::to_string(text.size()) + " " + text;
    }
    const std::size_t hash = std::hash<std::string>()(bytes);
    return std::string(dtype_name(tensor->dtype())) + " " + tensor->shape().to_tf_string() + " " + std::to_string(hash);
  }
  const auto* list = std::get_if<std::shared_ptr<const AttrList>>(value);
  if (!list || !*list) return to_string(*value, 1 << 20);
  std::multiset<std::string> words;
  for (const Shape& shape : (*list)->shape) words.insert(shape.to_tf_string());
  for (const TypeValue& type : (*list)->type) words.insert(std::to_string(type.number));
  if (words.empty()) return to_string(*value, 1 << 20);
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

/// What an edge comes from; an engine's port by what its native segment returns there, as the order of ports is not
/// fixed.
std::string source_name(const Graph& graph, const Input& in) {
  const Node& source = graph[in.node];
  const FunctionRef* ref =
      source.op == "TRTEngineOp" && !in.is_control() ? source.attrs.get_func("segment_func") : nullptr;
  const Function* function = ref ? graph.functions().find(ref->name) : nullptr;
  if (function && in.port < static_cast<int>(function->outputs.size())) {
    for (const auto& [result, value] : function->ret)
      if (result == function->outputs[static_cast<std::size_t>(in.port)].name) return source.name + " " + value;
  }
  return format_input_name(source.name, in.port);
}

/// What a node reads: in order, or as a set where the order is not fixed.
std::vector<std::string> input_names(const Graph& graph, const Node& node) {
  std::vector<std::string> names;
  for (const Input& in : node.inputs) names.push_back(source_name(graph, in));
  if (node.op == "TRTEngineOp")
    std::sort(names.begin(), names.end());
  else
    std::sort(names.begin() + node.data_inputs, names.end());
  return names;
}

/// The first attribute in which two nodes differ; empty if there is none.
std::string attr_difference(const AttrMap& theirs, const AttrMap& ours) {
  static const std::set<std::string> kOfTheBuild = {"serialized_segment", "calibration_data", "workspace_size_bytes"};
  std::set<std::string> names;
  for (const auto& [name, value] : theirs) names.insert(name);
  for (const auto& [name, value] : ours) names.insert(name);
  for (const std::string& name : names) {
    if (kOfTheBuild.contains(name)) continue;
    const std::string a = canonical(theirs.find(name)), b = canonical(ours.find(name));
    if (a != b) return "attribute " + name + ": " + b + " for " + a;
  }
  return {};
}

/// The functions' difference: nodes with their op, device, attributes and inputs, and what the results are. Arguments
/// are known by the tensors that the engine node hands them, as their order is not fixed.
std::string function_difference(const Function& theirs, const Function& ours,
                                const std::map<std::string, std::string>& their_arguments,
                                const std::map<std::string, std::string>& our_arguments) {
  const auto inputs = [](const NodeRecord& node, const std::map<std::string, std::string>& arguments) {
    std::vector<std::string> names;
    for (const std::string& input : node.inputs) {
      const auto it = arguments.find(input);
      names.push_back(it == arguments.end() ? input : "argument " + it->second);
    }
    return names;
  };
  std::map<std::string, const NodeRecord*> nodes;
  for (const NodeRecord& node : ours.nodes) nodes[node.name] = &node;
  if (nodes.size() != theirs.nodes.size())
    return std::to_string(nodes.size()) + " nodes for " + std::to_string(theirs.nodes.size());
  for (const NodeRecord& node : theirs.nodes) {
    const auto it = nodes.find(node.name);
    if (it == nodes.end()) return "node '" + node.name + "' is missing";
    const NodeRecord& other = *it->second;
    if (node.op != other.op || node.device != other.device) return "op or device of '" + node.name + "' differs";
    if (inputs(node, their_arguments) != inputs(other, our_arguments)) return "inputs of '" + node.name + "' differ";
    if (const auto found = attr_difference(node.attrs, other.attrs); !found.empty())
      return "node '" + node.name + "', " + found;
  }
  std::set<std::string> their_results, our_results;
  for (const auto& [name, value] : theirs.ret) their_results.insert(value);
  for (const auto& [name, value] : ours.ret) our_results.insert(value);
  return their_results == our_results ? "" : "results differ";
}

/// "tensorrtinputph_0" -> the tensor that the engine node has there, by what it is in the graph before the conversion.
std::map<std::string, std::string> arguments(const Graph& graph, const Node& engine, const Function& function) {
  std::map<std::string, std::string> out;
  for (std::size_t i = 0; i < std::min(function.inputs.size(), engine.data().size()); ++i)
    out[function.inputs[i].name] = source_name(graph, engine.data()[i]);
  return out;
}

}  // namespace

std::string folder_from_env(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

std::vector<GoldenCase> load_goldens(const std::string& folder, const std::vector<std::string>& roots, Goldens kind) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<GoldenCase> cases;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    const json g = json::parse(in, nullptr, false);
    if (!g.is_object() || !g.contains("segments") || !g.contains("params") ||
        (g["params"].value("passes", "") == "default") != (kind == Goldens::with_passes))
      continue;
    GoldenCase c;
    c.name = file.stem() == "golden" ? file.parent_path().filename() : file.stem();
    c.graph_path = find_graph(file, g["params"], roots);
    fs::path converted =
        file.stem() == "golden" ? file.parent_path() / "converted.pb" : fs::path(file).replace_extension(".pb");
    if (fs::exists(converted)) c.converted_path = converted;
    c.params = params_of(g["params"]);
    for (const json& s : g["segments"])
      c.segments.push_back({s["name"], strings(s["nodes"]), strings(s["inputs"]), strings(s["outputs"])});
    for (const json& n : g["native"]) c.native.push_back({n["node"], n["op"], reason_class(n["reason"]), n["reason"]});
    cases.push_back(std::move(c));
  }
  return cases;
}

std::string segment_difference(const GoldenCase& golden, const Conversion& conversion) {
  const Graph& graph = *conversion.before;
  const auto& segments = conversion.segmentation.segments;
  for (std::size_t i = 0; i < std::min(segments.size(), golden.segments.size()); ++i) {
    const GoldenSegment& theirs = golden.segments[i];
    std::set<std::string> nodes;
    for (const NodeId id : segments[i].nodes) nodes.insert(graph[id].name);
    if (nodes != theirs.nodes) {
      std::vector<std::string> difference;
      std::set_symmetric_difference(nodes.begin(), nodes.end(), theirs.nodes.begin(), theirs.nodes.end(),
                                    std::back_inserter(difference));
      return theirs.name + ": " + std::to_string(nodes.size()) + " nodes for " + std::to_string(theirs.nodes.size()) +
             ", first difference '" + difference[0] + "'";
    }
    if (conversion.engines[i].name != theirs.name) return "name " + conversion.engines[i].name + " for " + theirs.name;
    if (tensor_names(graph, segments[i].inputs) != theirs.inputs) return theirs.name + ": inputs differ";
    if (tensor_names(graph, segments[i].outputs) != theirs.outputs) return theirs.name + ": outputs differ";
  }
  if (segments.size() != golden.segments.size())
    return std::to_string(segments.size()) + " segments for " + std::to_string(golden.segments.size());
  return {};
}

std::string graph_difference(const Graph& golden, const Graph& converted) {
  for (const Node& node : golden.nodes())
    if (converted.find(node.name) == kNoNode) return "node '" + node.name + "' is missing";
  for (const Node& node : converted.nodes())
    if (golden.find(node.name) == kNoNode) return "node '" + node.name + "' is there in addition";
  const auto nodes = golden.nodes();
  const bool has_engines =
      std::any_of(nodes.begin(), nodes.end(), [](const Node& node) { return node.op == "TRTEngineOp"; });
  for (const Node& theirs : nodes) {
    const Node& ours = converted[converted.find(theirs.name)];
    const std::string where = "'" + theirs.name + "': ";
    if (theirs.op != ours.op) return where + "op " + ours.op + " for " + theirs.op;
    if (theirs.device != ours.device) return where + "device '" + ours.device + "' for '" + theirs.device + "'";
    if (input_names(golden, theirs) != input_names(converted, ours)) return where + "inputs differ";
    // Where nothing becomes an engine our graph stays as it is; theirs went through grappler all the same.
    AttrMap attrs = ours.attrs;
    if (!has_engines) drop_attrs(attrs);
    if (const auto found = attr_difference(theirs.attrs, attrs); !found.empty()) return where + found;
  }
  const auto &expected = golden.functions().functions(), &found = converted.functions().functions();
  if (expected.size() != found.size())
    return std::to_string(found.size()) + " functions for " + std::to_string(expected.size());
  for (const auto& theirs : expected) {
    const Function* ours = converted.functions().find(theirs->name);
    if (!ours) return "function '" + theirs->name + "' is missing";
    const std::string engine = theirs->name.substr(0, theirs->name.rfind("_native_segment"));
    const NodeId a = golden.find(engine), b = converted.find(engine);
    const std::map<std::string, std::string> none;
    const std::string difference = a == kNoNode || b == kNoNode
                                       ? function_difference(*theirs, *ours, none, none)
                                       : function_difference(*theirs, *ours, arguments(golden, golden[a], *theirs),
                                                             arguments(converted, converted[b], *ours));
    if (!difference.empty()) return "function '" + theirs->name + "': " + difference;
  }
  return {};
}

}  // namespace isotherm::testing
