// Shapes and dtypes of every tensor, before anything runs. Follows TensorFlow's static shape functions and the
// symbolic inference of its graph optimiser: unknown dimensions have symbols; where a shape function demands that two
// dimensions are equal they are merged, and a value known for one is known for all, also upstream.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace isotherm {

/// What is known of one tensor.
struct TensorInfo {
  DType dtype = DType::invalid;          ///< invalid: unknown (an op nobody knows)
  bool is_ref = false;
  Shape shape = Shape::unknown_rank();
  /// The value where it follows from constants (Const, Shape of a static shape, Pack of constants, ..) and is small
  /// or a Const; null elsewhere.
  std::shared_ptr<const Constant> value;
};

struct ShapeOptions {
  /// Shapes of feeds by node name, from `--shape`; must agree with what the Placeholder says.
  std::map<std::string, Shape> overrides;
};

/// The result, by node and port.
class GraphShapes {
 public:
  [[nodiscard]] std::span<const TensorInfo> outputs(NodeId node) const;
  /// Info of a tensor; a port the node does not have gives an unknown one.
  [[nodiscard]] const TensorInfo& info(const TensorRef& tensor) const;
  [[nodiscard]] const TensorInfo& input(const Node& node, int i) const {
    return info({node.inputs[static_cast<std::size_t>(i)].node, node.inputs[static_cast<std::size_t>(i)].port});
  }
  /// False where the op is unknown or has no shape function: its outputs are unknown and say so.
  [[nodiscard]] bool has_shape_function(NodeId node) const;
  /// True for a default-constructed one: nothing was inferred, and outputs() and info() must not be asked.
  [[nodiscard]] bool empty() const { return begin_.empty(); }
  /// Number of different symbols in all shapes.
  [[nodiscard]] int symbol_count() const { return symbol_count_; }

  struct Storage;  // filled by infer_shapes

  /// Shapes put together by who knows them already: outputs of node i are tensors [begin[i], begin[i + 1]); `known` as
  /// has_shape_function().
  static GraphShapes assemble(std::vector<TensorInfo> tensors, std::vector<std::int32_t> begin, std::vector<bool> known,
                              int symbol_count) {
    GraphShapes shapes;
    shapes.tensors_ = std::move(tensors);
    shapes.begin_ = std::move(begin);
    shapes.known_ = std::move(known);
    shapes.symbol_count_ = symbol_count;
    return shapes;
  }

 private:
  friend class ShapeInference;
  std::vector<TensorInfo> tensors_;
  std::vector<std::int32_t> begin_;
  std::vector<bool> known_;
  int symbol_count_ = 0;
};

/// Infers everything. An error is a graph whose shapes contradict each other: node, input, found and expected.
Result<GraphShapes> infer_shapes(const Graph& graph, const ShapeOptions& options = {});

}  // namespace isotherm
