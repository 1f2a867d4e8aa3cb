#include "core/formats/wire.h"

#include <bit>
#include <cstring>

namespace isotherm::wire {
namespace {

std::string_view type_name(Type type) {
  switch (type) {
    case Type::varint:
      return "a varint";
    case Type::fixed64:
      return "a 64-bit value";
    case Type::bytes:
      return "a string or message";
    case Type::group_begin:
      return "the begin of a group";
    case Type::group_end:
      return "the end of a group";
    case Type::fixed32:
      return "a 32-bit value";
  }
  return "nothing known";
}

template <class T>
T little_endian(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
static_assert(std::endian::native == std::endian::little, "values are read from files as they lie");

}  // namespace

float Field::as_float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
double Field::as_double() const { return std::bit_cast<double>(value); }

std::string position(std::string_view at, const char* file) { return "byte " + std::to_string(at.data() - file); }

Error wrong_type(const Field& field, const char* file, std::string_view name, Type expected) {
  return invalid_input(position(field.whole, file) + ": found " + std::string(type_name(field.type)) + " where " +
                       std::string(name) + ", " + std::string(type_name(expected)) + ", was expected");
}

bool Reader::fail(const char* at, std::string what) {
  fault_ = "byte " + std::to_string(at - file_) + ": " + std::move(what);
  at_ = end_;
  return false;
}

bool Reader::varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 70 && at_ < end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at_++);
    // The tenth byte holds one bit.
    value |=
        shift == 63 ? static_cast<std::uint64_t>(byte & 1u) << 63 : static_cast<std::uint64_t>(byte & 0x7fu) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool Reader::next(Field& field) {
  if (at_ == end_) return false;
  const char* const begin = at_;
  std::uint64_t tag = 0;
  if (!varint(tag)) return fail(begin, "found a field tag that does not end within its message");
  field.type = static_cast<Type>(tag & 7u);
  if ((tag >> 3) == 0 || (tag >> 3) > 0x1fffffffu)
    return fail(begin, "found field number " + std::to_string(tag >> 3) + " where 1 to 536870911 was expected");
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.value = 0;
  field.bytes = {};
  const auto left = [this] { return static_cast<std::uint64_t>(end_ - at_); };
  switch (field.type) {
    case Type::varint:
      if (!varint(field.value)) return fail(begin, "found a number that does not end within ten bytes or its message");
      break;
    case Type::fixed64:
      if (left() < 8)
        return fail(begin, "found " + std::to_string(left()) + " bytes where the 8 of a value were expected");
      field.value = little_endian<std::uint64_t>(at_);
      at_ += 8;
      break;
    case Type::fixed32:
      if (left() < 4)
        return fail(begin, "found " + std::to_string(left()) + " bytes where the 4 of a value were expected");
      field.value = little_endian<std::uint32_t>(at_);
      at_ += 4;
      break;
    case Type::bytes: {
      std::uint64_t length = 0;
      if (!varint(length)) return fail(begin, "found a length that does not end within its message");
      if (length > left())
        return fail(begin, "found a field of " + std::to_string(length) + " bytes where " + std::to_string(left()) +
                               " are left; the file is cut short or damaged");
      field.bytes = std::string_view(at_, length);
      at_ += length;
      break;
    }
    default:
      return fail(begin, "found wire type " + std::to_string(tag & 7u) + " where 0, 1, 2 or 5 was expected");
  }
  field.whole = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
  return true;
}

bool take_varint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0, i = 0; shift < 70 && i < bytes.size(); shift += 7, ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |=
        shift == 63 ? static_cast<std::uint64_t>(byte & 1u) << 63 : static_cast<std::uint64_t>(byte & 0x7fu) << shift;
    if (byte >= 0x80) continue;
    bytes.remove_prefix(i + 1);
    return true;
  }
  return false;
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const unsigned more = lead >= 0xf0 && lead <= 0xf4  ? 3
                          : lead >= 0xe0 && lead < 0xf0 ? 2
                          : lead >= 0xc2 && lead < 0xe0 ? 1
                                                        : 0;
    if (more == 0 || text.size() - i <= more) return false;
    std::uint32_t code = lead & (0x3fu >> more);
    for (unsigned k = 1; k <= more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0u) != 0x80u) return false;
      code = (code << 6) | (byte & 0x3fu);
    }
    // Overlong forms, surrogates and what lies beyond Unicode are no text.
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code <= 0xdfff))
      return false;
    i += more + 1;
  }
  return true;
}

void Writer::append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80u);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void Writer::tag(std::uint32_t number, Type type) {
  append_varint(small_, (std::uint64_t{number} << 3) | static_cast<std::uint64_t>(type));
}

void Writer::varint_field(std::uint32_t number, std::uint64_t value) {
  tag(number, Type::varint);
  append_varint(small_, value);
}

void Writer::fixed32_field(std::uint32_t number, std::uint32_t value) {
  tag(number, Type::fixed32);
  small_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::bytes_field(std::uint32_t number, std::string_view bytes) {
  tag(number, Type::bytes);
  append_varint(small_, bytes.size());
  small_.append(bytes);
}

void Writer::view_field(std::uint32_t number, std::string_view bytes) {
  constexpr std::size_t kWorthAView = 4096;
  if (bytes.size() < kWorthAView) {
    bytes_field(number, bytes);
    return;
  }
  tag(number, Type::bytes);
  append_varint(small_, bytes.size());
  views_.push_back({small_.size(), bytes});
  viewed_ += bytes.size();
}

void Writer::message_field(std::uint32_t number, const Writer& message) {
  tag(number, Type::bytes);
  append_varint(small_, message.size());
  for (const View& view : message.views_) views_.push_back({small_.size() + view.at, view.bytes});
  viewed_ += message.viewed_;
  small_.append(message.small_);
}

std::string Writer::str() const {
  std::string out;
  out.reserve(size());
  const Status status = emit([&](std::string_view piece) -> Status {
    out.append(piece);
    return {};
  });
  return status.ok() ? out : std::string();
}

}  // namespace isotherm::wire
