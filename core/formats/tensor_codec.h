// Tensors and shapes between TensorFlow's messages and ours.
#pragma once

#include <memory>
#include <optional>

#include "core/formats/wire.h"
#include "core/graph/tensor.h"

namespace isotherm {

/// The bytes that messages are read from: values of constants become views of them.
struct ByteSource {
  std::shared_ptr<Buffer> buffer;
  [[nodiscard]] const char* file() const { return reinterpret_cast<const char*>(buffer->data()); }
  [[nodiscard]] std::string_view bytes() const { return {file(), buffer->size()}; }
};

/// What a dimension of less than -1 means: nothing lawful, or an unknown one. TF-TRT writes the symbols of its shape
/// inference (-19) into the shapes of its engines.
enum class NegativeDims { error, unknown };
/// A TensorShapeProto. A size of -1 is an unknown dimension. Names of dimensions are dropped.
Result<Shape> decode_shape(std::string_view message, const ByteSource& source,
                           NegativeDims negative = NegativeDims::error);
wire::Writer encode_shape(const Shape& shape);

/// A TensorProto. Values are in `tensor_content` or in the list of the dtype, of which the last stands for all that are
/// missing. tensor_content and packed floating-point lists stay where they are, at any alignment; other lists are
/// copied. An error if the shape is no static one or the number of values does not fit it. Nothing for what a Constant
/// cannot hold: resources, variants, dtypes nobody knows.
Result<std::optional<Constant>> decode_tensor(std::string_view message, const ByteSource& source);
/// Views the values of `constant`.
wire::Writer encode_tensor(const Constant& constant);

}  // namespace isotherm
