// Element types, with TensorFlow's numbers, so that a value read from a file needs no translation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace isotherm {

/// Numbers are those of TensorFlow's `DataType`. Reference types (number + 100 in files) are kept as a flag by those
/// who need them: see is_ref_number().
enum class DType : std::uint8_t {
  invalid = 0,
  float32 = 1,
  float64 = 2,
  int32 = 3,
  uint8 = 4,
  int16 = 5,
  int8 = 6,
  string = 7,
  complex64 = 8,
  int64 = 9,
  boolean = 10,
  qint8 = 11,
  quint8 = 12,
  qint32 = 13,
  bfloat16 = 14,
  qint16 = 15,
  quint16 = 16,
  uint16 = 17,
  complex128 = 18,
  float16 = 19,
  resource = 20,
  variant = 21,
  uint32 = 22,
  uint64 = 23,
  float8_e5m2 = 24,
  float8_e4m3fn = 25,
  int4 = 29,
  uint4 = 30,
};

/// TensorFlow's name: "float32", "bool", "qint8". "invalid" for numbers that TensorFlow does not know.
std::string_view dtype_name(DType dtype);
/// The name TF-TRT's messages use: "float", "half", "bool", "int32".
std::string_view dtype_short_name(DType dtype);
/// The type of a TensorFlow name ("float32", "float", "half", ..); nothing if no type has it.
std::optional<DType> dtype_from_name(std::string_view name);
/// The type of a number in a file, reference types (101..) included; DType::invalid for numbers nobody assigned.
DType dtype_from_number(int number);
inline bool is_ref_number(int number) { return number > 100; }

/// Bytes of one element in memory; 0 for strings, resources, variants and `invalid`, which have no fixed size.
/// int4 and uint4 take one byte an element, as in TensorFlow.
std::size_t dtype_size(DType dtype);

bool is_floating(DType dtype);   ///< float16, bfloat16, float32, float64 and the float8 types
bool is_integer(DType dtype);    ///< signed or unsigned, not quantized, not bool
bool is_quantized(DType dtype);  ///< qint8 .. quint16

/// The DType of a C++ element type. float16 and bfloat16 use the storage types of half.h.
template <class T>
struct DTypeOf;
template <> struct DTypeOf<float> { static constexpr DType value = DType::float32; };
template <> struct DTypeOf<double> { static constexpr DType value = DType::float64; };
template <> struct DTypeOf<std::int8_t> { static constexpr DType value = DType::int8; };
template <> struct DTypeOf<std::int16_t> { static constexpr DType value = DType::int16; };
template <> struct DTypeOf<std::int32_t> { static constexpr DType value = DType::int32; };
template <> struct DTypeOf<std::int64_t> { static constexpr DType value = DType::int64; };
template <> struct DTypeOf<std::uint8_t> { static constexpr DType value = DType::uint8; };
template <> struct DTypeOf<std::uint16_t> { static constexpr DType value = DType::uint16; };
template <> struct DTypeOf<std::uint32_t> { static constexpr DType value = DType::uint32; };
template <> struct DTypeOf<std::uint64_t> { static constexpr DType value = DType::uint64; };
template <> struct DTypeOf<bool> { static constexpr DType value = DType::boolean; };

}  // namespace isotherm
