// Cuts a graph into engine segments exactly as TF-TRT's segmenter does, and records each decision.
// Algorithm: TensorFlow 2.17.1, tf2tensorrt/segment (SegmentGraph); see its rules restated in segmenter.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/reason.h"
#include "core/ops/shape_inference.h"
#include "core/segment/cluster_property.h"

namespace isotherm {

/// TF-TRT's options of the same names. Illegal together: explicit batch without dynamic dimensions; implicit batch
/// without a maximum batch size.

struct SegmentOptions {
  int minimum_segment_size = 3;  ///< effective nodes: Identity, Snapshot and StopGradient do not count
  bool implicit_batch = false;
  std::optional<int> maximum_batch_size;  ///< required with implicit batch; -1: not limited (dynamic engines)
  bool allow_dynamic_non_batch_dim = true;
  std::set<NodeId> excluded;  ///< feeds, fetches and what else must stay
  std::set<std::string> denied_ops;
  int maximum_engines = 20;  ///< <= 0: no cap
};

/// What the segmenter asks of the outside. Pure functions of the graph; an empty one allows everything.
struct SegmentCallbacks {
  std::function<std::optional<Refusal>(NodeId)> candidate;                      ///< nothing: accepted
  std::function<bool(NodeId member, const Input& from_outside)> input_allowed;  ///< may this edge enter a segment
  std::function<bool(NodeId member, const OutEdge& to_outside)> output_allowed;
  /// Batch class of a node, in place of the one that its input shapes give (batch_of_node).
  std::function<ClusterBatch(NodeId)> batch;
  std::function<bool()> cancelled;  ///< asked now and then; true stops with the error `cancelled`
};

struct Segment {
  NodeId root = kNoNode;      ///< whose name decides the segment's place in the order
  std::vector<NodeId> nodes;  ///< ascending
  /// Tensors from outside that members read, less those of Const nodes, which every engine takes in as copies; by first
  /// appearance in topological order, ties by name.
  std::vector<TensorRef> inputs;
  std::vector<TensorRef> outputs;  ///< members' tensors that outsiders read, in the same order
  std::vector<NodeId> constants;   ///< Const nodes outside that members read, in the same order
  std::string device;              ///< merged device name, may be empty
  bool has_device_type = false;    ///< the device names a type, which then is GPU
  std::optional<std::int64_t> batch_size;
  std::optional<std::int64_t> max_batch_size;
  int index = 0;  ///< position among the segmenter's results: the number in its engine's name
};

/// One decision, in the order in which they were made.
struct SegmentStep {
  enum class Kind {
    candidate,      ///< `node` was accepted
    not_candidate,  ///< `node` was refused: `sentence` says why
    merge,          ///< edge node -> other contracted
    merge_refused,  ///< edge node -> other not contracted: batch, device or a cycle, see `path`; recorded once
    trim,           ///< `node` leaves its segment at the border
    drop_small,     ///< the segment of root `node` is below the minimum size
    drop_cap,       ///< the segment of root `node` is beyond the engine cap
    segment,        ///< the segment of root `node` stands
  };
  Kind kind = Kind::candidate;
  NodeId node = kNoNode;
  NodeId other = kNoNode;
  /// merge_refused by a cycle: node, .., other, the way that would close it, one node for each segment passed. In huge
  /// graphs, where all paths together would not fit, later ones hold the two ends alone.
  std::vector<NodeId> path;
  std::string sentence;
};

/// A node outside all segments and why.
struct NativeNode {
  NodeId node = kNoNode;
  Refusal refusal;
};

struct Segmentation {
  std::vector<Segment> segments;   ///< in TF-TRT's order
  std::vector<NativeNode> native;  ///< by node id
  std::vector<SegmentStep> steps;
  std::vector<int> segment_of;      ///< by node id: index in `segments`, -1
  std::vector<NodeId> topological;  ///< all nodes, each after its inputs, ties by name: the order of segment inputs
};

/// Whether the node counts for the minimum segment size: Identity, Snapshot and StopGradient compute nothing.
bool counts_for_size(const Node& node);

/// Near linear in the graph's size: see ContractedGraph. An error is an illegal combination of options, a cycle outside
/// while loops, or a loop that nothing enters; cancelled.
Result<Segmentation> segment_graph(const Graph& graph, const GraphShapes& shapes, const SegmentOptions& options,
                                   const SegmentCallbacks& callbacks);

}  // namespace isotherm
