// An engine's native segment as a function, and the TRTEngineOp node that calls it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/convert/prepare.h"
#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"
#include "core/segment/segmenter.h"

namespace isotherm {

/// "TRTEngineOp_000_003": sequence number of the conversion and the segment's index.
std::string engine_name(int sequence, int index);
/// "TRTEngineOp_000_003_native_segment".
std::string native_segment_name(const std::string& engine);

/// The function of a segment: arguments `tensorrtinputph_i` in the order of its inputs, each with its shape as
/// `_output_shapes`; results `tensorrtoutputph_i`; copies of the Const nodes that members read from outside, then the
/// members in topological order under their own names. Control inputs from outside are left out. An error is an op
/// whose outputs have no names because nobody knows it.
Result<Function> native_segment_function(const Graph& graph, const GraphShapes& shapes,
                                         const Segmentation& segmentation, const Segment& segment,
                                         const std::string& engine);

/// The node as TF-TRT writes it, without inputs. `serialized_segment` is empty: plans are not stored in graphs.
NodeRecord engine_record(const GraphShapes& shapes, const Segment& segment, const std::string& engine,
                         const Prepared& prepared, Precision precision);

}  // namespace isotherm
