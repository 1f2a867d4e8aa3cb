#include "core/graph/tensor.h"

#include <cstring>
#include <new>

#include "core/graph/half.h"

namespace isotherm {
namespace {

class HostBuffer final : public Buffer {
 public:
  HostBuffer(std::byte* data, std::size_t size) : Buffer(data, size) {}
  ~HostBuffer() override { ::operator delete(data(), std::align_val_t{kHostAlignment}); }
};

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

}  // namespace

std::shared_ptr<Buffer> allocate_host(std::size_t bytes) {
  void* data = ::operator new(bytes == 0 ? 1 : bytes, std::align_val_t{kHostAlignment}, std::nothrow);
  if (!data) return nullptr;
  return std::make_shared<HostBuffer>(static_cast<std::byte*>(data), bytes);
}

Result<Tensor> Tensor::make(DType dtype, Shape shape) {
  const auto count = shape.elements();
  if (!count) return invalid_input("a tensor of shape " + shape.to_tf_string() + " cannot be allocated: every dimension must be known and their product fit 63 bits");
  if (dtype == DType::string) return strings(std::move(shape), std::vector<std::string>(static_cast<std::size_t>(*count)));
  if (dtype == DType::resource || dtype == DType::variant)
    return Tensor(dtype, std::move(shape),
                  std::make_shared<ObjectBuffer>(std::vector<std::shared_ptr<TensorObject>>(static_cast<std::size_t>(*count))));
  const std::size_t size = dtype_size(dtype);
  if (size == 0) return internal_error("a tensor of dtype " + std::string(dtype_name(dtype)) + " has no element size");
  if (static_cast<std::uint64_t>(*count) > (std::uint64_t{1} << 46) / size)
    return exhausted("a tensor of " + std::string(dtype_name(dtype)) + " " + shape.to_tf_string() + " is larger than this program allows (64 TiB)");
  auto buffer = allocate_host(static_cast<std::size_t>(*count) * size);
  if (!buffer)
    return exhausted("no memory for a tensor of " + std::string(dtype_name(dtype)) + " " + shape.to_tf_string());
  return Tensor(dtype, std::move(shape), std::move(buffer));
}

Tensor Tensor::strings(Shape shape, std::vector<std::string> values) {
  return Tensor(DType::string, std::move(shape), std::make_shared<StringBuffer>(std::move(values)));
}

Tensor Tensor::object(DType dtype, std::shared_ptr<TensorObject> value) {
  std::vector<std::shared_ptr<TensorObject>> values;
  values.push_back(std::move(value));
  return Tensor(dtype, Shape(), std::make_shared<ObjectBuffer>(std::move(values)));
}

Result<Tensor> Tensor::aligned(std::size_t alignment) const {
  if (byte_size() == 0 || is_aligned(alignment)) return *this;
  ISO_ASSIGN(Tensor copy, make(dtype_, shape_));
  std::memcpy(copy.raw(), raw(), byte_size());
  return copy;
}

std::size_t Constant::byte_size() const {
  return static_cast<std::size_t>(shape_.elements().value_or(0)) * dtype_size(dtype_);
}

Result<Tensor> Constant::materialise(std::size_t limit_bytes) const {
  const auto count = shape_.elements();
  if (!count) return invalid_input("a constant's shape " + shape_.to_tf_string() + " is not static; every dimension must be known and their product fit 63 bits");
  const std::int64_t given = values_.valid() ? values_.elements() : 0;
  if (given > *count)
    return invalid_input("a constant of shape " + shape_.to_tf_string() + " holds " + std::to_string(given) + " values where " + std::to_string(*count) + " were expected");
  if (given == *count && values_.valid()) return values_.reshaped(shape_);
  const std::size_t size = dtype_size(dtype_);
  if (static_cast<std::uint64_t>(*count) > limit_bytes / std::max<std::size_t>(size, sizeof(std::string)))
    return exhausted("a constant of " + std::string(dtype_name(dtype_)) + " " + shape_.to_tf_string() + " is larger than the limit of " + std::to_string(limit_bytes) + " bytes");
  ISO_ASSIGN(Tensor out, Tensor::make(dtype_, shape_));
  if (dtype_ == DType::string) {
    std::vector<std::string> all;
    if (given > 0) all = values_.string_values();
    all.resize(static_cast<std::size_t>(*count), given > 0 ? all.back() : std::string());
    return Tensor::strings(shape_, std::move(all));
  }
  if (size == 0) return unsupported("a constant of dtype " + std::string(dtype_name(dtype_)) + " has no elements that could be read");
  std::byte* to = out.raw();
  const std::size_t have = static_cast<std::size_t>(given) * size;
  const std::size_t total = static_cast<std::size_t>(*count) * size;
  if (have == 0) {
    std::memset(to, 0, total);
    return out;
  }
  std::memcpy(to, values_.raw(), have);
  const std::byte* last = values_.raw() + have - size;
  for (std::size_t at = have; at < total; at += size) std::memcpy(to + at, last, size);
  return out;
}

std::optional<std::vector<std::int64_t>> Constant::integers(std::int64_t limit) const {
  if (!is_integer(dtype_) && dtype_ != DType::boolean) return std::nullopt;
  const auto count = shape_.elements();
  if (!count || *count > limit) return std::nullopt;
  const auto tensor = materialise();
  if (!tensor.ok()) return std::nullopt;
  std::vector<std::int64_t> out(static_cast<std::size_t>(*count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = integer_at(*tensor, static_cast<std::int64_t>(i));
  return out;
}

std::int64_t integer_at(const Tensor& tensor, std::int64_t i) {
  const std::byte* at = tensor.raw() + static_cast<std::size_t>(i) * dtype_size(tensor.dtype());
  switch (tensor.dtype()) {
    case DType::int8:
    case DType::qint8:
    case DType::int4: return load<std::int8_t>(at);
    case DType::uint8:
    case DType::quint8:
    case DType::boolean:
    case DType::uint4: return load<std::uint8_t>(at);
    case DType::int16:
    case DType::qint16: return load<std::int16_t>(at);
    case DType::uint16:
    case DType::quint16: return load<std::uint16_t>(at);
    case DType::int32:
    case DType::qint32: return load<std::int32_t>(at);
    case DType::uint32: return load<std::uint32_t>(at);
    case DType::int64: return load<std::int64_t>(at);
    case DType::uint64: return static_cast<std::int64_t>(load<std::uint64_t>(at));
    default: return 0;
  }
}

double number_at(const Tensor& tensor, std::int64_t i) {
  const std::byte* at = tensor.raw() + static_cast<std::size_t>(i) * dtype_size(tensor.dtype());
  switch (tensor.dtype()) {
    case DType::float32: return load<float>(at);
    case DType::float64: return load<double>(at);
    case DType::float16: return to_float(load<Half>(at));
    case DType::bfloat16: return to_float(load<BFloat16>(at));
    case DType::uint64: return static_cast<double>(load<std::uint64_t>(at));
    default: return static_cast<double>(integer_at(tensor, i));
  }
}

}  // namespace isotherm
