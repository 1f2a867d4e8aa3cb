#include "core/cpu/kernel_helpers.h"

#include <algorithm>

namespace isotherm::cpu {

std::vector<std::int64_t> integers_of(const Tensor& tensor) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(tensor.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = integer_at(tensor, static_cast<std::int64_t>(i));
  return values;
}

Result<std::int64_t> integer_of(const Tensor& tensor, const std::string& what) {
  if (tensor.elements() != 1 || dtype_size(tensor.dtype()) == 0)
    return invalid_input(what + " has shape " + tensor.shape().to_string() + "; expected one integer");
  return integer_at(tensor, 0);
}

Result<int> normalise_axis(std::int64_t axis, int rank) {
  if (axis < -rank || axis >= rank)
    return invalid_input("axis " + std::to_string(axis) + " is outside a tensor of rank " + std::to_string(rank));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<std::vector<int>> axes_of(const Tensor& axes, int rank, bool unique) {
  std::vector<int> result;
  for (const std::int64_t value : integers_of(axes)) {
    ISO_ASSIGN(const int axis, normalise_axis(value, rank));
    result.push_back(axis);
  }
  std::sort(result.begin(), result.end());
  const auto last = std::unique(result.begin(), result.end());
  if (unique && last != result.end()) return invalid_input("an axis is named twice; expected each once");
  result.erase(last, result.end());
  return result;
}

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()));
  std::int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<std::size_t>(i)] = stride;
    stride *= shape[i];
  }
  return strides;
}

std::int64_t product(const Shape& shape, int from, int to) {
  std::int64_t n = 1;
  for (int i = from; i < to; ++i) n *= shape[i];
  return n;
}

Result<Shape> shape_from(std::span<const std::int64_t> dims) {
  Shape shape(std::vector<std::int64_t>(dims.begin(), dims.end()));
  for (const std::int64_t d : dims)
    if (d < 0)
      return invalid_input("a dimension of the requested shape is " + std::to_string(d) + "; expected 0 or more");
  if (!shape.elements()) return invalid_input("the requested shape has more elements than 63 bits can count");
  return shape;
}

Result<Tensor> index_vector(KernelContext& context, DType dtype, std::span<const std::int64_t> values) {
  ISO_ASSIGN(Tensor result, context.allocate(dtype, Shape{static_cast<std::int64_t>(values.size())}));
  ISO_TRY(for_index(dtype, [&](auto tag) -> Status {
    using T = typename decltype(tag)::type;
    std::transform(values.begin(), values.end(), out<T>(result), [](std::int64_t v) { return static_cast<T>(v); });
    return {};
  }));
  return result;
}

Result<Tensor> reuse_or_allocate(KernelContext& context, int i, DType dtype, const Shape& shape) {
  Tensor taken = context.take_input(i, dtype, shape);
  if (taken.valid()) return taken;
  return context.allocate(dtype, shape);
}

Result<Tensor> constant_input(const KernelRequest& request, int i) {
  const auto at = static_cast<std::size_t>(i);
  if (at < request.constants.size() && request.constants[at].valid()) return request.constants[at].aligned();
  const auto data = request.node.data();
  if (at >= data.size()) return Tensor();
  Input source = data[at];
  for (int hops = 0; hops < 16; ++hops) {
    const Node& node = request.graph.node(source.node);
    if (node.op == "Const") {
      const Constant* value = node.attrs.get_constant("value");
      if (!value) return Tensor();
      ISO_ASSIGN(Tensor tensor, value->materialise());
      return tensor.aligned();
    }
    if (node.op != "Identity" || node.data_inputs < 1) return Tensor();
    source = node.inputs[0];
  }
  return Tensor();
}

Status expect_inputs(KernelContext& context, int n) {
  if (context.input_count() < n)
    return invalid_input("found " + std::to_string(context.input_count()) + " inputs; expected " + std::to_string(n));
  return {};
}

Status expect_rank(const Tensor& tensor, int rank, const std::string& what) {
  if (tensor.rank() != rank)
    return invalid_input(what + " has shape " + tensor.shape().to_string() + "; expected rank " + std::to_string(rank));
  return {};
}

Status expect_same_shape(const Tensor& a, const Tensor& b, const std::string& what_a, const std::string& what_b) {
  if (!(a.shape() == b.shape()))
    return invalid_input(what_a + " has shape " + a.shape().to_string() + " and " + what_b + " " +
                         b.shape().to_string() + "; expected the same");
  return {};
}

}  // namespace isotherm::cpu
