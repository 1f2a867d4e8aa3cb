#include "core/formats/tensor_codec.h"

#include <cstring>

namespace isotherm {
namespace {

using wire::Field;
using wire::Type;

/// The field of TensorProto that holds the values of a dtype.
enum ValueField : std::uint32_t {
  kContent = 4,
  kFloat = 5,
  kDouble = 6,
  kInt = 7,
  kString = 8,
  kComplex64 = 9,
  kInt64 = 10,
  kBool = 11,
  kComplex128 = 12,
  kHalf = 13,
  kUint32 = 16,
  kUint64 = 17,
  kFloat8 = 18,
  kNone = 0,
};

ValueField value_field(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return kFloat;
    case DType::float64:
      return kDouble;
    case DType::complex64:
      return kComplex64;
    case DType::complex128:
      return kComplex128;
    case DType::string:
      return kString;
    case DType::int64:
      return kInt64;
    case DType::boolean:
      return kBool;
    case DType::float16:
    case DType::bfloat16:
      return kHalf;
    case DType::uint32:
      return kUint32;
    case DType::uint64:
      return kUint64;
    case DType::float8_e5m2:
    case DType::float8_e4m3fn:
      return kFloat8;
    case DType::int32:
    case DType::int16:
    case DType::int8:
    case DType::uint8:
    case DType::uint16:
    case DType::qint8:
    case DType::quint8:
    case DType::qint16:
    case DType::quint16:
    case DType::qint32:
    case DType::int4:
    case DType::uint4:
      return kInt;
    default:
      return kNone;
  }
}

/// Whether the list's packed form is the memory of its elements.
bool lies_as_in_memory(ValueField field) {
  return field == kFloat || field == kDouble || field == kComplex64 || field == kComplex128 || field == kFloat8;
}

std::string describe(DType dtype, const Shape& shape) {
  return std::string(dtype_name(dtype)) + " " + shape.to_tf_string();
}

/// Values of one TensorProto as they are gathered.
struct Values {
  std::string_view view;  ///< where they lie as in memory, in one piece
  std::string copied;     ///< where they do not
  std::vector<std::string> strings;
};

Status gather(const Field& field, ValueField kind, std::size_t element, const ByteSource& source, Values& values) {
  if (kind == kString) {
    if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "a string value", Type::bytes);
    values.strings.emplace_back(field.bytes);
    return {};
  }
  if (lies_as_in_memory(kind)) {
    const std::size_t part = kind == kComplex64 ? 4 : kind == kComplex128 ? 8 : element;
    std::string_view bytes = field.bytes;
    if (field.type == Type::fixed32 || field.type == Type::fixed64)
      bytes = field.whole.substr(field.whole.size() - (field.type == Type::fixed32 ? 4 : 8));
    if (field.type == Type::varint || bytes.size() % part != 0 || (field.type != Type::bytes && bytes.size() != part))
      return invalid_input(wire::position(field.whole, source.file()) + ": found " + std::to_string(bytes.size()) +
                           " bytes where values of " + std::to_string(part) + " bytes each were expected");
    if (values.view.empty() && values.copied.empty()) {
      values.view = bytes;
    } else {
      if (values.copied.empty()) values.copied = values.view;
      values.view = {};
      values.copied.append(bytes);
    }
    return {};
  }
  return wire::for_each_varint(field, source.file(), [&](std::uint64_t value) {
    if (kind == kBool) value = value != 0;
    values.copied.append(reinterpret_cast<const char*>(&value), element);
  });
}

/// Strings in tensor_content: all lengths, then all bytes.
Status split_strings(std::string_view content, std::int64_t count, std::vector<std::string>& strings) {
  if (static_cast<std::uint64_t>(count) > content.size())
    return invalid_input("tensor_content ends within the lengths of its " + std::to_string(count) + " strings");
  std::vector<std::uint64_t> lengths(static_cast<std::size_t>(count));
  for (std::uint64_t& length : lengths)
    if (!wire::take_varint(content, length))
      return invalid_input("tensor_content ends within the lengths of its " + std::to_string(count) + " strings");
  for (const std::uint64_t length : lengths) {
    if (length > content.size())
      return invalid_input("tensor_content holds " + std::to_string(content.size()) + " bytes where a string of " +
                           std::to_string(length) + " was expected");
    strings.emplace_back(content.substr(0, length));
    content.remove_prefix(length);
  }
  return {};
}

