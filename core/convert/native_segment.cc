#include "core/convert/native_segment.h"

#include <algorithm>
#include <cstdio>
#include <unordered_set>

#include "core/convert/dropped_attrs.h"
#include "core/ops/op_def.h"
#include "core/ops/signature.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Symbols are of use inside one inference only; files say -1.
Shape without_symbols(const Shape& shape) {
  if (!shape.has_rank()) return Shape::unknown_rank();
  Shape plain = shape;
  for (int i = 0; i < plain.rank(); ++i)
    if (plain.dim(i) < 0) plain.set_dim(i, kUnknownDim);
  return plain;
}

AttrValue shapes_attr(const GraphShapes& shapes, const std::vector<TensorRef>& tensors) {
  AttrList list;
  for (const TensorRef& tensor : tensors) list.shape.push_back(without_symbols(shapes.info(tensor).shape));
  return make_list_attr(std::move(list));
}

AttrValue types_attr(const GraphShapes& shapes, const std::vector<TensorRef>& tensors) {
  AttrList list;
  for (const TensorRef& tensor : tensors) list.type.emplace_back(shapes.info(tensor).dtype);
  return make_list_attr(std::move(list));
}

/// How a function's body names output `port` of the node: "relu:activations:0".
Result<std::string> body_name(const Node& node, int port) {
  const OpDef* def = find_op(node.op);
  if (!def)
    return unsupported("node '" + node.name + "' (" + node.op + "): an unknown op cannot be in a native segment");
  auto name = body_tensor_name(node.name, def->outputs, node.attrs, def, port);
  if (!name.ok()) return name.error().at(describe_node(node.name, node.op));
  return name;
}

ArgDef arg(const char* prefix, std::size_t index, DType dtype) {
  ArgDef def;
  def.name = prefix + std::to_string(index);
  def.type = dtype;
  return def;
}

constexpr const char* kInputPrefix = "tensorrtinputph_";
constexpr const char* kOutputPrefix = "tensorrtoutputph_";

}  // namespace

std::string engine_name(int sequence, int index) {
  char text[48];
  std::snprintf(text, sizeof text, "TRTEngineOp_%03d_%03d", sequence, index);
  return text;
}

std::string native_segment_name(const std::string& engine) { return engine + "_native_segment"; }

Result<Function> native_segment_function(const Graph& graph, const GraphShapes& shapes,
                                         const Segmentation& segmentation, const Segment& segment,
                                         const std::string& engine) {
  Function function;
  function.name = native_segment_name(engine);
  std::map<TensorRef, std::string> inputs;
  for (std::size_t i = 0; i < segment.inputs.size(); ++i) {
    const TensorInfo& info = shapes.info(segment.inputs[i]);
    function.inputs.push_back(arg(kInputPrefix, i, info.dtype));
    inputs[segment.inputs[i]] = function.inputs.back().name;
    AttrMap attrs;
    attrs.set("_output_shapes", shapes_attr(shapes, {segment.inputs[i]}));
    function.arg_attrs.emplace_back(static_cast<int>(i), std::move(attrs));
  }
  std::vector<int> place(at(graph.size()), -1);
  for (std::size_t i = 0; i < segmentation.topological.size(); ++i)
    place[at(segmentation.topological[i])] = static_cast<int>(i);
  std::vector<NodeId> body = segment.nodes;
  std::sort(body.begin(), body.end(), [&](NodeId a, NodeId b) { return place[at(a)] < place[at(b)]; });
  body.insert(body.begin(), segment.constants.begin(), segment.constants.end());
  const std::unordered_set<NodeId> inside(body.begin(), body.end());
  for (const NodeId id : body) {
    const Node& node = graph[id];
    NodeRecord record{node.name, node.op, node.device, {}, node.attrs, node.extra};
    drop_attrs(record.attrs);
    for (const Input& in : node.inputs) {
      if (in.is_control()) {
        if (inside.contains(in.node)) record.inputs.push_back("^" + graph[in.node].name);
        continue;
      }
      const auto it = inputs.find({in.node, in.port});
      if (it != inputs.end()) {
        record.inputs.push_back(it->second);
      } else {
        ISO_ASSIGN(std::string name, body_name(graph[in.node], in.port));
        record.inputs.push_back(std::move(name));
      }
    }
    function.nodes.push_back(std::move(record));
  }
  for (std::size_t i = 0; i < segment.outputs.size(); ++i) {
    const TensorRef& tensor = segment.outputs[i];
    function.outputs.push_back(arg(kOutputPrefix, i, shapes.info(tensor).dtype));
    ISO_ASSIGN(std::string name, body_name(graph[tensor.node], tensor.port));
    function.ret.emplace_back(function.outputs.back().name, std::move(name));
  }
  return function;
}

NodeRecord engine_record(const GraphShapes& shapes, const Segment& segment, const std::string& engine,
                         const Prepared& prepared, Precision precision) {
  const ConversionParams& params = prepared.params;
  NodeRecord record{engine, "TRTEngineOp", segment.has_device_type ? segment.device : std::string(), {}, {}, {}};
  AttrMap& attrs = record.attrs;
  attrs.set("InT", types_attr(shapes, segment.inputs));
  attrs.set("OutT", types_attr(shapes, segment.outputs));
  attrs.set("input_shapes", shapes_attr(shapes, segment.inputs));
  attrs.set("output_shapes", shapes_attr(shapes, segment.outputs));
  attrs.set("segment_func", FunctionRef{native_segment_name(engine), nullptr});
  attrs.set("serialized_segment", std::string());
  attrs.set("calibration_data", std::string());
  attrs.set("static_engine", !prepared.is_dynamic());
  attrs.set("precision_mode", std::string(precision_name(precision)));
  attrs.set("use_calibration", params.use_calibration);
  attrs.set("use_explicit_precision", prepared.explicit_precision);
  attrs.set("max_cached_engines_count", std::int64_t{params.maximum_cached_engines});
  attrs.set("workspace_size_bytes", params.max_workspace_size_bytes);
  attrs.set("max_batch_size", segment.max_batch_size.value_or(params.max_batch_size.value_or(-1)));
  attrs.set("profile_strategy", params.implicit_batch ? std::string() : params.profile_strategy);
  attrs.set("_use_implicit_batch", params.implicit_batch);
  attrs.set("_allow_build_at_runtime", params.allow_build_at_runtime);
  // Left over from older TF-TRT; TensorFlow writes them because they have defaults.
  attrs.set("segment_funcdef_name", std::string());
  attrs.set("cached_engine_batches", make_list_attr({}));
  attrs.set("fixed_input_size", true);
  return record;
}

}  // namespace isotherm
