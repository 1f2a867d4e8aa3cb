#include "core/segment/cluster_property.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace isotherm {
namespace {

constexpr std::array<std::string_view, 14> kBroadcastingOps = {
    "Add",         "AddV2",        "Mul",     "Sub", "Div",     "FloorDiv",
    "RealDiv",     "Minimum",      "Maximum", "Pow", "BiasAdd", "SquaredDifference",
    "BatchMatMul", "BatchMatMulV2"};

/// Indices [first, last) of the data inputs whose shapes decide the batch size.
std::pair<int, int> relevant_inputs(const Node& node) {
  if (std::find(kBroadcastingOps.begin(), kBroadcastingOps.end(), node.op) != kBroadcastingOps.end())
    return {0, node.data_inputs};
  if ((node.op == "Conv2DBackpropInput" || node.op == "Conv3DBackpropInputV2") && node.data_inputs > 2) return {2, 3};
  return {0, 1};
}

bool merge_size(std::optional<std::int64_t>& into, const std::optional<std::int64_t>& from) {
  if (into && from) return *into == *from;
  if (from) into = from;
  return true;
}

std::string describe(const std::optional<std::int64_t>& size) {
  if (!size) return "any";
  return *size < 0 ? "unknown (class " + std::to_string(*size) + ")" : std::to_string(*size);
}

}  // namespace

std::optional<ClusterProperty> merge_properties(const ClusterProperty& a, const ClusterProperty& b,
                                                std::string* sentence) {
  ClusterProperty merged = a;
  if (!merge_size(merged.batch.size, b.batch.size)) {
    if (sentence) *sentence = "batch sizes differ: " + describe(a.batch.size) + " and " + describe(b.batch.size);
    return std::nullopt;
  }
  if (!merge_size(merged.batch.maximum, b.batch.maximum)) {
    if (sentence)
      *sentence = "maximum batch sizes differ: " + describe(a.batch.maximum) + " and " + describe(b.batch.maximum);
    return std::nullopt;
  }
  auto device = merge_device_names(a.device, b.device);
  if (!device) {
    if (sentence) *sentence = "devices differ: '" + to_string(a.device) + "' and '" + to_string(b.device) + "'";
    return std::nullopt;
  }
  merged.device = std::move(*device);
  return merged;
}

const Shape* leading_shape(const Graph& graph, const GraphShapes& shapes, NodeId node_id) {
  const Node& node = graph[node_id];
  const auto [first, last] = relevant_inputs(node);
  const Shape* best = nullptr;
  std::int64_t largest_batch = 0;
  for (int i = first; i < last; ++i) {
    const Shape& shape = shapes.input(node, i).shape;
    if (!shape.has_rank()) return nullptr;
    if (!best || shape.rank() > best->rank()) {
      best = &shape;
      largest_batch = shape.rank() < 1 ? 1 : shape.dim(0);
    } else if (shape.rank() == best->rank() && shape.rank() > 0) {
      largest_batch = std::max(largest_batch, shape.dim(0));
      const bool is_better = shape.dim(0) < 0 ? best->dim(0) >= 0 : best->dim(0) >= 0 && shape.dim(0) > best->dim(0);
      if (is_better) best = &shape;
    }
  }
  if (best && best->rank() > 0 && best->dim(0) < 0 && largest_batch > 1) return nullptr;
  return best;
}

ClusterBatch batch_of_node(const Graph& graph, const GraphShapes& shapes, NodeId node_id, bool implicit_batch) {
  const Node& node = graph[node_id];
  ClusterBatch batch;
  if (!implicit_batch || node.data_inputs == 0) return batch;
  const AttrValue* annotation = node.attrs.find("_tftrt_op_max_batch_size");
  const auto* value = annotation ? std::get_if<std::int64_t>(annotation) : nullptr;
  const Shape* shape = leading_shape(graph, shapes, node_id);
  if (value)
    batch.size = *value;  // the annotation's setter sets the size, which the shape then cannot change
  else if (shape && shape->rank() > 0)
    batch.size = shape->dim(0);
  if (batch.size && *batch.size >= 0) batch.maximum = batch.size;
  return batch;
}

}  // namespace isotherm
