#include "core/engine/import_segment.h"

#include <algorithm>
#include <map>

#include "core/engine/network_edit.h"
#include "core/ops/op_def.h"
#include "core/ops/shape_inference.h"

namespace isotherm {
namespace {

struct Argument {
  std::string name;
  DType dtype = DType::invalid;
};

/// Arguments and results of a body by index, and the body with Placeholders of the given shapes for its arguments.
struct Body {
  std::shared_ptr<const Graph> graph;
  std::vector<Argument> arguments;
  std::vector<std::string> results;  ///< "node:port"
  ShapeOptions shapes;
};

std::string at_engine(std::string_view name) { return "engine '" + std::string(name) + "': "; }

/// The value that a ReadVariableOp of a resource argument gives; null for any other node.
const Tensor* variable_weight(const Graph& source, const Node& node, const std::vector<Tensor>& weights) {
  if (node.op != "ReadVariableOp" || node.data_inputs != 1) return nullptr;
  const Node* from = &source[node.inputs[0].node];
  while (from->op == "Identity" && from->data_inputs == 1) from = &source[from->inputs[0].node];
  if (from->op != "_Arg") return nullptr;
  const std::int64_t index = from->attrs.get_int("index", -1);
  if (index < 0 || static_cast<std::size_t>(index) >= weights.size()) return nullptr;
  const Tensor& weight = weights[static_cast<std::size_t>(index)];
  return weight.valid() ? &weight : nullptr;
}

Result<Body> prepare_body(const Graph& source, std::string_view name, const std::vector<Shape>& input_shapes,
                          const std::vector<Tensor>& weights) {
  Body body;
  Graph::Parts parts;
  parts.functions = source.shared_functions();
  parts.versions = source.versions();
  for (NodeId id = 0; id < source.size(); ++id) {
    const Node& node = source[id];
    const auto index = static_cast<std::size_t>(std::max<std::int64_t>(node.attrs.get_int("index", 0), 0));
    if (node.op == "_Retval") {
      if (node.data_inputs != 1) return invalid_input(at_engine(name) + "result node '" + node.name + "' has no input");
      if (index > 65535)
        return invalid_input(at_engine(name) + "result index " + std::to_string(index) + " is too large");
      if (body.results.size() <= index) body.results.resize(index + 1);
      body.results[index] = source.tensor_name({node.inputs[0].node, node.inputs[0].port});
      continue;
    }
    NodeRecord record = source.record(id);
    if (const Tensor* weight = variable_weight(source, node, weights)) {
      record.op = "Const";
      record.inputs.clear();
      record.attrs = AttrMap();
      record.attrs.set("dtype", TypeValue(weight->dtype()));
      record.attrs.set("value", make_constant_attr(Constant(*weight)));
    }
    if (node.op == "_Arg") {
      if (index > 65535)
        return invalid_input(at_engine(name) + "argument index " + std::to_string(index) + " is too large");
      if (body.arguments.size() <= index) body.arguments.resize(index + 1);
      body.arguments[index] = {node.name, node.attrs.get_type("T")};
      record.op = "Placeholder";
      record.attrs = AttrMap();
      record.attrs.set("dtype", TypeValue(node.attrs.get_type("T")));
      record.attrs.set("shape", index < input_shapes.size() ? input_shapes[index] : Shape::unknown_rank());
    }
    parts.nodes.push_back(std::move(record));
  }
  // A control input from a result node cannot be: results have no outputs. One that names it anyway fails here.
  if (body.arguments.size() != input_shapes.size())
    return invalid_input(at_engine(name) + "found " + std::to_string(input_shapes.size()) +
                         " inputs, the native segment has " + std::to_string(body.arguments.size()) + " arguments");
  for (std::size_t i = 0; i < body.arguments.size(); ++i)
    if (body.arguments[i].name.empty())
      return invalid_input(at_engine(name) + "the native segment has no argument " + std::to_string(i));
  for (std::size_t i = 0; i < body.results.size(); ++i)
    if (body.results[i].empty())
      return invalid_input(at_engine(name) + "the native segment has no result " + std::to_string(i));
  ISO_ASSIGN(body.graph, Graph::build(std::move(parts)));
  return body;
}

class Importer {
 public:
  Importer(const Body& body, const GraphShapes& shapes, Network& network)
      : body_(body), graph_(*body.graph), shapes_(shapes), net_(network) {}