Result<Tensor> make_values(DType dtype, std::string_view view, const ByteSource& source) {
  const auto count = static_cast<std::int64_t>(view.size() / dtype_size(dtype));
  if (count == 0) return Tensor(dtype, Shape{0}, nullptr);
  return Tensor(dtype, Shape{count}, source.buffer, static_cast<std::size_t>(view.data() - source.file()));
}

/// Four bits, of which NumPy leaves the upper half of the byte as it comes: memory holds the number itself.
void widen_nibbles(DType dtype, Tensor& tensor) {
  if (dtype != DType::int4 && dtype != DType::uint4) return;
  for (std::size_t i = 0; i < tensor.byte_size(); ++i) {
    const int low = std::to_integer<int>(tensor.raw()[i]) & 15;
    tensor.raw()[i] = static_cast<std::byte>(dtype == DType::int4 && low > 7 ? low - 16 : low);
  }
}

Result<Tensor> copy_values(DType dtype, std::string_view bytes) {
  const auto count = static_cast<std::int64_t>(bytes.size() / dtype_size(dtype));
  if (count == 0) return Tensor(dtype, Shape{0}, nullptr);
  ISO_ASSIGN(Tensor out, Tensor::make(dtype, Shape{count}));
  std::memcpy(out.raw(), bytes.data(), bytes.size());
  widen_nibbles(dtype, out);
  return out;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<Shape> decode_shape(std::string_view message, const ByteSource& source, NegativeDims negative) {
  std::vector<std::int64_t> dims;
  bool unknown_rank = false;
  wire::Reader reader(message, source.file());
  Field field;
  while (reader.next(field)) {
    if (field.number == 3 && field.type == Type::varint) unknown_rank = field.as_bool();
    if (field.number != 2) continue;
    if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "a dimension", Type::bytes);
    std::int64_t size = 0;
    wire::Reader dim_reader(field.bytes, source.file());
    Field dim;
    while (dim_reader.next(dim))
      if (dim.number == 1 && dim.type == Type::varint) size = dim.as_int64();
    ISO_TRY(dim_reader.status());
    if (size < kUnknownDim && negative == NegativeDims::unknown) size = kUnknownDim;
    if (size < kUnknownDim)
      return invalid_input(wire::position(field.whole, source.file()) + ": found dimension " +
                           std::to_string(dims.size()) + " of size " + std::to_string(size) +
                           " where -1 (unknown) or more was expected");
    dims.push_back(size);
  }
  ISO_TRY(reader.status());
  return unknown_rank ? Shape::unknown_rank() : Shape(std::move(dims));
}

wire::Writer encode_shape(const Shape& shape) {
  wire::Writer out;
  for (const std::int64_t size : shape.dims()) {
    wire::Writer dim;
    // A symbol is known to nobody outside.
    const std::int64_t written = size < 0 ? kUnknownDim : size;
    if (written != 0) dim.varint_field(1, static_cast<std::uint64_t>(written));
    out.message_field(2, dim);
  }
  if (!shape.has_rank()) out.varint_field(3, 1);
  return out;
}

