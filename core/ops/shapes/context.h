// What a shape function sees of its node, and what it may do with dimensions and shapes. The operations are those of
// TensorFlow's shape functions; merging records that two things are equal, so that what is known of one is known of
// the other when propagation is done (see merges.h).
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/shapes/handles.h"

namespace isotherm::shapes {

/// A dimension or a plain number, for arithmetic.
struct DimOrValue {
  DimOrValue(DimHandle d) : dim(d) {}        // NOLINT: implicit
  DimOrValue(std::int64_t v) : number(v) {}  // NOLINT: implicit
  DimHandle dim;
  std::int64_t number = 0;
};

/// What a resource handle refers to: a variable's or a TensorArray element's dtype and shape.
struct HandleData {
  DType dtype = DType::invalid;
  ShapeHandle shape;
};

/// What is known of one tensor while shapes propagate.
struct TensorState {
  ShapeHandle shape;
  ShapeHandle as_shape;                   ///< an integer tensor's value read as a shape; unset where nothing is known
  std::shared_ptr<const Constant> value;  ///< null where not constant
  std::optional<HandleData> handle;       ///< of a resource
};

inline constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

class ShapeContext {
 public:
  using Dims = std::vector<DimHandle>;

  ShapeContext(ShapeArena& arena, int producer) : arena_(arena), producer_(producer) {}

  /// Turns to another node; forgets inputs, outputs and merges of the last one.
  void reset(const Node& node, std::size_t inputs, std::size_t outputs);
  /// Forgets outputs and merges, keeps the inputs.
  void clear_results();
  TensorState& input_state(std::size_t i) { return inputs_[i]; }
  TensorState& output_state(std::size_t i) { return outputs_[i]; }

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] const AttrMap& attrs() const { return node_->attrs; }
  /// The version of the program that wrote the graph.
  [[nodiscard]] int producer() const { return producer_; }

  [[nodiscard]] int inputs() const { return static_cast<int>(inputs_.size()); }
  [[nodiscard]] int outputs() const { return static_cast<int>(outputs_.size()); }
  /// Shape of an input; one that the node lacks has unknown rank.
  ShapeHandle input(int i);
  /// The value of an input if it is constant and has at most 128 elements, else null.
  [[nodiscard]] const Constant* value(int i) const;
  /// The same as integers; nothing for other types.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(int i) const;
  [[nodiscard]] const std::optional<HandleData>& handle(int i) const;
  /// Ports that the node does not have are ignored.
  void set_output(int i, ShapeHandle shape);
  void set_all_outputs(ShapeHandle shape);
  void set_output_handle(int i, const std::optional<HandleData>& handle);

  // Reading. Negative indices count from the end.
  [[nodiscard]] int rank(ShapeHandle s) const { return arena_.rank(s); }
  [[nodiscard]] bool has_rank(ShapeHandle s) const { return rank(s) >= 0; }
  [[nodiscard]] std::int64_t value(DimHandle d) const { return arena_.value(d); }
  [[nodiscard]] bool known(DimHandle d) const { return value(d) >= 0; }
  /// A new unknown dimension where the rank is unknown or `i` out of range.
  DimHandle dim(ShapeHandle s, std::int64_t i);
  [[nodiscard]] bool fully_defined(ShapeHandle s) const;
  /// Product of the dimensions: 0 if one is 0, else unknown if one is unknown or the product overflows.
  DimHandle num_elements(ShapeHandle s);
  [[nodiscard]] std::string to_string(ShapeHandle s) const;