  Status run() {
    ISO_ASSIGN(const std::vector<NodeId> order, graph_.topological_order());
    for (const NodeId id : order) ISO_TRY(add_node(id));
    for (const Argument& argument : body_.arguments) net_.inputs.push_back(tensor({graph_.find(argument.name), 0}));
    for (const std::string& result : body_.results) {
      ISO_ASSIGN(const TensorRef ref, graph_.find_tensor(result));
      net_.outputs.push_back(tensor(ref));
    }
    return {};
  }

 private:
  int tensor(const TensorRef& ref) {
    const auto [it, inserted] = tensors_.emplace(ref, static_cast<int>(net_.tensors.size()));
    if (inserted) {
      const TensorInfo& info = shapes_.info(ref);
      NetworkTensor t;
      t.name = graph_.tensor_name(ref);
      t.dtype = info.dtype;
      t.shape = info.shape;
      net_.tensors.push_back(std::move(t));
    }
    return it->second;
  }

  Status add_node(NodeId id) {
    const Node& node = graph_[id];
    if (node.op == "Placeholder") {
      tensor({id, 0});
      return {};
    }
    if (node.op == "Const") {
      const Constant* value = node.attrs.get_constant("value");
      if (!value) return invalid_input("node '" + node.name + "' (Const): found no value, expected attribute 'value'");
      auto materialised = value->materialise();
      if (!materialised.ok()) return materialised.error().at("node '" + node.name + "' (Const)");
      NetworkTensor& t = tensor_at(net_, tensor({id, 0}));
      t.constant = std::move(materialised).value();
      t.dtype = t.constant.dtype();
      t.shape = t.constant.shape();
      return {};
    }
    Layer layer;
    layer.name = node.name;
    layer.sources = {node.name};
    layer.native_node = id;
    for (const Input& in : node.data()) layer.inputs.push_back(tensor({in.node, in.port}));
    layer.native_inputs = layer.inputs;
    const auto outputs = shapes_.outputs(id);
    for (std::size_t port = 0; port < outputs.size(); ++port)
      layer.outputs.push_back(tensor({id, static_cast<int>(port)}));
    // A node without outputs (NoOp, Assert) computes nothing that an engine could give back.
    if (layer.outputs.empty()) return {};
    net_.layers.push_back(std::move(layer));
    fold_known_value(outputs);
    return {};
  }

  void fold_known_value(std::span<const TensorInfo> outputs) {
    const auto known = [](const TensorInfo& info) { return info.value != nullptr; };
    if (!std::all_of(outputs.begin(), outputs.end(), known)) return;
    std::vector<Tensor> values;
    for (const TensorInfo& info : outputs) {
      auto value = info.value->materialise();
      if (!value.ok()) return;
      values.push_back(std::move(value).value());
    }
    set_constant(net_, static_cast<int>(net_.layers.size()) - 1, std::move(values));
    drop_empty_layers(net_);
  }

  const Body& body_;
  const Graph& graph_;
  const GraphShapes& shapes_;
  Network& net_;
  std::map<TensorRef, int> tensors_;
};

}  // namespace

void set_constant(Network& network, int index, std::vector<Tensor> values) {
  Layer layer = std::move(layer_at(network, index));
  layer_at(network, index) = Layer();
  for (const int t : layer.inputs) take_folded(network, layer, t);
  for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
    NetworkTensor& t = tensor_at(network, layer.outputs[i]);
    t.constant = std::move(values[i]);
    t.dtype = t.constant.dtype();
    t.shape = t.constant.shape();
    if (i == 0) add_sources(t.folded, layer.sources);
  }
}

Result<Network> import_segment(const Graph& source, std::string_view name, const std::vector<Shape>& input_shapes,
                               const std::vector<Tensor>& weights) {
  ISO_ASSIGN(const Body body, prepare_body(source, name, input_shapes, weights));
  auto shapes = infer_shapes(*body.graph, body.shapes);
  if (!shapes.ok()) return shapes.error().at("engine '" + std::string(name) + "'");
  Network network;
  network.name = name;
  network.segment = body.graph;
  const Status status = Importer(body, *shapes, network).run();
  if (!status.ok()) return status.error().at("engine '" + std::string(name) + "'");
  return network;
}

}  // namespace isotherm
