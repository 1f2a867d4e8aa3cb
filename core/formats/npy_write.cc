#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/formats/atomic_file.h"
#include "core/formats/npy.h"
#include "core/graph/half.h"

namespace isotherm {
namespace {

/// NumPy's name of a dtype whose memory is written as it lies; empty for others.
std::string_view plain_descr(DType dtype) {
  switch (dtype) {
    case DType::float16:
      return "<f2";
    case DType::float32:
      return "<f4";
    case DType::float64:
      return "<f8";
    case DType::int8:
    case DType::qint8:
    case DType::int4:
      return "|i1";
    case DType::int16:
    case DType::qint16:
      return "<i2";
    case DType::int32:
    case DType::qint32:
      return "<i4";
    case DType::int64:
      return "<i8";
    case DType::uint8:
    case DType::quint8:
    case DType::uint4:
      return "|u1";
    case DType::uint16:
    case DType::quint16:
      return "<u2";
    case DType::uint32:
      return "<u4";
    case DType::uint64:
      return "<u8";
    case DType::boolean:
      return "|b1";
    case DType::complex64:
      return "<c8";
    case DType::complex128:
      return "<c16";
    default:
      return {};
  }
}

/// OCP 8-bit floats: e5m2 is the upper half of a binary16; e4m3fn has bias 7, no infinities, and NaN as 0x7f.
float float8_value(DType dtype, std::uint8_t bits) {
  if (dtype == DType::float8_e5m2) return to_float(Half{static_cast<std::uint16_t>(bits << 8)});
  const float sign = (bits & 0x80) != 0 ? -1.0F : 1.0F;
  const int exponent = (bits >> 3) & 0xf;
  const int mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7) return std::copysign(std::nanf(""), sign);
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -9);
  return sign * std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
}

float as_float(DType dtype, const std::byte* at) {
  if (dtype != DType::bfloat16) return float8_value(dtype, static_cast<std::uint8_t>(*at));
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return to_float(BFloat16{bits});
}

std::string make_header(std::string_view descr, const Shape& shape) {
  std::string dictionary = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < shape.rank(); ++i) dictionary += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  dictionary += shape.rank() == 1 ? ",), }" : "), }";
  // The values begin at a multiple of 64, so that a mapping of the file is aligned.
  const std::size_t rest = (10 + dictionary.size() + 1) % 64;
  dictionary.append(rest == 0 ? 0 : 64 - rest, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

Status write_strings(AtomicFile& file, const Tensor& tensor) {
  const std::vector<std::string>& strings = tensor.string_values();
  std::size_t width = 1;
  for (const std::string& s : strings) width = std::max(width, s.size());
  ISO_TRY(file.write(make_header("|S" + std::to_string(width), tensor.shape())));
  const std::string padding(width, '\0');
  for (const std::string& s : strings) {
    ISO_TRY(file.write(s));
    ISO_TRY(file.write(std::string_view(padding).substr(s.size())));
  }
  return {};
}

Status write_as_float(AtomicFile& file, const Tensor& tensor) {
  ISO_TRY(file.write(make_header("<f4", tensor.shape())));
  const std::size_t size = dtype_size(tensor.dtype());
  std::vector<float> block;
  constexpr std::int64_t kBlock = 65536;
  const std::int64_t count = tensor.elements();
  for (std::int64_t i = 0; i < count; i += kBlock) {
    block.clear();
    for (std::int64_t k = i; k < std::min(count, i + kBlock); ++k)
      block.push_back(as_float(tensor.dtype(), tensor.raw() + static_cast<std::size_t>(k) * size));
    ISO_TRY(file.write(std::as_bytes(std::span(block))));
  }
  return {};
}

}  // namespace

Status write_npy(const std::string& path, const Tensor& tensor) {
  if (!tensor.valid() || !tensor.shape().is_static())
    return internal_error("cannot write '" + path + "': there is no tensor to write");
  if (!tensor.on_host()) return internal_error("cannot write '" + path + "': the tensor is in device memory");
  const DType dtype = tensor.dtype();
  const std::string_view descr = plain_descr(dtype);
  const bool as_float32 = dtype == DType::bfloat16 || dtype == DType::float8_e5m2 || dtype == DType::float8_e4m3fn;
  if (descr.empty() && !as_float32 && dtype != DType::string)
    return unsupported("cannot write '" + path + "': found a tensor of " + std::string(dtype_name(dtype)) +
                       ", which is no array of values that NumPy knows");
  ISO_ASSIGN(AtomicFile file, AtomicFile::create(path));
  if (dtype == DType::string) {
    ISO_TRY(write_strings(file, tensor));
  } else if (as_float32) {
    ISO_TRY(write_as_float(file, tensor));
  } else {
    ISO_TRY(file.write(make_header(descr, tensor.shape())));
    ISO_TRY(file.write(tensor.bytes()));
  }
  return file.commit();
}

}  // namespace isotherm
