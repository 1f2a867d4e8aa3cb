// What TF-TRT's validator makes of a node's input before the op's own conditions are asked: a tensor, weights or a
// resource. Behaviour of tf2tensorrt 2.17.1 (TrtNodeValidator::ConvertToTensorOrWeights).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/engine_conditions.h"
#include "core/ops/shape_inference.h"

namespace isotherm::conditions {

/// Nothing: the test passed.
using Verdict = std::optional<Refusal>;

/// The most dimensions a TensorRT tensor has.
inline constexpr int kMaxTrtDims = 8;

struct Operand {
  enum class Kind { tensor, weights, resource };

  Kind kind = Kind::tensor;
  /// Weights of integer types are int32, weights without elements float32, whatever the constant's type is.
  DType dtype = DType::invalid;
  /// TensorFlow's dimensions, the batch included; -1 unknown, below it an unknown one that the validator takes for a
  /// known one (see read_back). Weights without elements have none.
  std::vector<std::int64_t> dims;
  /// The values of weights from a Const; null for a variable, whose values the validator takes as zeros.
  const Constant* constant = nullptr;
  /// Weights of a Const without elements.
  bool is_empty = false;

  [[nodiscard]] bool is_tensor() const { return kind == Kind::tensor; }
  [[nodiscard]] bool is_weights() const { return kind == Kind::weights; }
  [[nodiscard]] int rank() const { return static_cast<int>(dims.size()); }
  /// Dimension `i`, -1 where there is none.
  [[nodiscard]] std::int64_t dim(int i) const {
    return i >= 0 && i < rank() ? dims[static_cast<std::size_t>(i)] : kUnknownDim;
  }
  /// Rank inside TensorRT: in implicit batch mode a tensor loses its batch dimension, weights do not.
  [[nodiscard]] int trt_rank(bool implicit_batch) const { return rank() - (implicit_batch && is_tensor() ? 1 : 0); }
  /// Elements of static dimensions; nothing otherwise.
  [[nodiscard]] std::optional<std::int64_t> count() const;
  /// Integer weights as int64; nothing for other weights, tensors, and more than 4096 values.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers() const;
  /// The first value of numeric weights; 0 where there is none.
  [[nodiscard]] double number() const;
  /// "[2,?,4]".
  [[nodiscard]] std::string shape_text() const;
};

/// Dimensions as TF-TRT reads them back from grappler. Symbols become -1, except where TensorShape keeps raw numbers:
/// from index 6 on, or from index 3 on when an earlier dimension needs more than 16 bits. There a symbol stays a
/// number below -1, and tests for -1 do not see that it is unknown. Requires a known rank.
std::vector<std::int64_t> read_back(const Shape& shape);

/// Turns output `port` of `producer` into an operand. A refusal is the producer's own reason, class dtype or condition.
Verdict make_operand(const Graph& graph, const GraphShapes& shapes, const ConditionOptions& options, NodeId producer,
                     int port, Operand& operand);

/// Turns the data inputs of `node` into operands, looking through Identity nodes; stops at the first that fails, with
/// class input.
Verdict make_operands(const Graph& graph, const GraphShapes& shapes, const ConditionOptions& options, const Node& node,
                      std::vector<Operand>& operands);

}  // namespace isotherm::conditions
