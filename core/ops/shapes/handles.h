// Dimensions and shapes with identity: what shape functions compute with. Two handles may hold equal values and still
// be different things; the same handle at two places means "the same dimension", known or not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/graph/shape.h"

namespace isotherm::shapes {

/// One dimension. Default: none.
struct DimHandle {
  std::int32_t id = -1;
  [[nodiscard]] bool is_set() const { return id >= 0; }
  friend bool operator==(const DimHandle&, const DimHandle&) = default;
};

/// One shape, of known or unknown rank. Default: none.
struct ShapeHandle {
  std::int32_t id = -1;
  [[nodiscard]] bool is_set() const { return id >= 0; }
  friend bool operator==(const ShapeHandle&, const ShapeHandle&) = default;
};

/// Owns the dimensions and shapes of one inference. Handles stay valid as long as the arena lives.
class ShapeArena {
 public:
  /// `value` >= 0, or kUnknownDim for a new unknown dimension.
  DimHandle make_dim(std::int64_t value) {
    values_.push_back(value);
    return {static_cast<std::int32_t>(values_.size() - 1)};
  }
  DimHandle unknown_dim() { return make_dim(kUnknownDim); }

  ShapeHandle make_shape(std::span<const DimHandle> dims) {
    shapes_.push_back({static_cast<std::int32_t>(dims_.size()), static_cast<std::int32_t>(dims.size())});
    dims_.insert(dims_.end(), dims.begin(), dims.end());
    return {static_cast<std::int32_t>(shapes_.size() - 1)};
  }
  ShapeHandle unknown_shape() {
    shapes_.push_back({0, -1});
    return {static_cast<std::int32_t>(shapes_.size() - 1)};
  }

  [[nodiscard]] std::int64_t value(DimHandle dim) const { return values_[static_cast<std::size_t>(dim.id)]; }
  /// -1 for an unknown rank and for an unset handle.
  [[nodiscard]] int rank(ShapeHandle shape) const {
    return shape.is_set() ? shapes_[static_cast<std::size_t>(shape.id)].rank : -1;
  }
  /// Requires 0 <= i < rank(shape).
  [[nodiscard]] DimHandle dim(ShapeHandle shape, int i) const {
    return dims_[static_cast<std::size_t>(shapes_[static_cast<std::size_t>(shape.id)].begin + i)];
  }

  [[nodiscard]] std::size_t dim_count() const { return values_.size(); }
  [[nodiscard]] std::size_t shape_count() const { return shapes_.size(); }

 private:
  struct Extent {
    std::int32_t begin;
    std::int32_t rank;
  };
  std::vector<std::int64_t> values_;
  std::vector<Extent> shapes_;
  std::vector<DimHandle> dims_;  ///< of all shapes, one after the other
};

}  // namespace isotherm::shapes
