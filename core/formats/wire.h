// protobuf's wire format, read and written in place: https://protobuf.dev/programming-guides/encoding. Messages are
// read field by field from the bytes of the file, so that a payload of 100 MB is a view into it, and written as a list
// of small pieces and views, so that it is never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/status.h"

namespace isotherm::wire {

enum class Type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group_begin = 3, group_end = 4, fixed32 = 5 };

/// One field of a message.
struct Field {
  std::uint32_t number = 0;
  Type type = Type::varint;
  std::uint64_t value = 0;  ///< of a varint, fixed32 or fixed64
  std::string_view bytes;   ///< of a string, message or packed field
  std::string_view whole;   ///< the field with its tag, to be carried unread

  [[nodiscard]] std::int64_t as_int64() const { return static_cast<std::int64_t>(value); }
  [[nodiscard]] std::int32_t as_int32() const { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); }
  [[nodiscard]] bool as_bool() const { return value != 0; }
  [[nodiscard]] float as_float() const;
  [[nodiscard]] double as_double() const;
};

/// Walks the fields of one message. Offsets in errors count from `file`, the first byte of the file.
class Reader {
 public:
  Reader(std::string_view message, const char* file)
      : at_(message.data()), end_(message.data() + message.size()), file_(file) {}

  /// False at the end or at a fault; tell them apart by status().
  bool next(Field& field);
  [[nodiscard]] Status status() const { return fault_.empty() ? Status() : Status(invalid_input(fault_)); }

 private:
  bool fail(const char* at, std::string what);
  bool varint(std::uint64_t& value);

  const char* at_;
  const char* end_;
  const char* file_;
  std::string fault_;
};

/// "byte 1234" of the first byte of `at` in the file.
std::string position(std::string_view at, const char* file);
/// An error that `field` has the wrong type on the wire.
Error wrong_type(const Field& field, const char* file, std::string_view name, Type expected);

/// Appends the varints of a packed field, or the one value of an unpacked one, by `add(std::uint64_t)`.
template <class F>
Status for_each_varint(const Field& field, const char* file, F add);
/// Reads one varint from the front of `bytes`; false if it does not end or takes more than ten bytes.
bool take_varint(std::string_view& bytes, std::uint64_t& value);

bool is_utf8(std::string_view text);

/// A message in the making: small pieces in one string, and views of large payloads between them. What is viewed must
/// live until the message has been written.
class Writer {
 public:
  void varint_field(std::uint32_t number, std::uint64_t value);
  void fixed32_field(std::uint32_t number, std::uint32_t value);
  void bytes_field(std::uint32_t number, std::string_view bytes);
  /// As bytes_field(), without a copy.
  void view_field(std::uint32_t number, std::string_view bytes);
  void message_field(std::uint32_t number, const Writer& message);
  /// Fields with their tags, as they were read.
  void raw(std::string_view fields) { small_.append(fields); }

  /// Length of the message.
  [[nodiscard]] std::uint64_t size() const { return small_.size() + viewed_; }
  /// Hands the message to `take(std::string_view) -> Status` piece by piece, in order.
  template <class F>
  Status emit(F take) const;
  /// The message in one piece.
  [[nodiscard]] std::string str() const;

  /// A varint appended to `out`.
  static void append_varint(std::string& out, std::uint64_t value);

 private:
  void tag(std::uint32_t number, Type type);
  struct View {
    std::size_t at = 0;  ///< stands before small_[at]
    std::string_view bytes;
  };
  std::string small_;
  std::vector<View> views_;
  std::uint64_t viewed_ = 0;
};

template <class F>
Status for_each_varint(const Field& field, const char* file, F add) {
  if (field.type == Type::varint) {
    add(field.value);
    return {};
  }
  if (field.type != Type::bytes) return wrong_type(field, file, "a list of numbers", Type::bytes);
  std::string_view rest = field.bytes;
  while (!rest.empty()) {
    std::uint64_t value = 0;
    const std::string_view before = rest;
    if (!take_varint(rest, value))
      return invalid_input(position(before, file) + ": found a number that does not end within ten bytes or its field");
    add(value);
  }
  return {};
}

template <class F>
Status Writer::emit(F take) const {
  std::size_t at = 0;
  for (const View& view : views_) {
    if (view.at > at) ISO_TRY(take(std::string_view(small_).substr(at, view.at - at)));
    at = view.at;
    ISO_TRY(take(view.bytes));
  }
  if (at < small_.size()) ISO_TRY(take(std::string_view(small_).substr(at)));
  return {};
}

}  // namespace isotherm::wire
