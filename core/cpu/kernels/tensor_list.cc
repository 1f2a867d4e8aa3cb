// TensorLists: immutable lists of tensors in a variant; a change makes a new list that shares the elements.
#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"
#include "core/cpu/strided_copy.h"

namespace isotherm::cpu {
namespace {

class TensorList final : public TensorObject {
 public:
  [[nodiscard]] std::string describe() const override { return "TensorList of " + std::string(dtype_name(dtype)); }

  DType dtype = DType::float32;
  Shape element_shape = Shape::unknown_rank();
  std::vector<Tensor> elements;
};

Result<std::shared_ptr<TensorList>> list_of(KernelContext& context, int i) {
  ISO_TRY(expect_inputs(context, i + 1));
  const Tensor& handle = context.input(i);
  if (handle.dtype() != DType::variant || handle.elements() != 1)
    return invalid_input("the list is a " + std::string(dtype_name(handle.dtype())) + "; expected a TensorList");
  auto list = std::dynamic_pointer_cast<TensorList>(handle.object_values()[0]);
  if (!list) return invalid_input("the variant is no TensorList");
  return list;
}

Status set_list(KernelContext& context, int port, std::shared_ptr<TensorList> list) {
  context.set_output(port, Tensor::object(DType::variant, std::move(list)));
  return {};
}

/// A scalar -1 is an unknown rank, negative values are unknown dimensions.
Shape shape_of_input(const Tensor& t) {
  if (t.rank() == 0) return Shape::unknown_rank();
  std::vector<std::int64_t> dims = integers_of(t);
  for (std::int64_t& d : dims) d = std::max(d, kUnknownDim);
  return Shape(std::move(dims));
}

/// What two partly known shapes say together; `a` where they contradict each other.
Shape merged(const Shape& a, const Shape& b) {
  if (!a.has_rank()) return b;
  if (!b.has_rank() || a.rank() != b.rank()) return a;
  Shape result = a;
  for (int i = 0; i < a.rank(); ++i)
    if (a[i] < 0) result.set_dim(i, b[i]);
  return result;
}

Result<Tensor> element(KernelContext& context, const TensorList& list, std::int64_t i, const Shape& wanted) {
  if (i < 0 || i >= static_cast<std::int64_t>(list.elements.size()))
    return invalid_input("index " + std::to_string(i) + " is outside a TensorList of " +
                         std::to_string(list.elements.size()));
  const Tensor& value = list.elements[static_cast<std::size_t>(i)];
  if (value.valid()) return value;
  Shape shape = merged(list.element_shape, wanted);
  for (const Tensor& other : list.elements)
    if (other.valid()) shape = merged(shape, other.shape());
  if (!shape.is_static())
    return invalid_input("element " + std::to_string(i) +
                         " of the TensorList was never set and its shape is not known");
  ISO_ASSIGN(Tensor zero, context.allocate(list.dtype, shape));
  fill_with(zero, nullptr);
  return zero;
}

Status run_reserve(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  auto list = std::make_shared<TensorList>();
  list->dtype = node.attrs.get_type("element_dtype", DType::float32);
  list->element_shape = shape_of_input(context.input(0));
  if (node.op == "TensorListReserve") {
    ISO_ASSIGN(const std::int64_t n, integer_of(context.input(1), "num_elements"));
    if (n < 0 || n > (std::int64_t{1} << 32))
      return invalid_input("num_elements is " + std::to_string(n) + "; expected 0 or more");
    list->elements.resize(static_cast<std::size_t>(n));
  }
  return set_list(context, 0, std::move(list));
}

Status run_from_tensor(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& x = context.input(0);
  if (x.rank() < 1) return invalid_input("the tensor is a scalar; expected rank 1 or more");
  auto list = std::make_shared<TensorList>();
  list->dtype = x.dtype();
  const Shape shape(std::vector<std::int64_t>(x.shape().dims().begin() + 1, x.shape().dims().end()));
  list->element_shape = shape;
  const std::int64_t n = shape.elements().value_or(0);
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    ISO_ASSIGN(Tensor part, context.allocate(x.dtype(), shape));
    copy_elements(x, i * n, part, 0, n);
    list->elements.push_back(std::move(part));
  }
  return set_list(context, 0, std::move(list));
}

Status stack(KernelContext& context, const TensorList& list, const std::vector<std::int64_t>& indices,
             const Shape& wanted) {
  std::vector<Tensor> values;
  for (const std::int64_t i : indices) {
    ISO_ASSIGN(Tensor value, element(context, list, i, wanted));
    if (!values.empty())
      ISO_TRY(expect_same_shape(values[0], value, "the first element", "element " + std::to_string(i)));
    values.push_back(std::move(value));
  }
  const Shape shape = values.empty() ? merged(list.element_shape, wanted) : values[0].shape();
  if (!shape.is_static()) return invalid_input("the list is empty and the shape of its elements is not known");
  std::vector<std::int64_t> dims{static_cast<std::int64_t>(values.size())};
  dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  ISO_ASSIGN(Tensor result, context.allocate(list.dtype, Shape(dims)));
  const std::int64_t n = shape.elements().value_or(0);
  for (std::size_t i = 0; i < values.size(); ++i)
    copy_elements(values[i], 0, result, static_cast<std::int64_t>(i) * n, n);
  context.set_output(0, std::move(result));
  return {};
}

Status run_stack(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  std::vector<std::int64_t> all(list->elements.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  return stack(context, *list, all,
               context.input_count() > 1 ? shape_of_input(context.input(1)) : Shape::unknown_rank());
}

Status run_gather(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  return stack(context, *list, integers_of(context.input(1)), shape_of_input(context.input(2)));
}

Status run_get_item(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  ISO_ASSIGN(const std::int64_t i, integer_of(context.input(1), "the index"));
  ISO_ASSIGN(Tensor value, element(context, *list, i, shape_of_input(context.input(2))));
  context.set_output(0, std::move(value));
  return {};
}

Status run_set_item(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 3));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  ISO_ASSIGN(const std::int64_t i, integer_of(context.input(1), "the index"));
  auto changed = std::make_shared<TensorList>(*list);
  if (i < 0 || i >= static_cast<std::int64_t>(changed->elements.size()))
    return invalid_input("index " + std::to_string(i) + " is outside a TensorList of " +
                         std::to_string(changed->elements.size()));
  changed->elements[static_cast<std::size_t>(i)] = context.input(2);
  return set_list(context, 0, std::move(changed));
}

