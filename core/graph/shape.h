// Shapes, known and partly known.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/status.h"

namespace isotherm {

/// A dimension that is not known and has no identity of its own; what a file's -1 says.
inline constexpr std::int64_t kUnknownDim = -1;

/// A tensor's shape. A dimension >= 0 is known. Below zero it is unknown: -1 says nothing more, -2, -3, .. are symbols:
/// two dimensions with the same symbol are equal in every run, though nobody knows their size yet.
/// Unknown rank is a different thing from any number of unknown dimensions, and has a symbol too.
class Shape {
 public:
  /// A scalar.
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  /// Unknown rank. `symbol` is -1 (no identity) or below.
  static Shape unknown_rank(std::int64_t symbol = kUnknownDim) {
    Shape s;
    s.rank_symbol_ = symbol;
    return s;
  }

  [[nodiscard]] bool has_rank() const { return rank_symbol_ == 0; }
  /// -1 when the rank is unknown.
  [[nodiscard]] int rank() const { return has_rank() ? static_cast<int>(dims_.size()) : -1; }
  /// The symbol of an unknown rank; 0 when the rank is known.
  [[nodiscard]] std::int64_t rank_symbol() const { return rank_symbol_; }
  [[nodiscard]] const std::vector<std::int64_t>& dims() const { return dims_; }
  [[nodiscard]] std::int64_t dim(int i) const { return dims_[static_cast<std::size_t>(i)]; }
  void set_dim(int i, std::int64_t value) { dims_[static_cast<std::size_t>(i)] = value; }
  void add_dim(std::int64_t value) { dims_.push_back(value); }
  std::int64_t operator[](int i) const { return dim(i); }

  /// Rank known and every dimension >= 0.
  [[nodiscard]] bool is_static() const;
  /// Number of elements; nothing if not static, or if the product does not fit 63 bits.
  [[nodiscard]] std::optional<std::int64_t> elements() const;

  /// "1x224x224x3", "?x224x224x3", "scalar", "unknown rank": for people. Symbols print as "?".
  [[nodiscard]] std::string to_string() const;
  /// "[1,224,224,3]", "[?,224,224,3]", "[]", "<unknown>": TensorFlow's form.
  [[nodiscard]] std::string to_tf_string() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> dims_;
  std::int64_t rank_symbol_ = 0;
};

/// Reads "1x224x224x3" ("?" or "-1" for an unknown dimension, "scalar" or "" for rank 0, "unknown" for unknown rank).
Result<Shape> parse_shape(std::string_view text);

}  // namespace isotherm
