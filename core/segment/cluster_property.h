// What decides whether two clusters of nodes may be one engine apart from the graph's shape: batch size and device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"
#include "core/segment/device_name.h"

namespace isotherm {

/// Batch size of a cluster in implicit batch mode. A negative size is a symbol: -2 merges with -2, not with -3.
struct ClusterBatch {
  std::optional<std::int64_t> size;
  std::optional<std::int64_t> maximum;
  friend bool operator==(const ClusterBatch&, const ClusterBatch&) = default;
};

struct ClusterProperty {
  ClusterBatch batch;
  DeviceName device;
};

/// Both properties in one: each of the batch sizes is unset on one side or equal on both, and the devices merge.
/// Nothing if they conflict; `sentence`, where given, then says in what.
std::optional<ClusterProperty> merge_properties(const ClusterProperty& a, const ClusterProperty& b,
                                                std::string* sentence = nullptr);

/// The input shape whose first dimension is the node's batch size in implicit batch mode: among the relevant inputs of
/// highest rank the one with the largest batch, or the first of unknown batch if the others are unknown or 1. Null if
/// a relevant input has unknown rank or unknown and known batches above 1 mix. Requires data inputs.
const Shape* leading_shape(const Graph& graph, const GraphShapes& shapes, NodeId node);

/// Batch class of a node by itself; unset in explicit batch mode and for a node without data inputs. The
/// annotation `_tftrt_op_max_batch_size` goes before the shapes.
ClusterBatch batch_of_node(const Graph& graph, const GraphShapes& shapes, NodeId node, bool implicit_batch);

}  // namespace isotherm