Status run_push_back(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  auto changed = std::make_shared<TensorList>(*list);
  changed->elements.push_back(context.input(1));
  return set_list(context, 0, std::move(changed));
}

Status run_pop_back(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  if (list->elements.empty()) return invalid_input("the TensorList is empty; expected an element to take");
  ISO_ASSIGN(Tensor value, element(context, *list, static_cast<std::int64_t>(list->elements.size()) - 1,
                                   shape_of_input(context.input(1))));
  auto changed = std::make_shared<TensorList>(*list);
  changed->elements.pop_back();
  context.set_output(1, std::move(value));
  return set_list(context, 0, std::move(changed));
}

Status run_length(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  context.set_output(0, Tensor::scalar(static_cast<std::int32_t>(list->elements.size())));
  return {};
}

Status run_element_shape(KernelContext& context, const Node& node) {
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  const DType dtype = node.attrs.get_type("shape_type", DType::int32);
  if (!list->element_shape.has_rank()) {
    context.set_output(0, dtype == DType::int64 ? Tensor::scalar<std::int64_t>(-1) : Tensor::scalar<std::int32_t>(-1));
    return {};
  }
  std::vector<std::int64_t> dims = list->element_shape.dims();
  for (std::int64_t& d : dims) d = std::max(d, kUnknownDim);
  ISO_ASSIGN(Tensor result, index_vector(context, dtype, dims));
  context.set_output(0, std::move(result));
  return {};
}

Status run_resize(KernelContext& context, const Node&) {
  ISO_TRY(expect_inputs(context, 2));
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  ISO_ASSIGN(const std::int64_t n, integer_of(context.input(1), "size"));
  if (n < 0 || n > (std::int64_t{1} << 32))
    return invalid_input("size is " + std::to_string(n) + "; expected 0 or more");
  auto changed = std::make_shared<TensorList>(*list);
  changed->elements.resize(static_cast<std::size_t>(n));
  return set_list(context, 0, std::move(changed));
}