  // Making.
  DimHandle make_dim(DimOrValue v) {
    return v.dim.is_set() ? v.dim : arena_.make_dim(v.number < 0 ? kUnknownDim : v.number);
  }
  DimHandle unknown_dim() { return arena_.unknown_dim(); }
  ShapeHandle unknown_shape() { return arena_.unknown_shape(); }
  ShapeHandle unknown_shape_of_rank(std::int64_t rank);
  ShapeHandle make_shape(std::span<const DimHandle> dims) { return arena_.make_shape(dims); }
  ShapeHandle make_shape(std::initializer_list<DimHandle> dims) {
    return arena_.make_shape(std::span(dims.begin(), dims.size()));
  }
  ShapeHandle scalar() { return arena_.make_shape({}); }
  ShapeHandle vector(DimOrValue d) { return make_shape({make_dim(d)}); }
  ShapeHandle matrix(DimOrValue rows, DimOrValue cols) { return make_shape({make_dim(rows), make_dim(cols)}); }
  /// Symbols and -1 give new unknown dimensions; an error for a shape that no tensor can have.
  Result<ShapeHandle> from_shape(const Shape& shape);
  /// The shape attribute `name`; unknown rank where missing.
  Result<ShapeHandle> from_attr(std::string_view name);
  /// The value of input `i` read as a shape: as far as it is known, else as many unknown dimensions as it has elements.
  Result<ShapeHandle> from_input(int i);
  /// As from_input(); a scalar -1, or an input that may be one, is a shape of unknown rank.
  Result<ShapeHandle> from_input_scalar_as_unknown(int i);
  /// A dimension of the size that scalar input `i` holds.
  Result<DimHandle> dim_from_scalar(int i);
  /// The axis that scalar input `i` holds, wrapped into [0, rank); unknown where not constant, or where it is negative
  /// and the rank is unknown.
  Result<std::optional<std::int64_t>> axis_from_scalar(int i, int rank);

  // Demanding. Each result is the more precise of what was found and what is demanded.
  Result<ShapeHandle> with_rank(ShapeHandle s, std::int64_t rank);
  Result<ShapeHandle> with_rank_at_least(ShapeHandle s, std::int64_t rank);
  Result<ShapeHandle> with_rank_at_most(ShapeHandle s, std::int64_t rank);
  Result<DimHandle> with_value(DimHandle d, std::int64_t value);
  Result<ShapeHandle> merge(ShapeHandle a, ShapeHandle b);
  Result<DimHandle> merge(DimHandle a, DimHandle b);
  /// Merges `prefix` with the first dimensions of `s`; gives {s, prefix}.
  Result<std::pair<ShapeHandle, ShapeHandle>> merge_prefix(ShapeHandle s, ShapeHandle prefix);

  // Computing.
  Result<ShapeHandle> subshape(ShapeHandle s, std::int64_t start, std::int64_t end = kToTheEnd,
                               std::int64_t stride = 1);
  ShapeHandle concatenate(ShapeHandle a, ShapeHandle b);
  Result<ShapeHandle> replace_dim(ShapeHandle s, std::int64_t i, DimHandle d);
  Result<DimHandle> add(DimHandle a, DimOrValue b);
  Result<DimHandle> subtract(DimHandle a, DimOrValue b);
  Result<DimHandle> multiply(DimHandle a, DimOrValue b);
  Result<DimHandle> divide(DimHandle a, DimOrValue b, bool evenly);
  DimHandle min(DimHandle a, DimOrValue b);
  DimHandle max(DimHandle a, DimOrValue b);

  /// Equalities found while the node was inferred, in order.
  [[nodiscard]] const std::vector<std::pair<ShapeHandle, ShapeHandle>>& merged_shapes() const { return merged_shapes_; }
  [[nodiscard]] const std::vector<std::pair<DimHandle, DimHandle>>& merged_dims() const { return merged_dims_; }
  void forget_merges();
  /// Whether the function read an input's value as a shape.
  [[nodiscard]] bool read_partial_value() const { return read_partial_value_; }

 private:
  [[nodiscard]] std::int64_t number(DimOrValue v) const { return v.dim.is_set() ? value(v.dim) : v.number; }
  Result<ShapeHandle> from_value(int i);

  ShapeArena& arena_;
  int producer_;
  const Node* node_ = nullptr;
  std::vector<TensorState> inputs_;
  std::vector<TensorState> outputs_;
  std::vector<std::pair<ShapeHandle, ShapeHandle>> merged_shapes_;
  std::vector<std::pair<DimHandle, DimHandle>> merged_dims_;
  bool read_partial_value_ = false;
};

}  // namespace isotherm::shapes
