// TensorArrayV3 and its kin: a mutable array of tensors behind a resource handle; `flow` orders its reads and writes.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

class TensorArray final : public TensorObject {
 public:
  [[nodiscard]] std::string describe() const override { return "TensorArray of " + std::string(dtype_name(dtype)); }

  DType dtype = DType::float32;
  Shape element_shape = Shape::unknown_rank();
  std::vector<Tensor> elements;
  bool dynamic = false, clear_after_read = true;
};

Status run_make(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  ISO_ASSIGN(const std::int64_t size, integer_of(context.input(0), "size"));
  if (size < 0 || size > (std::int64_t{1} << 32))
    return invalid_input("size is " + std::to_string(size) + "; expected 0 or more");
  auto array = std::make_shared<TensorArray>();
  array->dtype = node.attrs.get_type("dtype", DType::float32);
  if (const Shape* shape = node.attrs.get_shape("element_shape")) array->element_shape = *shape;
  array->dynamic = node.attrs.get_bool("dynamic_size");
  array->clear_after_read = node.attrs.get_bool("clear_after_read", true);
  array->elements.resize(static_cast<std::size_t>(size));
  context.set_output(0, Tensor::object(DType::resource, std::move(array)));
  context.set_output(1, Tensor::scalar(0.0f));
  return {};
}

Result<std::shared_ptr<TensorArray>> array_of(KernelContext& context) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& handle = context.input(0);
  if (handle.dtype() != DType::resource || handle.elements() != 1)
    return invalid_input("the handle is a " + std::string(dtype_name(handle.dtype())) + "; expected a TensorArray");
  auto array = std::dynamic_pointer_cast<TensorArray>(handle.object_values()[0]);
  if (!array) return invalid_input("the handle is no TensorArray");
  return array;
}

/// Element i to be written; grows a dynamic array.
Status write(TensorArray& array, std::int64_t i, Tensor value) {
  if (value.dtype() != array.dtype)
    return invalid_input("the value is a " + std::string(dtype_name(value.dtype())) + "; expected " +
                         std::string(dtype_name(array.dtype)));
  const auto size = static_cast<std::int64_t>(array.elements.size());
  if (i < 0 || (i >= size && (!array.dynamic || i > (std::int64_t{1} << 32))))
    return invalid_input("index " + std::to_string(i) + " is outside a TensorArray of size " + std::to_string(size));
  if (i >= size) array.elements.resize(static_cast<std::size_t>(i) + 1);
  array.elements[static_cast<std::size_t>(i)] = std::move(value);
  return {};
}

/// Element i; one that was never written is zero if its shape is known.
Result<Tensor> read(KernelContext& context, TensorArray& array, std::int64_t i) {
  if (i < 0 || i >= static_cast<std::int64_t>(array.elements.size()))
    return invalid_input("index " + std::to_string(i) + " is outside a TensorArray of size " +
                         std::to_string(array.elements.size()));
  Tensor& slot = array.elements[static_cast<std::size_t>(i)];
  if (!slot.valid()) {
    Shape shape = array.element_shape;
    for (const Tensor& other : array.elements)
      if (other.valid() && !shape.is_static()) shape = other.shape();
    if (!shape.is_static())
      return invalid_input("element " + std::to_string(i) +
                           " of the TensorArray was never written, or was cleared after a read");
    ISO_ASSIGN(Tensor zero, context.allocate(array.dtype, shape));
    fill_with(zero, nullptr);
    return zero;
  }
  Tensor value = slot;
  if (array.clear_after_read) slot = Tensor();
  return value;
}

Status run_write(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 4));
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  ISO_ASSIGN(const std::int64_t i, integer_of(context.input(1), "the index"));
  ISO_TRY(write(*array, i, context.input(2)));
  context.set_output(0, context.input(3));
  return {};
}

Status run_read(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  ISO_ASSIGN(const std::int64_t i, integer_of(context.input(1), "the index"));
  ISO_ASSIGN(Tensor value, read(context, *array, i));
  context.set_output(0, std::move(value));
  return {};
}

Status run_size(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  context.set_output(0, Tensor::scalar(static_cast<std::int32_t>(array->elements.size())));
  return {};
}

Status run_gather(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  const std::vector<std::int64_t> indices = integers_of(context.input(1));
  std::vector<Tensor> values;
  for (const std::int64_t i : indices) {
    ISO_ASSIGN(Tensor value, read(context, *array, i));
    if (!values.empty())
      ISO_TRY(expect_same_shape(values[0], value, "the first element", "element " + std::to_string(i)));
    values.push_back(std::move(value));
  }
  Shape element = array->element_shape;
  if (!values.empty())
    element = values[0].shape();
  else if (const Shape* shape = node.attrs.get_shape("element_shape"); shape && !element.is_static())
    element = *shape;
  if (!element.is_static()) return invalid_input("no element is gathered and the shape of elements is not known");
  std::vector<std::int64_t> dims{static_cast<std::int64_t>(values.size())};
  dims.insert(dims.end(), element.dims().begin(), element.dims().end());
  ISO_ASSIGN(Tensor result, context.allocate(array->dtype, Shape(dims)));
  const std::int64_t n = element.elements().value_or(0);
  for (std::size_t i = 0; i < values.size(); ++i)
    copy_elements(values[i], 0, result, static_cast<std::int64_t>(i) * n, n);
  context.set_output(0, std::move(result));
  return {};
}