/// TensorListScatter, V2, and into an existing list.
Status run_scatter(KernelContext& context, const Node& node) {
  const bool into = node.op == "TensorListScatterIntoExistingList";
  ISO_TRY(expect_inputs(context, 3));
  const Tensor& x = context.input(into ? 1 : 0);
  const std::vector<std::int64_t> indices = integers_of(context.input(into ? 2 : 1));
  auto list = std::make_shared<TensorList>();
  if (into) {
    ISO_ASSIGN(const std::shared_ptr<TensorList> old, list_of(context, 0));
    *list = *old;
  } else {
    list->dtype = x.dtype();
    list->element_shape = shape_of_input(context.input(2));
  }
  if (x.rank() < 1 || x.dim(0) != static_cast<std::int64_t>(indices.size()))
    return invalid_input("the tensor has shape " + x.shape().to_string() + "; expected " +
                         std::to_string(indices.size()) + " rows");
  std::int64_t size = static_cast<std::int64_t>(list->elements.size());
  for (const std::int64_t i : indices) {
    if (i < 0 || i > (std::int64_t{1} << 32))
      return invalid_input("index " + std::to_string(i) + " is negative or too large");
    size = std::max(size, i + 1);
  }
  if (node.op == "TensorListScatterV2" && context.input_count() > 3) {
    ISO_ASSIGN(const std::int64_t n, integer_of(context.input(3), "num_elements"));
    size = std::max(size, std::min(n, std::int64_t{1} << 32));
  }
  list->elements.resize(static_cast<std::size_t>(size));
  const Shape shape(std::vector<std::int64_t>(x.shape().dims().begin() + 1, x.shape().dims().end()));
  const std::int64_t n = shape.elements().value_or(0);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    ISO_ASSIGN(Tensor part, context.allocate(x.dtype(), shape));
    copy_elements(x, static_cast<std::int64_t>(i) * n, part, 0, n);
    list->elements[static_cast<std::size_t>(indices[i])] = std::move(part);
  }
  return set_list(context, 0, std::move(list));
}

Status run_concat(KernelContext& context, const Node&) {
  ISO_ASSIGN(const std::shared_ptr<TensorList> list, list_of(context, 0));
  std::vector<std::int64_t> lengths, dims{0};
  for (const Tensor& t : list->elements) {
    if (!t.valid() || t.rank() < 1)
      return invalid_input("the TensorList holds unset elements or scalars; expected rank 1 or more");
    lengths.push_back(t.dim(0));
    dims[0] += t.dim(0);
    if (dims.size() == 1) dims.insert(dims.end(), t.shape().dims().begin() + 1, t.shape().dims().end());
    if (product(t.shape(), 1, t.rank()) != product(Shape(dims), 1, static_cast<int>(dims.size())))
      return invalid_input("an element has shape " + t.shape().to_string() +
                           "; expected all alike but for the first dimension");
  }
  if (list->elements.empty() && list->element_shape.has_rank())
    for (int i = 1; i < list->element_shape.rank(); ++i)
      dims.push_back(std::max<std::int64_t>(0, list->element_shape[i]));
  ISO_ASSIGN(Tensor result, context.allocate(list->dtype, Shape(dims)));
  std::int64_t at = 0;
  for (const Tensor& t : list->elements) {
    copy_elements(t, 0, result, at, t.elements());
    at += t.elements();
  }
  ISO_ASSIGN(Tensor sizes, index_vector(context, DType::int64, lengths));
  context.set_output(0, std::move(result));
  context.set_output(1, std::move(sizes));
  return {};
}

}  // namespace

void register_tensor_list(KernelRegistry& r) {
  r.add({"TensorListReserve", "EmptyTensorList"}, run_reserve);
  r.add("TensorListFromTensor", run_from_tensor);
  r.add("TensorListStack", run_stack);
  r.add("TensorListGather", run_gather);
  r.add("TensorListGetItem", run_get_item);
  r.add("TensorListSetItem", run_set_item);
  r.add("TensorListPushBack", run_push_back);
  r.add("TensorListPopBack", run_pop_back);
  r.add("TensorListLength", run_length);
  r.add("TensorListElementShape", run_element_shape);
  r.add("TensorListResize", run_resize);
  r.add({"TensorListScatter", "TensorListScatterV2", "TensorListScatterIntoExistingList"}, run_scatter);
  r.add({"TensorListConcat", "TensorListConcatV2"}, run_concat);
}

}  // namespace isotherm::cpu
