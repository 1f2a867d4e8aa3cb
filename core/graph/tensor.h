// Tensors: a dtype, a static shape and a share in a buffer.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/graph/dtype.h"
#include "core/graph/shape.h"
#include "core/graph/status.h"

namespace isotherm {

/// Where a buffer's bytes are.
enum class MemoryKind { host, pinned, device };

/// Bytes with an owner. Tensors, views and weights share buffers through std::shared_ptr; the last one frees them.
class Buffer {
 public:
  Buffer(std::byte* data, std::size_t size, MemoryKind kind = MemoryKind::host, int device = -1)
      : data_(data), size_(size), kind_(kind), device_(device) {}
  virtual ~Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] MemoryKind kind() const { return kind_; }
  /// The device's number where kind() is device, else -1.
  [[nodiscard]] int device() const { return device_; }

 private:
  std::byte* data_;
  std::size_t size_;
  MemoryKind kind_;
  int device_;
};

/// Host alignment of every buffer made by this project: a cache line, and enough for any vector unit.
inline constexpr std::size_t kHostAlignment = 64;

/// Uninitialised host memory, aligned to kHostAlignment; null when the system refuses.
std::shared_ptr<Buffer> allocate_host(std::size_t bytes);

/// The elements of a string tensor.
class StringBuffer final : public Buffer {
 public:
  explicit StringBuffer(std::vector<std::string> v) : Buffer(nullptr, 0), values(std::move(v)) {}
  std::vector<std::string> values;
};

/// A resource, TensorArray, TensorList or any other value that is no array of numbers.
class TensorObject {
 public:
  virtual ~TensorObject() = default;
  /// For messages: "variable 'w'", "TensorArray of float32".
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// The elements of a resource or variant tensor; an element may be null.
class ObjectBuffer final : public Buffer {
 public:
  explicit ObjectBuffer(std::vector<std::shared_ptr<TensorObject>> v) : Buffer(nullptr, 0), values(std::move(v)) {}
  std::vector<std::shared_ptr<TensorObject>> values;
};

/// A value. Cheap to copy (shares its buffer); the elements are in row-major order, host or device.
class Tensor {
 public:
  /// No value: dtype() is DType::invalid.
  Tensor() = default;
  /// Views `buffer` from byte `offset` on. The caller guarantees that the elements fit.
  Tensor(DType dtype, Shape shape, std::shared_ptr<Buffer> buffer, std::size_t offset = 0)
      : dtype_(dtype), shape_(std::move(shape)), buffer_(std::move(buffer)), offset_(offset) {}

  /// Uninitialised host tensor; an error if the shape is not static or the memory cannot be had.
  static Result<Tensor> make(DType dtype, Shape shape);
  static Tensor strings(Shape shape, std::vector<std::string> values);
  static Tensor object(DType dtype, std::shared_ptr<TensorObject> value);
  template <class T>
  static Tensor from(Shape shape, std::span<const T> values);
  template <class T>
  static Tensor scalar(T value) { return from<T>(Shape(), std::span<const T>(&value, 1)); }
  template <class T>
  static Tensor vector(const std::vector<T>& values) {
    return from<T>(Shape{static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
  }

  [[nodiscard]] bool valid() const { return dtype_ != DType::invalid; }
  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] int rank() const { return shape_.rank(); }
  [[nodiscard]] std::int64_t dim(int i) const { return shape_.dim(i); }
  [[nodiscard]] std::int64_t elements() const { return shape_.elements().value_or(0); }
  /// 0 for strings and objects.
  [[nodiscard]] std::size_t byte_size() const { return static_cast<std::size_t>(elements()) * dtype_size(dtype_); }

  [[nodiscard]] const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] bool on_host() const { return !buffer_ || buffer_->kind() != MemoryKind::device; }

  /// First byte, host or device; null for an empty tensor without a buffer.
  [[nodiscard]] std::byte* raw() const { return buffer_ && buffer_->data() ? buffer_->data() + offset_ : nullptr; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {raw(), byte_size()}; }
  [[nodiscard]] bool is_aligned(std::size_t alignment) const {
    return reinterpret_cast<std::uintptr_t>(raw()) % alignment == 0;
  }

