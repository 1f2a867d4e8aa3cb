#include "core/passes/attr_equality.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace isotherm::passes {
namespace {

std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }
std::uint64_t hash_of(std::int64_t v) { return mix_hash(0x9e3779b97f4a7c15u, static_cast<std::uint64_t>(v)); }

/// Element `i` of a constant, in which the last value stands for all that follow.
std::string_view element(const Constant& c, std::int64_t i) {
  const Tensor& values = c.values();
  const std::int64_t given = values.valid() ? values.elements() : 0;
  static constexpr char kZeros[16] = {};
  if (c.dtype() == DType::string)
    return given == 0 ? std::string_view() : values.string_values()[static_cast<std::size_t>(std::min(i, given - 1))];
  const std::size_t size = dtype_size(c.dtype());
  if (given == 0) return {kZeros, size};
  return {reinterpret_cast<const char*>(values.raw()) + static_cast<std::size_t>(std::min(i, given - 1)) * size, size};
}

bool has_elements(const Constant& c) { return c.dtype() == DType::string || dtype_size(c.dtype()) > 0; }

std::uint64_t constant_hash(const Constant& c) {
  std::uint64_t hash = hash_of(static_cast<std::int64_t>(c.dtype()));
  for (const std::int64_t d : c.shape().dims()) hash = mix_hash(hash, static_cast<std::uint64_t>(d));
  const std::int64_t count = c.shape().elements().value_or(0);
  if (count == 0 || !has_elements(c)) return hash;
  constexpr std::int64_t kSamples = 8;
  for (std::int64_t k = 0; k < std::min(kSamples, count); ++k) {
    const std::int64_t i = count <= kSamples ? k : (count - 1) / (kSamples - 1) * k;
    hash = mix_hash(hash, hash_of(element(c, i)));
  }
  return hash;
}

bool same_type(const TypeValue& a, const TypeValue& b) { return a.number == b.number && a.is_ref == b.is_ref; }
bool same_float(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

bool same_function(const FunctionRef& a, const FunctionRef& b) {
  static const AttrMap none;
  return a.name == b.name && same_attrs(a.attrs ? *a.attrs : none, b.attrs ? *b.attrs : none);
}

bool same_list(const AttrList& a, const AttrList& b) {
  return a.s == b.s && a.i == b.i && a.b == b.b && a.shape == b.shape &&
         std::equal(a.f.begin(), a.f.end(), b.f.begin(), b.f.end(), same_float) &&
         std::equal(a.type.begin(), a.type.end(), b.type.begin(), b.type.end(), same_type) &&
         std::equal(a.tensor.begin(), a.tensor.end(), b.tensor.begin(), b.tensor.end(), same_constant) &&
         std::equal(a.func.begin(), a.func.end(), b.func.begin(), b.func.end(), same_function);
}

struct Hasher {
  std::uint64_t operator()(std::monostate) const { return 1; }
  std::uint64_t operator()(const std::string& s) const { return hash_of(s); }
  std::uint64_t operator()(std::int64_t v) const { return hash_of(v); }
  std::uint64_t operator()(float v) const {
    return hash_of(static_cast<std::int64_t>(std::bit_cast<std::uint32_t>(v)));
  }
  std::uint64_t operator()(bool v) const { return v ? 3 : 2; }
  std::uint64_t operator()(const TypeValue& v) const { return hash_of(std::int64_t{v.number}); }
  std::uint64_t operator()(const Shape& v) const {
    std::uint64_t hash = v.has_rank() ? 5 : 4;
    for (const std::int64_t d : v.dims()) hash = mix_hash(hash, static_cast<std::uint64_t>(d));
    return hash;
  }
  std::uint64_t operator()(const std::shared_ptr<const Constant>& v) const { return v ? constant_hash(*v) : 6; }
  std::uint64_t operator()(const std::shared_ptr<const AttrList>& v) const {
    std::uint64_t hash = 7;
    if (!v) return hash;
    for (const std::string& s : v->s) hash = mix_hash(hash, hash_of(s));
    for (const std::int64_t i : v->i) hash = mix_hash(hash, static_cast<std::uint64_t>(i));
    for (const TypeValue& t : v->type) hash = mix_hash(hash, static_cast<std::uint64_t>(t.number));
    return hash;
  }
  std::uint64_t operator()(const FunctionRef& v) const { return hash_of(v.name); }
  std::uint64_t operator()(const AttrPlaceholder& v) const { return hash_of(v.name); }
  std::uint64_t operator()(const UnknownAttr& v) const { return hash_of(v.bytes); }
};

struct Comparer {
  const AttrValue& other;
  template <class T>
  bool operator()(const T& v) const {
    return v == std::get<T>(other);
  }
  bool operator()(std::monostate) const { return true; }
  bool operator()(float v) const { return same_float(v, std::get<float>(other)); }
  bool operator()(const TypeValue& v) const { return same_type(v, std::get<TypeValue>(other)); }
  bool operator()(const std::shared_ptr<const Constant>& v) const {
    const auto& o = std::get<std::shared_ptr<const Constant>>(other);
    return v == o || (v && o && same_constant(*v, *o));
  }
  bool operator()(const std::shared_ptr<const AttrList>& v) const {
    const auto& o = std::get<std::shared_ptr<const AttrList>>(other);
    return v == o || (v && o && same_list(*v, *o));
  }
  bool operator()(const FunctionRef& v) const { return same_function(v, std::get<FunctionRef>(other)); }
  bool operator()(const AttrPlaceholder& v) const { return v.name == std::get<AttrPlaceholder>(other).name; }
  bool operator()(const UnknownAttr& v) const { return v.bytes == std::get<UnknownAttr>(other).bytes; }
};

}  // namespace

std::uint64_t mix_hash(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccdu;
  return hash ^ (hash >> 33);
}

bool same_constant(const Constant& a, const Constant& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  const auto count = a.shape().elements();
  if (!count || !has_elements(a)) return false;
  const auto given = [](const Constant& c) { return c.values().valid() ? c.values().elements() : 0; };
  const std::int64_t both = std::min(given(a), given(b));
  if (a.dtype() != DType::string && both > 0) {
    const auto bytes = static_cast<std::size_t>(both) * dtype_size(a.dtype());
    if (std::memcmp(a.values().raw(), b.values().raw(), bytes) != 0) return false;
  } else {
    for (std::int64_t i = 0; i < both; ++i)
      if (element(a, i) != element(b, i)) return false;
  }
  // Beyond what both give in full, the shorter one repeats its last value.
  const std::int64_t end = std::min(std::max(given(a), given(b)), *count);
  for (std::int64_t i = both; i < end; ++i)
    if (element(a, i) != element(b, i)) return false;
  return *count == 0 || element(a, *count - 1) == element(b, *count - 1);
}

bool same_attr(const AttrValue& a, const AttrValue& b) { return a.index() == b.index() && std::visit(Comparer{b}, a); }

bool same_attrs(const AttrMap& a, const AttrMap& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const AttrMap::Entry& x, const AttrMap::Entry& y) {
    return x.first == y.first && same_attr(x.second, y.second);
  });
}

std::uint64_t attrs_hash(const AttrMap& attrs) {
  std::uint64_t hash = 0;
  for (const auto& [name, value] : attrs) hash = mix_hash(mix_hash(hash, hash_of(name)), std::visit(Hasher(), value));
  return hash;
}

}  // namespace isotherm::passes