Result<std::optional<Constant>> decode_tensor(std::string_view message, const ByteSource& source) {
  DType dtype = DType::invalid;
  Shape shape;
  std::string_view content;
  wire::Reader reader(message, source.file());
  Field field;
  // The dtype says which list counts; it may stand after it.
  while (reader.next(field)) {
    if (field.number == 1 && field.type == Type::varint) {
      dtype = dtype_from_number(field.as_int32());
    } else if (field.number == 2) {
      if (field.type != Type::bytes)
        return wire::wrong_type(field, source.file(), "the shape of a tensor", Type::bytes);
      ISO_ASSIGN(shape, decode_shape(field.bytes, source));
    } else if (field.number == kContent) {
      if (field.type != Type::bytes) return wire::wrong_type(field, source.file(), "tensor_content", Type::bytes);
      content = field.bytes;
    }
  }
  ISO_TRY(reader.status());
  const ValueField kind = value_field(dtype);
  if (kind == kNone) return std::optional<Constant>();
  const auto place = [&] { return wire::position(message, source.file()) + ": "; };
  const auto elements = shape.elements();
  if (!elements)
    return invalid_input(place() + "found a tensor of " + describe(dtype, shape) +
                         " where known dimensions with a product below 2^63 were expected");

  Values values;
  const std::size_t element = dtype_size(dtype);
  if (!content.empty()) {
    if (kind == kString) {
      if (Status s = split_strings(content, *elements, values.strings); !s.ok())
        return s.error().at(wire::position(content, source.file()));
    } else if (content.size() / element != static_cast<std::uint64_t>(*elements) || content.size() % element != 0) {
      return invalid_input(place() + "found a tensor_content of " + std::to_string(content.size()) + " bytes where " +
                           describe(dtype, shape) + " expects " + std::to_string(*elements) + " elements of " +
                           std::to_string(element) + " bytes");
    }
    values.view = content;
  } else {
    wire::Reader again(message, source.file());
    while (again.next(field))
      if (field.number == kind) ISO_TRY(gather(field, kind, element, source, values));
  }
  if (kind == kString) {
    const auto count = static_cast<std::int64_t>(values.strings.size());
    if (count > *elements)
      return invalid_input(place() + "found " + std::to_string(count) + " values where " + describe(dtype, shape) +
                           " has " + std::to_string(*elements) + " elements");
    return std::optional(Constant(dtype, std::move(shape), Tensor::strings(Shape{count}, std::move(values.strings))));
  }
  const std::string_view found = values.copied.empty() ? values.view : std::string_view(values.copied);
  const std::size_t bytes = found.size();
  if (bytes % element != 0 || bytes / element > static_cast<std::uint64_t>(*elements))
    return invalid_input(place() + "found " + std::to_string(bytes / element) + " values where " +
                         describe(dtype, shape) + " has " + std::to_string(*elements) + " elements");
  const bool in_place = values.copied.empty() && dtype != DType::int4 && dtype != DType::uint4;
  ISO_ASSIGN(Tensor tensor, in_place ? make_values(dtype, found, source) : copy_values(dtype, found));
  return std::optional(Constant(dtype, std::move(shape), std::move(tensor)));
}

wire::Writer encode_tensor(const Constant& constant) {
  wire::Writer out;
  const DType dtype = constant.dtype();
  out.varint_field(1, static_cast<std::uint64_t>(dtype));
  out.message_field(2, encode_shape(constant.shape()));
  const Tensor& values = constant.values();
  const std::int64_t count = values.valid() ? values.elements() : 0;
  if (count == 0) return out;
  const ValueField kind = value_field(dtype);
  if (kind == kString) {
    for (const std::string& s : values.string_values()) out.bytes_field(kString, s);
    return out;
  }
  // A single value stays readable in text; where values are missing only the list may be short.
  if (count > 1 && constant.shape().elements() == count) {
    out.view_field(kContent, as_text(values.bytes()));
  } else if (lies_as_in_memory(kind)) {
    out.view_field(kind, as_text(values.bytes()));
  } else if (kind == kHalf) {
    std::string packed;
    for (std::int64_t i = 0; i < count; ++i) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, values.raw() + static_cast<std::size_t>(i) * 2, 2);
      wire::Writer::append_varint(packed, bits);
    }
    out.bytes_field(kind, packed);
  } else if (kind != kNone) {
    std::string packed;
    for (std::int64_t i = 0; i < count; ++i)
      wire::Writer::append_varint(packed, static_cast<std::uint64_t>(integer_at(values, i)));
    out.bytes_field(kind, packed);
  }
  return out;
}

}  // namespace isotherm
