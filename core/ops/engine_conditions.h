// Whether an engine can take a node, and why not: TF-TRT's validator (2.17.1, built for TensorRT 8.6.1), op by op.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/graph/graph.h"
#include "core/ops/reason.h"
#include "core/ops/shape_inference.h"

namespace isotherm {

enum class Precision { fp32, fp16, int8 };
std::string_view precision_name(Precision precision);  ///< "FP32", "FP16", "INT8"
std::optional<Precision> precision_from_name(std::string_view name);

struct ConditionOptions {
  Precision precision = Precision::fp32;
  bool implicit_batch = false;
  /// A QuantizeAndDequantizeV2 is in the graph: TF-TRT forces INT8 and wants convolution filters as tensors.
  bool explicit_precision = false;
  bool use_calibration = true;
  /// Ops that TF_TRT_OP_FAKELIST makes look convertible.
  std::set<std::string> fake_ops;
};

/// Whether TF-TRT registers a converter for the op at all (124 ops).
bool has_engine_converter(std::string_view op);

/// Nothing if an engine can take the node; else the first failing test's reason. Classes that can come out:
/// unsupported_op, dtype, input, condition.
std::optional<Refusal> engine_refusal(const Graph& graph, const GraphShapes& shapes, NodeId node, const ConditionOptions& options);

}  // namespace isotherm
