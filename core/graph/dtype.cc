#include "core/graph/dtype.h"

#include <algorithm>
#include <array>

namespace isotherm {
namespace {

struct Entry {
  DType dtype;
  std::string_view name;
  std::string_view short_name;
  std::size_t size;
};

constexpr std::array kEntries = {
    Entry{DType::float32, "float32", "float", 4},
    Entry{DType::float64, "float64", "double", 8},
    Entry{DType::int32, "int32", "int32", 4},
    Entry{DType::uint8, "uint8", "uint8", 1},
    Entry{DType::int16, "int16", "int16", 2},
    Entry{DType::int8, "int8", "int8", 1},
    Entry{DType::string, "string", "string", 0},
    Entry{DType::complex64, "complex64", "complex64", 8},
    Entry{DType::int64, "int64", "int64", 8},
    Entry{DType::boolean, "bool", "bool", 1},
    Entry{DType::qint8, "qint8", "qint8", 1},
    Entry{DType::quint8, "quint8", "quint8", 1},
    Entry{DType::qint32, "qint32", "qint32", 4},
    Entry{DType::bfloat16, "bfloat16", "bfloat16", 2},
    Entry{DType::qint16, "qint16", "qint16", 2},
    Entry{DType::quint16, "quint16", "quint16", 2},
    Entry{DType::uint16, "uint16", "uint16", 2},
    Entry{DType::complex128, "complex128", "complex128", 16},
    Entry{DType::float16, "float16", "half", 2},
    Entry{DType::resource, "resource", "resource", 0},
    Entry{DType::variant, "variant", "variant", 0},
    Entry{DType::uint32, "uint32", "uint32", 4},
    Entry{DType::uint64, "uint64", "uint64", 8},
    Entry{DType::float8_e5m2, "float8_e5m2", "float8_e5m2", 1},
    Entry{DType::float8_e4m3fn, "float8_e4m3fn", "float8_e4m3fn", 1},
    Entry{DType::int4, "int4", "int4", 1},
    Entry{DType::uint4, "uint4", "uint4", 1},
};

const Entry* find(DType dtype) {
  const auto* it = std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& e) { return e.dtype == dtype; });
  return it == kEntries.end() ? nullptr : it;
}

}  // namespace

std::string_view dtype_name(DType dtype) {
  const Entry* e = find(dtype);
  return e ? e->name : "invalid";
}

std::string_view dtype_short_name(DType dtype) {
  const Entry* e = find(dtype);
  return e ? e->short_name : "invalid";
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const Entry& e : kEntries)
    if (e.name == name || e.short_name == name) return e.dtype;
  return std::nullopt;
}

DType dtype_from_number(int number) {
  if (is_ref_number(number)) number -= 100;
  if (number < 0 || number > 255) return DType::invalid;
  const auto dtype = static_cast<DType>(number);
  return find(dtype) ? dtype : DType::invalid;
}

std::size_t dtype_size(DType dtype) {
  const Entry* e = find(dtype);
  return e ? e->size : 0;
}

bool is_floating(DType dtype) {
  switch (dtype) {
    case DType::float16:
    case DType::bfloat16:
    case DType::float32:
    case DType::float64:
    case DType::float8_e5m2:
    case DType::float8_e4m3fn: return true;
    default: return false;
  }
}

bool is_integer(DType dtype) {
  switch (dtype) {
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
    case DType::int4:
    case DType::uint4: return true;
    default: return false;
  }
}

bool is_quantized(DType dtype) {
  switch (dtype) {
    case DType::qint8:
    case DType::quint8:
    case DType::qint16:
    case DType::quint16:
    case DType::qint32: return true;
    default: return false;
  }
}

}  // namespace isotherm
