#include "core/convert/plan.h"

#include <algorithm>

#include "core/convert/native_segment.h"
#include "core/convert/portability.h"
#include "core/ops/op_def.h"

namespace isotherm {
namespace {

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

Result<Segmentation> segment_prepared(const Prepared& prepared, const GraphShapes& shapes, const LiftRefusal& lift) {
  const ConversionParams& params = prepared.params;
  const Graph& graph = *prepared.graph;
  SegmentOptions options;
  options.minimum_segment_size = params.minimum_segment_size;
  options.implicit_batch = params.implicit_batch;
  options.maximum_batch_size = params.max_batch_size.value_or(-1);
  options.allow_dynamic_non_batch_dim = !params.implicit_batch || prepared.is_dynamic();
  options.excluded = prepared.excluded;
  options.denied_ops = params.denied_ops;
  options.maximum_engines = params.max_engines;
  ConditionOptions conditions;
  conditions.precision = params.precision_mode;
  conditions.implicit_batch = params.implicit_batch;
  conditions.explicit_precision = prepared.explicit_precision;
  conditions.use_calibration = params.use_calibration;
  conditions.fake_ops = params.fake_ops;
  SegmentCallbacks callbacks;
  callbacks.cancelled = prepared.cancelled;
  callbacks.output_allowed = [&graph](NodeId member, const OutEdge&) { return graph[member].op != "Const"; };
  if (params.minimum_segment_size == -1) {
    callbacks.candidate = [](NodeId) {
      return std::optional(Refusal{Reason::excluded, "minimum segment size -1 leaves the graph alone"});
    };
  } else {
    callbacks.candidate = [&](NodeId id) {
      auto refusal = engine_refusal(graph, shapes, id, conditions);
      if (refusal && lift && lift(id, *refusal)) refusal.reset();
      return refusal;
    };
  }
  return segment_graph(graph, shapes, options, callbacks);
}

bool takes_reference(const Node& node, int input) {
  const auto signature = signature_of(node);
  return signature.ok() && at(input) < signature->inputs.size() && signature->inputs[at(input)].is_ref;
}

/// Why TF-TRT cannot make an engine of a segment; empty if it can.
std::string conversion_failure(const Prepared& prepared, const GraphShapes& shapes, const Segment& segment) {
  const Graph& graph = *prepared.graph;
  for (const TensorRef& tensor : segment.outputs) {
    if (!shapes.info(tensor).is_ref) continue;
    for (const OutEdge& edge : graph.out_edges(tensor.node)) {
      if (edge.port != tensor.port || !takes_reference(graph[edge.node], edge.input)) continue;
      return "node '" + graph[edge.node].name + "' (" + graph[edge.node].op + ") outside takes '" +
             graph.tensor_name(tensor) + "' by reference, which a function cannot return";
    }
  }
  if (segment.inputs.empty()) return "the segment has no inputs; constant folding should have removed it";
  if (prepared.params.implicit_batch && !prepared.is_dynamic()) {
    for (const TensorRef& tensor : segment.inputs) {
      const Shape& shape = shapes.info(tensor).shape;
      for (int i = 1; i < shape.rank(); ++i)
        if (shape.dim(i) <= 0)
          return "input '" + graph.tensor_name(tensor) + "' has the shape " + shape.to_tf_string() +
                 "; a static engine requires every dimension but the batch to be known";
    }
  }
  return {};
}

/// Takes the segments that cannot become engines out of the segmentation. The others keep their index, so that the
/// engines' numbers have gaps there.
void drop_failures(const Prepared& prepared, const GraphShapes& shapes, Segmentation& segmentation,
                   std::vector<std::string>& warnings) {
  std::vector<Segment> kept;
  for (Segment& segment : segmentation.segments) {
    const std::string failure = conversion_failure(prepared, shapes, segment);
    if (failure.empty()) {
      kept.push_back(std::move(segment));
      continue;
    }
    warnings.push_back("segment " + std::to_string(segment.index) + " (" + std::to_string(segment.nodes.size()) +
                       " nodes, root '" + (*prepared.graph)[segment.root].name + "') stays native: " + failure);
    for (const NodeId id : segment.nodes) segmentation.native.push_back({id, {Reason::conversion_failed, failure}});
  }
  if (kept.size() == segmentation.segments.size()) {
    segmentation.segments = std::move(kept);
    return;
  }
  segmentation.segments = std::move(kept);
  std::fill(segmentation.segment_of.begin(), segmentation.segment_of.end(), -1);
  for (std::size_t i = 0; i < segmentation.segments.size(); ++i)
    for (const NodeId id : segmentation.segments[i].nodes) segmentation.segment_of[at(id)] = static_cast<int>(i);
  std::sort(segmentation.native.begin(), segmentation.native.end(),
            [](const NativeNode& a, const NativeNode& b) { return a.node < b.node; });
}

}  // namespace

Result<Conversion> plan_prepared(const Prepared& prepared, GraphShapes known, const LiftRefusal& lift) {
  Conversion conversion;
  conversion.before = prepared.graph;
  conversion.params = prepared.params;
  conversion.passes = prepared.passes;
  conversion.warnings = prepared.warnings;
  conversion.shapes_before = std::move(known);
  const GraphShapes& shapes = conversion.shapes_before;
  ISO_ASSIGN(conversion.segmentation, segment_prepared(prepared, shapes, lift));
  drop_failures(prepared, shapes, conversion.segmentation, conversion.warnings);

  // INT8 without calibration needs ranges from the graph; without any op that has them an engine is FP16.
  Precision precision = prepared.params.precision_mode;
  if (precision == Precision::int8 && !prepared.params.use_calibration && !prepared.has_quantization_ops) {
    precision = Precision::fp16;
    if (!conversion.segmentation.segments.empty())
      conversion.warnings.push_back(
          "engines are FP16: INT8 without calibration needs quantization ops in the graph, and there are none");
  }
  for (std::string& refusal : tensorflow_refusals(conversion)) conversion.warnings.push_back(std::move(refusal));
  int inside = 0, copied = 0;
  for (std::size_t i = 0; i < conversion.segmentation.segments.size(); ++i) {
    const Segment& segment = conversion.segmentation.segments[i];
    EngineSummary engine;
    engine.name = engine_name(prepared.params.sequence, segment.index);
    engine.segment = static_cast<int>(i);
    engine.device = segment.has_device_type ? segment.device : std::string();
    engine.precision = precision;
    for (const TensorRef& tensor : segment.inputs) engine.inputs.push_back(shapes.info(tensor));
    for (const TensorRef& tensor : segment.outputs) engine.outputs.push_back(shapes.info(tensor));
    engine.node_count = static_cast<int>(segment.nodes.size());
    engine.constant_count = static_cast<int>(segment.constants.size());
    inside += engine.node_count;
    copied += engine.constant_count;
    conversion.engines.push_back(std::move(engine));
  }
  conversion.converted_ops = inside + copied;
  conversion.all_ops = prepared.graph->size() + copied;
  return conversion;
}

}  // namespace isotherm
