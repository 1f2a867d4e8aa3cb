#include "core/formats/attr_codec.h"

#include <algorithm>
#include <bit>

namespace isotherm {
namespace {

using wire::Field;
using wire::Type;

/// protobuf's own limit is 100 messages; a function attribute takes three.
constexpr int kMaxDepth = 32;

enum AttrField : std::uint32_t {
  kList = 1,
  kS = 2,
  kI = 3,
  kF = 4,
  kB = 5,
  kType = 6,
  kShape = 7,
  kTensor = 8,
  kPlaceholder = 9,
  kFunc = 10
};
constexpr std::uint32_t kListFunc = 9;

Result<FunctionRef> decode_function_ref(std::string_view message, const ByteSource& source, int depth) {
  if (depth > kMaxDepth)
    return invalid_input(wire::position(message, source.file()) + ": found functions nested more than " +
                         std::to_string(kMaxDepth) + " deep in one attribute");
  FunctionRef out;
  AttrCollector attrs;
  bool any = false;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1) {
      ISO_ASSIGN(out.name, decode_text(field, source, "a function's name"));
    } else if (field.number == 2) {
      if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "an attribute", Type::bytes);
      ISO_TRY(attrs.add(field.bytes, source, depth + 1));
      any = true;
    }
  }
  ISO_TRY(reader.status());
  if (any) out.attrs = std::make_shared<const AttrMap>(attrs.take());
  return out;
}

wire::Writer encode_function_ref(const FunctionRef& ref) {
  wire::Writer out;
  if (!ref.name.empty()) out.bytes_field(1, ref.name);
  if (ref.attrs) encode_attr_map(out, 2, *ref.attrs);
  return out;
}

/// Nothing if an item is of a kind that a list cannot hold.
Status decode_list_item(const Field& field, const ByteSource& source, int depth, AttrList& list, bool& known) {
  const char* const file = source.file();
  const auto is_message = [&](std::string_view name) -> Status {
    if (field.type == Type::bytes) return {};
    return wire::wrong_type(field, file, name, Type::bytes);
  };
  switch (field.number) {
    case kS:
      ISO_TRY(is_message("a string of a list"));
      list.s.emplace_back(field.bytes);
      return {};
    case kI:
      return wire::for_each_varint(field, file,
                                   [&](std::uint64_t v) { list.i.push_back(static_cast<std::int64_t>(v)); });
    case kB:
      return wire::for_each_varint(field, file, [&](std::uint64_t v) { list.b.push_back(v != 0); });
    case kType:
      return wire::for_each_varint(field, file, [&](std::uint64_t v) {
        list.type.push_back(type_from_number(static_cast<std::int32_t>(static_cast<std::uint32_t>(v))));
      });
    case kF: {
      if (field.type == Type::fixed32) {
        list.f.push_back(field.as_float());
        return {};
      }
      ISO_TRY(is_message("a list of floats"));
      if (field.bytes.size() % 4 != 0)
        return invalid_input(wire::position(field.bytes, file) + ": found a list of floats of " +
                             std::to_string(field.bytes.size()) + " bytes, which is no multiple of 4");
      const std::size_t have = list.f.size();
      list.f.resize(have + field.bytes.size() / 4);
      std::copy(field.bytes.begin(), field.bytes.end(), reinterpret_cast<char*>(list.f.data() + have));
      return {};
    }
    case kShape: {
      ISO_TRY(is_message("a shape of a list"));
      ISO_ASSIGN(Shape shape, decode_shape(field.bytes, source, NegativeDims::unknown));
      list.shape.push_back(std::move(shape));
      return {};
    }
    case kTensor: {
      ISO_TRY(is_message("a tensor of a list"));
      ISO_ASSIGN(auto tensor, decode_tensor(field.bytes, source));
      if (tensor)
        list.tensor.push_back(*std::move(tensor));
      else
        known = false;
      return {};
    }
    case kListFunc: {
      ISO_TRY(is_message("a function of a list"));
      ISO_ASSIGN(FunctionRef ref, decode_function_ref(field.bytes, source, depth));
      list.func.push_back(std::move(ref));
      return {};
    }
    default:
      known = false;
      return {};
  }
}

Status decode_list(std::string_view message, const ByteSource& source, int depth, AttrList& list, bool& known) {
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) ISO_TRY(decode_list_item(field, source, depth, list, known));
  return reader.status();
}

template <class T, class F>
void packed(wire::Writer& out, std::uint32_t number, const std::vector<T>& values, F as_varint) {
  if (values.empty()) return;
  std::string bytes;
  for (const auto& value : values) wire::Writer::append_varint(bytes, as_varint(value));
  out.bytes_field(number, bytes);
}

std::uint64_t type_varint(const TypeValue& t) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(t.number));
}

wire::Writer encode_list(const AttrList& list) {
  wire::Writer out;
  for (const std::string& s : list.s) out.bytes_field(kS, s);
  packed(out, kI, list.i, [](std::int64_t v) { return static_cast<std::uint64_t>(v); });
  if (!list.f.empty())
    out.bytes_field(kF, std::string_view(reinterpret_cast<const char*>(list.f.data()), list.f.size() * 4));
  packed(out, kB, list.b, [](bool v) { return std::uint64_t{v}; });
  packed(out, kType, list.type, type_varint);
  for (const Shape& s : list.shape) out.message_field(kShape, encode_shape(s));
  for (const Constant& t : list.tensor) out.message_field(kTensor, encode_tensor(t));
  for (const FunctionRef& f : list.func) out.message_field(kListFunc, encode_function_ref(f));
  return out;
}

