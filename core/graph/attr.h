// Attribute values of nodes and functions.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/graph/dtype.h"
#include "core/graph/shape.h"
#include "core/graph/tensor.h"

namespace isotherm {

class AttrMap;

/// A function by name, with the attributes it is instantiated with (`func` attributes, e.g. `segment_func`).
struct FunctionRef {
  std::string name;
  std::shared_ptr<const AttrMap> attrs;  ///< null: none
};

/// A dtype attribute may name a reference type (VariableV2's outputs never do; old graphs' `T` may).
struct TypeValue {
  DType dtype = DType::invalid;
  bool is_ref = false;
  int number = 0;  ///< as in the file, for types this program does not know
  TypeValue() = default;
  TypeValue(DType d) : dtype(d), number(static_cast<int>(d)) {}  // NOLINT: implicit
  friend bool operator==(const TypeValue& a, const TypeValue& b) { return a.number == b.number; }
};

/// A name that stands for an attribute of the function the node lives in.
struct AttrPlaceholder {
  std::string name;
};

/// `list(..)`: at most one of the vectors is filled.
struct AttrList {
  std::vector<std::string> s;
  std::vector<std::int64_t> i;
  std::vector<float> f;
  std::vector<bool> b;
  std::vector<TypeValue> type;
  std::vector<Shape> shape;
  std::vector<Constant> tensor;
  std::vector<FunctionRef> func;
};

/// Bytes of a serialized AttrValue this program does not understand; written back as they came.
struct UnknownAttr {
  std::string bytes;
};

/// std::monostate: the attribute is present without a value (as `attr { key: "x" value { } }`).
using AttrValue = std::variant<std::monostate, std::string, std::int64_t, float, bool, TypeValue, Shape,
                               std::shared_ptr<const Constant>, std::shared_ptr<const AttrList>, FunctionRef,
                               AttrPlaceholder, UnknownAttr>;

/// "3", "SAME", "[1,2,2,1]", "float32": one line for an inspector or a message, elided beyond `limit` characters.
std::string to_string(const AttrValue& value, std::size_t limit = 120);

/// Attributes ordered by name. Lookups are by binary search.
class AttrMap {
 public:
  using Entry = std::pair<std::string, AttrValue>;

  [[nodiscard]] const AttrValue* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// Adds or replaces.
  void set(std::string_view name, AttrValue value);
  void erase(std::string_view name);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

  /// The value of that type, or `fallback` where the attribute is missing or of another type.
  [[nodiscard]] std::int64_t get_int(std::string_view name, std::int64_t fallback = 0) const;
  [[nodiscard]] float get_float(std::string_view name, float fallback = 0) const;
  [[nodiscard]] bool get_bool(std::string_view name, bool fallback = false) const;
  [[nodiscard]] std::string get_string(std::string_view name, std::string_view fallback = {}) const;
  [[nodiscard]] DType get_type(std::string_view name, DType fallback = DType::invalid) const;
  /// Null where missing or of another type.
  [[nodiscard]] const Shape* get_shape(std::string_view name) const;
  [[nodiscard]] const Constant* get_constant(std::string_view name) const;
  [[nodiscard]] const AttrList* get_list(std::string_view name) const;
  [[nodiscard]] const FunctionRef* get_func(std::string_view name) const;
  /// Empty where missing or of another type.
  [[nodiscard]] std::vector<std::int64_t> get_ints(std::string_view name) const;
  [[nodiscard]] std::vector<DType> get_types(std::string_view name) const;

 private:
  std::vector<Entry> entries_;
};

AttrValue make_constant_attr(Constant constant);
AttrValue make_list_attr(AttrList list);

}  // namespace isotherm
