#include "core/ops/conditions/operand.h"

#include <algorithm>
#include <limits>

#include "core/ops/conditions/context.h"

namespace isotherm::conditions {
namespace {

constexpr DType kWeightTypes[] = {DType::float32, DType::float16};

/// Weights whose shape an attribute gives, values unknown: variables.
Verdict variable_operand(const Node& node, std::string_view shape_attr, Operand& operand) {
  const Shape* shape = node.attrs.get_shape(shape_attr);
  if (shape == nullptr) {
    return refuse("No attr named '", shape_attr, "' in NodeDef: the size of ", node.op, " '", node.name,
                  "' is not known");
  }
  if (!shape->is_static()) {
    return refuse("attribute '", shape_attr, "' of ", node.op, " '", node.name, "' is ", shape->to_tf_string(),
                  ", weights need a static shape (TF-TRT itself aborts here)");
  }
  if (shape->rank() > kMaxTrtDims) {
    return refuse("dims of TensorShape exceed MAX_DIMS: ", node.op, " '", node.name, "' has ", shape->rank(),
                  " dimensions, at most ", kMaxTrtDims, " are allowed");
  }
  operand.kind = Operand::Kind::weights;
  operand.dtype = node.attrs.get_type("dtype");
  operand.dims = shape->dims();
  return {};
}

Verdict variable_v2_operand(const Node& node, Operand& operand) {
  if (auto v = allowed_type(node, "dtype", kWeightTypes)) return v;
  return variable_operand(node, "shape", operand);
}

Verdict read_variable_operand(const Node& node, bool implicit_batch, Operand& operand) {
  if (auto v = allowed_type(node, "dtype", kWeightTypes)) return v;
  if (implicit_batch) return refuse("Implicit batch mode not supported for ReadVariableOp, at ", node.name);
  return variable_operand(node, "_shape", operand);
}

/// Index of the first value that int32 cannot hold, -1 if all fit.
std::int64_t first_beyond_int32(const Tensor& values) {
  const bool is_unsigned = values.dtype() == DType::uint32 || values.dtype() == DType::uint64;
  if (values.dtype() != DType::int64 && !is_unsigned) return -1;
  for (std::int64_t i = 0, n = values.elements(); i < n; ++i) {
    const std::int64_t v = integer_at(values, i);
    if (v > std::numeric_limits<std::int32_t>::max() ||
        v < (is_unsigned ? 0 : std::numeric_limits<std::int32_t>::min()))
      return i;
  }
  return -1;
}

Verdict const_operand(const Node& node, Operand& operand) {
  const Constant* value = node.attrs.get_constant("value");
  if (value == nullptr) return refuse("Const '", node.name, "' has no attribute 'value'");
  operand.kind = Operand::Kind::weights;
  operand.dtype = is_integer(value->dtype()) ? DType::int32 : value->dtype();
  if (operand.dtype != DType::float32 && operand.dtype != DType::float16 && operand.dtype != DType::boolean &&
      operand.dtype != DType::int32) {
    return Refusal{Reason::dtype, concat("Unsupported tensorflow data type ", dtype_short_name(value->dtype()),
                                         " of constant '", node.name, "', allowed are float, half, bool and integers")};
  }
  if (!value->shape().is_static()) {
    return refuse("constant '", node.name, "' has shape ", value->shape().to_tf_string(), ", expected a static one");
  }
  if (value->shape().elements().value_or(1) == 0) {
    operand.is_empty = true;
    operand.dtype = DType::float32;
    return {};
  }
  if (value->shape().rank() > kMaxTrtDims) {
    return refuse("dims of TensorShape exceed MAX_DIMS: constant '", node.name, "' has ", value->shape().rank(),
                  " dimensions, at most ", kMaxTrtDims, " are allowed");
  }
  if (const std::int64_t i = first_beyond_int32(value->values()); i >= 0) {
    return refuse("Value at index ", i, " is outside the range of int32 in constant '", node.name, "' of type ",
                  dtype_short_name(value->dtype()), ", which an engine holds as int32");
  }
  operand.constant = value;
  operand.dims = value->shape().dims();
  return {};
}

Verdict tensor_operand(const TensorInfo& info, bool implicit_batch, Operand& operand) {
  operand.kind = Operand::Kind::tensor;
  operand.dtype = info.dtype;
  if (info.is_ref) {
    return Refusal{Reason::dtype, concat("Unsupported tensorflow data type ", dtype_short_name(info.dtype),
                                         "_ref: an engine cannot hold a reference to a variable")};
  }
  switch (info.dtype) {
    case DType::float32:
    case DType::float16:
    case DType::int32:
    case DType::boolean:
    case DType::uint8:
      break;
    default:
      return Refusal{Reason::dtype, concat("Unsupported tensorflow data type ", dtype_short_name(info.dtype),
                                           ", allowed are float, half, int32, bool and uint8")};
  }
  if (!info.shape.has_rank()) return refuse("Input tensor rank is unknown");
  const int rank = info.shape.rank();
  const int max_rank = kMaxTrtDims + (implicit_batch ? 1 : 0);
  if (rank > max_rank) return refuse("Input tensor rank is greater than ", max_rank, ": it is ", rank);
  if (implicit_batch && rank == 0) {
    return refuse(
        "Scalar input tensor is not supported in implicit batch mode, which takes the first dimension as "
        "the batch dimension");
  }
  if (rank > kMaxTrtDims) {
    return refuse("dims of TensorShape exceed MAX_DIMS: rank is ", rank, ", at most ", kMaxTrtDims, " is allowed");
  }
  operand.dims = read_back(info.shape);
  // A batch of zero is none of the engine's dimensions in implicit batch mode.
  if (std::find(operand.dims.begin() + (implicit_batch ? 1 : 0), operand.dims.end(), 0) != operand.dims.end()) {
    return refuse("Input tensor with shape ", info.shape.to_tf_string(),
                  " is an empty tensor, which an engine cannot take");
  }
  return {};
}

}  // namespace

std::optional<std::int64_t> Operand::count() const {
  if (is_empty) return 0;
  return Shape(dims).elements();
}

std::optional<std::vector<std::int64_t>> Operand::integers() const {
  if (is_empty) return std::vector<std::int64_t>();
  if (constant == nullptr) return {};
  return constant->integers();
}

double Operand::number() const {
  if (constant == nullptr || constant->values().elements() == 0) return 0;
  return number_at(constant->values(), 0);
}

std::string Operand::shape_text() const { return is_empty ? "[0]" : Shape(dims).to_tf_string(); }

std::vector<std::int64_t> read_back(const Shape& shape) {
  // TensorShape packs up to six dimensions of 16 bits or three of 32 bits, where "unknown" is one special value; what
  // does not fit is kept as plain 64-bit numbers from then on.
  constexpr std::int64_t kMax16 = 65534;
  constexpr std::int64_t kMax32 = 4294967294;
  std::vector<std::int64_t> dims = shape.dims();
  enum { packed16, packed32, plain } form = packed16;
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    largest = std::max(largest, dims[i]);
    if (form == packed16 && (i >= 6 || dims[i] >= kMax16)) form = i < 3 && largest < kMax32 ? packed32 : plain;
    if (form == packed32 && (i >= 3 || dims[i] >= kMax32)) form = plain;
    if (dims[i] < 0) dims[i] = form == plain ? std::min<std::int64_t>(dims[i], -2) : kUnknownDim;
  }
  return dims;
}

