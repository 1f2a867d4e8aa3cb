#include "core/graph/attr.h"

#include <algorithm>
#include <cstdio>

namespace isotherm {
namespace {

auto lower_bound(auto& entries, std::string_view name) {
  return std::lower_bound(entries.begin(), entries.end(), name,
                          [](const AttrMap::Entry& e, std::string_view n) { return e.first < n; });
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char text[8];
      std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned char>(c));
      out += text;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string type_text(const TypeValue& t) {
  if (t.dtype == DType::invalid) return "type " + std::to_string(t.number);
  return std::string(dtype_name(t.dtype)) + (t.is_ref ? "_ref" : "");
}

std::string constant_text(const Constant& c) {
  std::string out = std::string(dtype_name(c.dtype())) + " " + c.shape().to_string();
  const Tensor& v = c.values();
  if (!v.valid() || v.elements() == 0) return out;
  out += " {";
  const std::int64_t shown = std::min<std::int64_t>(v.elements(), 8);
  for (std::int64_t i = 0; i < shown; ++i) {
    if (i) out += ", ";
    if (v.dtype() == DType::string) out += quoted(v.string_values()[static_cast<std::size_t>(i)].substr(0, 40));
    else out += number(number_at(v, i));
  }
  if (v.elements() > shown || c.shape().elements() != v.elements()) out += ", …";
  return out + "}";
}

template <class T, class F>
void append(std::string& out, const std::vector<T>& values, F text, std::size_t limit) {
  for (std::size_t i = 0; i < values.size() && out.size() <= limit; ++i) {
    if (out.size() > 1) out += ", ";
    out += text(values[i]);
  }
}

std::string list_text(const AttrList& l, std::size_t limit) {
  std::string out = "[";
  append(out, l.s, quoted, limit);
  append(out, l.i, [](std::int64_t v) { return std::to_string(v); }, limit);
  append(out, l.f, [](float v) { return number(v); }, limit);
  append(out, l.b, [](bool v) { return std::string(v ? "true" : "false"); }, limit);
  append(out, l.type, type_text, limit);
  append(out, l.shape, [](const Shape& s) { return s.to_string(); }, limit);
  append(out, l.tensor, constant_text, limit);
  append(out, l.func, [](const FunctionRef& f) { return f.name; }, limit);
  return out + "]";
}

struct Text {
  std::size_t limit;
  std::string operator()(std::monostate) const { return "(no value)"; }
  std::string operator()(const std::string& s) const { return quoted(s.size() > limit ? s.substr(0, limit) : s); }
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(float v) const { return number(v); }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(const TypeValue& v) const { return type_text(v); }
  std::string operator()(const Shape& v) const { return v.to_string(); }
  std::string operator()(const std::shared_ptr<const Constant>& v) const { return constant_text(*v); }
  std::string operator()(const std::shared_ptr<const AttrList>& v) const { return list_text(*v, limit); }
  std::string operator()(const FunctionRef& v) const { return v.name; }
  std::string operator()(const AttrPlaceholder& v) const { return "$" + v.name; }
  std::string operator()(const UnknownAttr& v) const { return "(" + std::to_string(v.bytes.size()) + " bytes of an unknown kind)"; }
};

}  // namespace

std::string to_string(const AttrValue& value, std::size_t limit) {
  std::string out = std::visit(Text{limit}, value);
  if (out.size() > limit) {
    std::size_t cut = limit;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xc0u) == 0x80u) --cut;  // not inside a UTF-8 character
    out.resize(cut);
    out += "…";
  }
  return out;
}

const AttrValue* AttrMap::find(std::string_view name) const {
  const auto it = lower_bound(entries_, name);
  return it != entries_.end() && it->first == name ? &it->second : nullptr;
}

void AttrMap::set(std::string_view name, AttrValue value) {
  const auto it = lower_bound(entries_, name);
  if (it != entries_.end() && it->first == name) it->second = std::move(value);
  else entries_.emplace(it, std::string(name), std::move(value));
}

void AttrMap::erase(std::string_view name) {
  const auto it = lower_bound(entries_, name);
  if (it != entries_.end() && it->first == name) entries_.erase(it);
}

namespace {
template <class T>
const T* get(const AttrMap& map, std::string_view name) {
  const AttrValue* v = map.find(name);
  return v ? std::get_if<T>(v) : nullptr;
}
}  // namespace

std::int64_t AttrMap::get_int(std::string_view name, std::int64_t fallback) const {
  const auto* v = get<std::int64_t>(*this, name);
  return v ? *v : fallback;
}
float AttrMap::get_float(std::string_view name, float fallback) const {
  const auto* v = get<float>(*this, name);
  return v ? *v : fallback;
}
bool AttrMap::get_bool(std::string_view name, bool fallback) const {
  const auto* v = get<bool>(*this, name);
  return v ? *v : fallback;
}
std::string AttrMap::get_string(std::string_view name, std::string_view fallback) const {
  const auto* v = get<std::string>(*this, name);
  return v ? *v : std::string(fallback);
}
DType AttrMap::get_type(std::string_view name, DType fallback) const {
  const auto* v = get<TypeValue>(*this, name);
  return v ? v->dtype : fallback;
}
const Shape* AttrMap::get_shape(std::string_view name) const { return get<Shape>(*this, name); }
const Constant* AttrMap::get_constant(std::string_view name) const {
  const auto* v = get<std::shared_ptr<const Constant>>(*this, name);
  return v ? v->get() : nullptr;
}
const AttrList* AttrMap::get_list(std::string_view name) const {
  const auto* v = get<std::shared_ptr<const AttrList>>(*this, name);
  return v ? v->get() : nullptr;
}
const FunctionRef* AttrMap::get_func(std::string_view name) const { return get<FunctionRef>(*this, name); }
std::vector<std::int64_t> AttrMap::get_ints(std::string_view name) const {
  const AttrList* list = get_list(name);
  return list ? list->i : std::vector<std::int64_t>();
}
std::vector<DType> AttrMap::get_types(std::string_view name) const {
  std::vector<DType> out;
  if (const AttrList* list = get_list(name))
    for (const TypeValue& t : list->type) out.push_back(t.dtype);
  return out;
}

AttrValue make_constant_attr(Constant constant) { return std::make_shared<const Constant>(std::move(constant)); }
AttrValue make_list_attr(AttrList list) { return std::make_shared<const AttrList>(std::move(list)); }

}  // namespace isotherm