/// The one field of the oneof that counts: the last.
struct AttrEncoder {
  wire::Writer& out;
  void operator()(std::monostate) const {}
  void operator()(const std::string& v) const { out.bytes_field(kS, v); }
  void operator()(std::int64_t v) const { out.varint_field(kI, static_cast<std::uint64_t>(v)); }
  void operator()(float v) const { out.fixed32_field(kF, std::bit_cast<std::uint32_t>(v)); }
  void operator()(bool v) const { out.varint_field(kB, v ? 1 : 0); }
  void operator()(const TypeValue& v) const { out.varint_field(kType, type_varint(v)); }
  void operator()(const Shape& v) const { out.message_field(kShape, encode_shape(v)); }
  void operator()(const std::shared_ptr<const Constant>& v) const { out.message_field(kTensor, encode_tensor(*v)); }
  void operator()(const std::shared_ptr<const AttrList>& v) const { out.message_field(kList, encode_list(*v)); }
  void operator()(const FunctionRef& v) const { out.message_field(kFunc, encode_function_ref(v)); }
  void operator()(const AttrPlaceholder& v) const { out.bytes_field(kPlaceholder, v.name); }
  void operator()(const UnknownAttr& v) const { out.raw(v.bytes); }
};

}  // namespace

TypeValue type_from_number(std::int32_t number) {
  TypeValue out;
  out.dtype = dtype_from_number(number);
  out.is_ref = is_ref_number(number);
  out.number = number;
  return out;
}

Result<std::string> decode_text(const Field& field, const ByteSource& source, std::string_view name) {
  if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), name, Type::bytes);
  if (!wire::is_utf8(field.bytes))
    return invalid_input(wire::position(field.bytes, source.file()) + ": found bytes that are not UTF-8 where " +
                         std::string(name) + " was expected");
  return std::string(field.bytes);
}

Result<AttrValue> decode_attr(std::string_view message, const ByteSource& source, int depth) {
  AttrValue out;
  bool known = true;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    const auto need = [&](Type type, std::string_view name) -> Status {
      if (field.type == type) return {};
      return wire::wrong_type(field, source.file(), name, type);
    };
    switch (field.number) {
      case kS:
        ISO_TRY(need(Type::bytes, "a string attribute"));
        out = std::string(field.bytes);
        break;
      case kI:
        ISO_TRY(need(Type::varint, "an int attribute"));
        out = field.as_int64();
        break;
      case kF:
        ISO_TRY(need(Type::fixed32, "a float attribute"));
        out = field.as_float();
        break;
      case kB:
        ISO_TRY(need(Type::varint, "a bool attribute"));
        out = field.as_bool();
        break;
      case kType:
        ISO_TRY(need(Type::varint, "a type attribute"));
        out = type_from_number(field.as_int32());
        break;
      case kShape: {
        ISO_TRY(need(Type::bytes, "a shape attribute"));
        ISO_ASSIGN(Shape shape, decode_shape(field.bytes, source));
        out = std::move(shape);
        break;
      }
      case kTensor: {
        ISO_TRY(need(Type::bytes, "a tensor attribute"));
        ISO_ASSIGN(auto tensor, decode_tensor(field.bytes, source));
        if (tensor)
          out = make_constant_attr(*std::move(tensor));
        else
          known = false;
        break;
      }
      case kList: {
        ISO_TRY(need(Type::bytes, "a list attribute"));
        AttrList list;
        ISO_TRY(decode_list(field.bytes, source, depth, list, known));
        out = make_list_attr(std::move(list));
        break;
      }
      case kFunc: {
        ISO_TRY(need(Type::bytes, "a func attribute"));
        ISO_ASSIGN(FunctionRef ref, decode_function_ref(field.bytes, source, depth));
        out = std::move(ref);
        break;
      }
      case kPlaceholder: {
        ISO_ASSIGN(std::string name, decode_text(field, source, "a placeholder"));
        out = AttrPlaceholder{std::move(name)};
        break;
      }
      default:
        known = false;
    }
  }
  ISO_TRY(reader.status());
  if (!known) return AttrValue(UnknownAttr{std::string(message)});
  return out;
}

wire::Writer encode_attr(const AttrValue& value) {
  wire::Writer out;
  std::visit(AttrEncoder{out}, value);
  return out;
}

Status AttrCollector::add(std::string_view entry, const ByteSource& source, int depth) {
  std::string key;
  std::string_view message;
  wire::Reader reader(entry, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 1) {
      ISO_ASSIGN(key, decode_text(field, source, "an attribute's name"));
    } else if (field.number == 2) {
      if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "an attribute's value", Type::bytes);
      message = field.bytes;
    }
  }
  ISO_TRY(reader.status());
  auto value = decode_attr(message, source, depth);
  if (!value.ok()) return value.error().at("attribute '" + key.substr(0, 100) + "'");
  entries_.emplace_back(std::move(key), std::move(value).value());
  return {};
}

AttrMap AttrCollector::take() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const AttrMap::Entry& a, const AttrMap::Entry& b) { return a.first < b.first; });
  AttrMap out;
  for (AttrMap::Entry& entry : entries_) out.set(entry.first, std::move(entry.second));
  entries_.clear();
  return out;
}

void encode_attr_map(wire::Writer& out, std::uint32_t number, const AttrMap& attrs) {
  for (const auto& [name, value] : attrs) {
    wire::Writer entry;
    entry.bytes_field(1, name);
    entry.message_field(2, encode_attr(value));
    out.message_field(number, entry);
  }
}

}  // namespace isotherm