Verdict make_operand(const Graph& graph, const GraphShapes& shapes, const ConditionOptions& options, NodeId producer,
                     int port, Operand& operand) {
  const Node& node = graph[producer];
  operand = Operand();
  if ((node.op == "Placeholder" || node.op == "VarHandleOp") && node.attrs.get_type("dtype") == DType::resource) {
    operand.kind = Operand::Kind::resource;
    operand.dtype = DType::resource;
    return {};
  }
  if (port == 0) {
    if (node.op == "Const") return const_operand(node, operand);
    if (node.op == "VariableV2") return variable_v2_operand(node, operand);
    if (node.op == "ReadVariableOp") return read_variable_operand(node, options.implicit_batch, operand);
  }
  const auto outputs = shapes.outputs(producer);
  if (port < 0 || static_cast<std::size_t>(port) >= outputs.size() ||
      outputs[static_cast<std::size_t>(port)].dtype == DType::invalid) {
    return refuse("Shape and data type are unknown");
  }
  return tensor_operand(outputs[static_cast<std::size_t>(port)], options.implicit_batch, operand);
}

Verdict make_operands(const Graph& graph, const GraphShapes& shapes, const ConditionOptions& options, const Node& node,
                      std::vector<Operand>& operands) {
  operands.resize(static_cast<std::size_t>(node.data_inputs));
  int index = 0;
  for (const Input& in : node.data()) {
    NodeId producer = in.node;
    // The bound ends the walk on a malformed graph whose Identity nodes form a ring.
    for (NodeId steps = 0; steps < graph.size(); ++steps) {
      const Node& above = graph[producer];
      if (above.op != "Identity" || above.data_inputs == 0) break;
      producer = above.inputs[0].node;
    }
    // TF-TRT asks for the consumer's port of the node found above the Identities.
    if (auto v = make_operand(graph, shapes, options, producer, in.port, operands[static_cast<std::size_t>(index)])) {
      return Refusal{Reason::input, concat("Failed to convert at least one input to a TRT_TensorOrWeights: input ",
                                           index, " ('", graph.tensor_name({in.node, in.port}), "'): ", v->detail)};
    }
    ++index;
  }
  return {};
}

}  // namespace isotherm::conditions
