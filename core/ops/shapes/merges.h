// What propagation found to be equal. Disjoint sets of shapes and of dimensions; a set's value is what is known of any
// member. Follows the union order of TensorFlow's graph optimiser (grappler, symbolic shape manager), because TF-TRT's
// verdicts depend on it: the value kept by a union is that of the root refined by the two members named in the merge,
// not by the other set's value.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/ops/shapes/handles.h"

namespace isotherm::shapes {

class EqualShapes {
 public:
  explicit EqualShapes(const ShapeArena& arena);

  /// False where two known dimensions differ: the equalities contradict each other.
  bool merge(ShapeHandle a, ShapeHandle b);
  bool merge(DimHandle a, DimHandle b);

  /// The shape with everything that is known. Unknown dimensions and ranks get symbols -2, -3, .. in the order in which
  /// they are first asked for.
  Shape resolve(ShapeHandle shape);
  /// How many symbols resolve() has given out.
  [[nodiscard]] int symbol_count() const { return dim_symbols_ + rank_symbols_; }

 private:
  struct Sets {
    std::vector<std::int32_t> parent;
    std::vector<std::uint8_t> rank;
    std::int32_t find(std::int32_t i);
  };

  bool refine(std::int32_t root, std::int64_t dim);

  const ShapeArena& arena_;
  Sets shapes_;
  Sets dims_;
  std::vector<std::int32_t> known_shape_;  ///< by root: a member of known rank if the set has kept one, else a member
  std::vector<std::int64_t> dim_value_;    ///< by root: its size, or below 0
  std::unordered_map<std::int32_t, std::int64_t> dim_symbol_;   ///< root -> symbol
  std::unordered_map<std::int32_t, std::int64_t> rank_symbol_;  ///< root -> symbol
  int dim_symbols_ = 0;
  int rank_symbols_ = 0;
};

}  // namespace isotherm::shapes