/// Rows [begin, begin + count) of x as a tensor of `shape`.
Result<Tensor> rows_of(KernelContext& context, const Tensor& x, std::int64_t begin, std::int64_t row, Shape shape) {
  ISO_ASSIGN(Tensor part, context.allocate(x.dtype(), std::move(shape)));
  copy_elements(x, begin * row, part, 0, part.elements());
  return part;
}

Status run_scatter(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 4));
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  const std::vector<std::int64_t> indices = integers_of(context.input(1));
  const Tensor& x = context.input(2);
  if (x.rank() < 1 || x.dim(0) != static_cast<std::int64_t>(indices.size()))
    return invalid_input("the value has shape " + x.shape().to_string() + "; expected " +
                         std::to_string(indices.size()) + " rows");
  const Shape element(std::vector<std::int64_t>(x.shape().dims().begin() + 1, x.shape().dims().end()));
  const std::int64_t row = element.elements().value_or(0);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    ISO_ASSIGN(Tensor part, rows_of(context, x, static_cast<std::int64_t>(i), row, element));
    ISO_TRY(write(*array, indices[i], std::move(part)));
  }
  context.set_output(0, context.input(3));
  return {};
}

Status run_split(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 4));
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  const Tensor& x = context.input(1);
  const std::vector<std::int64_t> lengths = integers_of(context.input(2));
  std::int64_t total = 0;
  for (const std::int64_t n : lengths) {
    if (n < 0) return invalid_input("a length is " + std::to_string(n) + "; expected 0 or more");
    total += n;
  }
  if (x.rank() < 1 || x.dim(0) != total)
    return invalid_input("the value has shape " + x.shape().to_string() + "; expected " + std::to_string(total) +
                         " rows");
  const std::int64_t row = product(x.shape(), 1, x.rank());
  std::int64_t at = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    Shape shape = x.shape();
    shape.set_dim(0, lengths[i]);
    ISO_ASSIGN(Tensor part, rows_of(context, x, at, row, std::move(shape)));
    at += lengths[i];
    ISO_TRY(write(*array, static_cast<std::int64_t>(i), std::move(part)));
  }
  context.set_output(0, context.input(3));
  return {};
}

Status run_concat(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  std::vector<Tensor> values;
  std::vector<std::int64_t> lengths;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < array->elements.size(); ++i) {
    ISO_ASSIGN(Tensor value, read(context, *array, static_cast<std::int64_t>(i)));
    if (value.rank() < 1)
      return invalid_input("element " + std::to_string(i) + " is a scalar; expected rank 1 or more");
    if (!values.empty() && product(value.shape(), 1, value.rank()) != product(values[0].shape(), 1, values[0].rank()))
      return invalid_input("element " + std::to_string(i) + " has shape " + value.shape().to_string() + "; expected " +
                           values[0].shape().to_string() + " but for the first dimension");
    lengths.push_back(value.dim(0));
    total += value.dim(0);
    values.push_back(std::move(value));
  }
  std::vector<std::int64_t> dims{total};
  if (!values.empty()) dims.insert(dims.end(), values[0].shape().dims().begin() + 1, values[0].shape().dims().end());
  ISO_ASSIGN(Tensor result, context.allocate(array->dtype, Shape(dims)));
  std::int64_t at = 0;
  for (const Tensor& value : values) {
    copy_elements(value, 0, result, at, value.elements());
    at += value.elements();
  }
  ISO_ASSIGN(Tensor sizes, index_vector(context, DType::int64, lengths));
  context.set_output(0, std::move(result));
  context.set_output(1, std::move(sizes));
  return {};
}

Status run_close(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorArray> array, array_of(context));
  array->elements.clear();
  return {};
}

}  // namespace

void register_tensor_array(KernelRegistry& r) {
  r.add("TensorArrayV3", run_make);
  r.add("TensorArrayWriteV3", run_write);
  r.add("TensorArrayReadV3", run_read);
  r.add("TensorArraySizeV3", run_size);
  r.add("TensorArrayGatherV3", run_gather);
  r.add("TensorArrayScatterV3", run_scatter);
  r.add("TensorArraySplitV3", run_split);
  r.add("TensorArrayConcatV3", run_concat);
  r.add("TensorArrayCloseV3", run_close);
}

}  // namespace isotherm::cpu