  /// Typed elements of a host tensor that is_aligned(alignof(T)). Requires sizeof(T) == dtype_size(dtype()).
  template <class T>
  [[nodiscard]] std::span<const T> data() const {
    assert(on_host() && sizeof(T) == dtype_size(dtype_) && is_aligned(alignof(T)));
    return {reinterpret_cast<const T*>(raw()), static_cast<std::size_t>(elements())};
  }
  /// As data(), writable. Only for a tensor whose buffer nobody else reads: one just allocated.
  template <class T>
  [[nodiscard]] std::span<T> mutable_data() const {
    assert(on_host() && sizeof(T) == dtype_size(dtype_) && is_aligned(alignof(T)));
    return {reinterpret_cast<T*>(raw()), static_cast<std::size_t>(elements())};
  }

  /// This tensor if it is aligned to `alignment`, else a copy that is. Weights in a mapped file lie where the file put
  /// them; whoever needs a typed view asks for this first.
  [[nodiscard]] Result<Tensor> aligned(std::size_t alignment = kHostAlignment) const;

  /// Require a string, or a resource or variant tensor.
  [[nodiscard]] const std::vector<std::string>& string_values() const {
    return static_cast<const StringBuffer*>(buffer_.get())->values;
  }
  [[nodiscard]] const std::vector<std::shared_ptr<TensorObject>>& object_values() const {
    return static_cast<const ObjectBuffer*>(buffer_.get())->values;
  }

  /// The same elements under another shape of equal count.
  [[nodiscard]] Tensor reshaped(Shape shape) const { return Tensor(dtype_, std::move(shape), buffer_, offset_); }
  /// The same bytes as another type of the same size.
  [[nodiscard]] Tensor bitcast(DType dtype) const { return Tensor(dtype, shape_, buffer_, offset_); }

 private:
  DType dtype_ = DType::invalid;
  Shape shape_;
  std::shared_ptr<Buffer> buffer_;
  std::size_t offset_ = 0;
};

/// A constant as a file holds it: the first values, the last of which stands for all that follow. A mapped weight has
/// them all; `tf.zeros([1000, 1000])` has one.
class Constant {
 public:
  Constant() = default;
  /// `values` is a vector of 0 to `shape`'s element count; with 0 values all elements are zero or "".
  Constant(DType dtype, Shape shape, Tensor values)
      : dtype_(dtype), shape_(std::move(shape)), values_(std::move(values)) {}
  /// A constant that holds all its values.
  explicit Constant(Tensor value)
      : dtype_(value.dtype()), shape_(value.shape()),
        values_(value.reshaped(Shape{value.elements()})) {}

  [[nodiscard]] DType dtype() const { return dtype_; }
  /// May be anything a file says; materialise() refuses what is negative, unknown or too large.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const Tensor& values() const { return values_; }
  /// Bytes that the elements take when written out; 0 for strings.
  [[nodiscard]] std::size_t byte_size() const;

  /// The tensor itself, shared with the file where the file holds every value. An error names what is wrong with it
  /// (negative or unknown dimension, more values than elements, more than `limit_bytes`).
  [[nodiscard]] Result<Tensor> materialise(std::size_t limit_bytes = std::size_t{1} << 34) const;

  /// Elements as int64 if the type is an integer or bool and there are at most `limit`; for shape arguments.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::int64_t limit = 4096) const;

 private:
  DType dtype_ = DType::invalid;
  Shape shape_;
  Tensor values_;
};

/// Element `i` of a host tensor of integers, bools or quantized integers, as int64. Reads any alignment.
std::int64_t integer_at(const Tensor& tensor, std::int64_t i);
/// Element `i` of a host tensor of numbers, as double. Reads any alignment.
double number_at(const Tensor& tensor, std::int64_t i);

template <class T>
Tensor Tensor::from(Shape shape, std::span<const T> values) {
  auto buffer = allocate_host(values.size_bytes());
  if (buffer && !values.empty()) std::copy(values.begin(), values.end(), reinterpret_cast<T*>(buffer->data()));
  return Tensor(DTypeOf<T>::value, std::move(shape), std::move(buffer));
}

}  // namespace isotherm
