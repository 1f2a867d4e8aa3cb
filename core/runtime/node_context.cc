#include "core/runtime/node_context.h"

namespace isotherm {

const Tensor& NodeContext::input(int i) const {
  static const Tensor none;
  // A kernel that asks for an input which its node lacks (a malformed graph) finds an invalid tensor, not foreign
  // memory.
  return i >= 0 && i < input_count_ ? *inputs_[static_cast<std::size_t>(i)].value : none;
}

Tensor NodeContext::claim(int i) {
  In& in = inputs_[static_cast<std::size_t>(i)];
  if (in.own && in.value == &in.own->value) return std::move(in.own->value);
  return *in.value;
}

Result<Tensor> NodeContext::make(Arena& arena, DType dtype, Shape shape) {
  const std::size_t size = dtype_size(dtype);
  if (size == 0) return Tensor::make(dtype, std::move(shape));
  const auto count = shape.elements();
  if (!count) return invalid_input("an output of shape " + shape.to_tf_string() + " cannot be allocated");
  if (static_cast<std::uint64_t>(*count) > (std::uint64_t{1} << 46) / size)
    return exhausted("an output of " + std::string(dtype_name(dtype)) + " " + shape.to_tf_string() +
                     " is larger than this program allows (64 TiB)");
  auto buffer = arena.allocate(static_cast<std::size_t>(*count) * size);
  if (!buffer.ok())
    return buffer.error().at("an output of " + std::string(dtype_name(dtype)) + " " + shape.to_tf_string());
  return Tensor(dtype, std::move(shape), std::move(*buffer));
}

Result<Tensor> NodeContext::scratch(std::size_t bytes) {
  return make(*run_->arena, DType::uint8, Shape{static_cast<std::int64_t>(bytes)});
}

Tensor NodeContext::take_input(int i, DType dtype, const Shape& shape) {
  if (i < 0 || i >= input_count_) return {};
  const In& in = inputs_[static_cast<std::size_t>(i)];
  // A mirror may be shared with later readers; only the value itself can be taken.
  if (!in.own || in.value != &in.own->value) return {};
  const Tensor& value = *in.value;
  const std::shared_ptr<Buffer>& buffer = value.buffer();
  // Views of the same buffer (a Reshape's output, a variable) count as readers.
  if (!buffer || buffer.use_count() != 1 || is_host_only(value.dtype()) || is_host_only(dtype)) return {};
  if (buffer->kind() != run_->device.memory_kind() || !Arena::owns(*buffer)) return {};
  const auto count = shape.elements();
  if (!count) return {};
  const std::size_t room = buffer->size() - value.offset();
  if (static_cast<std::uint64_t>(*count) > room / dtype_size(dtype)) return {};
  return Tensor(dtype, shape, buffer, value.offset());
}

void NodeContext::set_output(int port, Tensor value) {
  if (port < 0 || port >= output_count_) {
    if (bad_port_ < 0) bad_port_ = port < 0 ? 1 << 20 : port;
    return;
  }
  outputs_[port].value = std::move(value);
  outputs_[port].mirror.reset();
}

}  // namespace isotherm
