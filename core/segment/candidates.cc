#include "core/segment/candidates.h"

#include "core/segment/device_name.h"

namespace isotherm {
namespace {

/// A node without data inputs has no batch dimension to shed.
bool can_shed_batch(const Graph& graph, const GraphShapes& shapes, NodeId node) {
  if (graph[node].data_inputs == 0) return true;
  const Shape* shape = leading_shape(graph, shapes, node);
  return shape && shape->rank() >= 2;
}

std::string input_shapes(const Graph& graph, const GraphShapes& shapes, NodeId node) {
  std::string text;
  for (int i = 0; i < graph[node].data_inputs && i < 4; ++i)
    text += (i ? ", " : "") + shapes.input(graph[node], i).shape.to_tf_string();
  return text + (graph[node].data_inputs > 4 ? ", .." : "");
}

bool has_dynamic_non_batch_dim(const Shape& shape) {
  if (!shape.has_rank()) return true;
  for (int i = 1; i < shape.rank(); ++i)
    if (shape.dim(i) < 0) return true;
  return false;
}

/// Only the first output counts, as in the original; a node without inputs or outputs computes nothing dynamic.
bool is_dynamic(const Graph& graph, const GraphShapes& shapes, NodeId node) {
  const auto outputs = shapes.outputs(node);
  if (graph[node].data_inputs == 0 || outputs.empty()) return false;
  return has_dynamic_non_batch_dim(outputs[0].shape);
}

}  // namespace

std::optional<Refusal> candidate_refusal(const Graph& graph, const GraphShapes& shapes, NodeId id,
                                         const SegmentOptions& options, const SegmentCallbacks& callbacks) {
  const Node& node = graph[id];
  if (!node.device.empty()) {
    const auto device = parse_device_name(node.device);
    if (!device)
      return Refusal{Reason::device,
                     "device '" + node.device + "' is no device name, so the node cannot be placed on a GPU"};
    if (device->type && *device->type != "GPU")
      return Refusal{Reason::device,
                     "device '" + node.device + "' is of type " + *device->type + "; engines run on a GPU"};
  }
  if (options.excluded.contains(id))
    return Refusal{Reason::excluded, "an input, an output or a node excluded by name stays native"};
  if (options.implicit_batch && !can_shed_batch(graph, shapes, id))
    return Refusal{
        Reason::batch_rank,
        "implicit batch mode requires an input shape of at least two dimensions with one batch size; found " +
            input_shapes(graph, shapes, id)};
  if (!options.allow_dynamic_non_batch_dim && is_dynamic(graph, shapes, id))
    return Refusal{Reason::dynamic_dims, "output 0 has the shape " + shapes.outputs(id)[0].shape.to_tf_string() +
                                             "; a static engine requires every dimension but the batch to be known"};
  if (callbacks.candidate)
    if (auto refusal = callbacks.candidate(id)) return refusal;
  if (options.denied_ops.contains(node.op)) return Refusal{Reason::denied, "op " + node.op + " is denied by option"};
  return std::nullopt;
}

}  // namespace isotherm
