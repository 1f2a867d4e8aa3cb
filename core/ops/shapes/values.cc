// Values of small integer tensors, which shape functions read as shapes: which ops pass a value on, and how.
#include "core/ops/shapes/propagation.h"

namespace isotherm::shapes {
namespace {

/// Longer constants are no shapes.
constexpr std::int64_t kMaxShapeValue = 4096;

bool is_shape_type(DType dtype) { return dtype == DType::int32 || dtype == DType::int64; }

std::shared_ptr<const Constant> integer_scalar(DType dtype, std::int64_t v) {
  if (dtype == DType::int32) return std::make_shared<const Constant>(Tensor::scalar(static_cast<std::int32_t>(v)));
  return std::make_shared<const Constant>(Tensor::scalar(v));
}

}  // namespace

ShapeHandle Propagation::as_shape(const Constant& constant) {
  if (!is_shape_type(constant.dtype()) || !constant.shape().has_rank() || constant.shape().rank() > 1) return {};
  const auto numbers = constant.integers(kMaxShapeValue);
  if (!numbers) return {};
  if (constant.shape().rank() == 0) {
    if (numbers->size() != 1 || (*numbers)[0] < -1) return {};
    return (*numbers)[0] == -1 ? arena_.unknown_shape() : context_.vector((*numbers)[0]);
  }
  ShapeContext::Dims dims;
  for (const std::int64_t v : *numbers) {
    if (v < -1) return {};
    dims.push_back(arena_.make_dim(v < 0 ? kUnknownFromConst : v));
  }
  return arena_.make_shape(dims);
}

ShapeHandle Propagation::without_const_unknowns(ShapeHandle s) {
  const int rank = arena_.rank(s);
  bool found = false;
  for (int i = 0; i < rank; ++i) found = found || arena_.value(arena_.dim(s, i)) == kUnknownFromConst;
  if (!found) return s;
  ShapeContext::Dims dims;
  for (int i = 0; i < rank; ++i) {
    const DimHandle d = arena_.dim(s, i);
    dims.push_back(arena_.value(d) == kUnknownFromConst ? arena_.unknown_dim() : d);
  }
  return arena_.make_shape(dims);
}

void Propagation::propagate_values(const Node& node, ValueRule rule, const std::vector<ShapeHandle>& inputs_as_shapes) {
  if (context_.outputs() < 1) return;
  TensorState& out = context_.output_state(0);
  const int inputs = context_.inputs();
  const bool single_identity = rule == ValueRule::identity || (node.op == "IdentityN" && inputs == 1);
  if (single_identity && inputs >= 1) {
    out.as_shape = inputs_as_shapes[0];
    out.value = context_.input_state(0).value;
    return;
  }
  switch (rule) {
    case ValueRule::constant:
      if (const AttrValue* attr = node.attrs.find("value")) {
        if (const auto* constant = std::get_if<std::shared_ptr<const Constant>>(attr); constant && *constant) {
          out.value = *constant;
          out.as_shape = as_shape(**constant);
        }
      }
      break;
    case ValueRule::rank:
      if (const int rank = arena_.rank(context_.input(0)); rank >= 0) out.value = integer_scalar(DType::int32, rank);
      break;
    case ValueRule::size: {
      const DimHandle size = context_.num_elements(context_.input(0));
      const DType dtype = node.attrs.get_type("out_type", DType::int32);
      const bool fits = dtype == DType::int64 || arena_.value(size) < std::numeric_limits<std::int32_t>::max();
      if (context_.known(size) && is_shape_type(dtype) && fits) out.value = integer_scalar(dtype, arena_.value(size));
      break;
    }
    case ValueRule::shape:
      for (int i = 0; i < std::min(inputs, context_.outputs()); ++i) {
        context_.output_state(static_cast<std::size_t>(i)).as_shape = context_.input(i);
      }
      break;
    case ValueRule::concat: {
      ShapeHandle joined;
      for (int i = 0; i + 1 < inputs; ++i) {
        const ShapeHandle part = inputs_as_shapes[static_cast<std::size_t>(i)];
        if (arena_.rank(part) < 0) return;
        joined = i == 0 ? part : context_.concatenate(joined, part);
      }
      out.as_shape = joined;
      break;
    }
    case ValueRule::pack:
      if (const auto dims = packed_dims(inputs_as_shapes)) out.as_shape = arena_.make_shape(*dims);
      break;
    case ValueRule::slice:
    case ValueRule::strided_slice:
      if (inputs >= 1) out.as_shape = sliced(node, rule, inputs_as_shapes[0]);
      break;
    default:
      break;
  }
}

/// Scalars packed into a vector are how graphs build shapes. An unknown scalar is a new unknown dimension.
std::optional<std::vector<DimHandle>> Propagation::packed_dims(const std::vector<ShapeHandle>& inputs_as_shapes) {
  std::vector<DimHandle> dims;
  for (int i = 0; i < context_.inputs(); ++i) {
    const ShapeHandle part = inputs_as_shapes[static_cast<std::size_t>(i)];
    if (const Constant* constant = context_.value(i)) {
      const auto numbers = context_.integers(i);
      if (constant->shape().rank() != 0 || !is_shape_type(constant->dtype()) || !numbers) return std::nullopt;
      dims.push_back((*numbers)[0] < 0 ? arena_.unknown_dim() : arena_.make_dim((*numbers)[0]));
    } else if (arena_.rank(part) >= 1 && context_.known(arena_.dim(part, 0))) {
      dims.push_back(arena_.dim(part, 0));
    } else {
      dims.push_back(arena_.unknown_dim());
    }
  }
  return dims;
}

ShapeHandle Propagation::sliced(const Node& node, ValueRule rule, ShapeHandle input) {
  if (arena_.rank(input) < 0) return {};
  const auto one = [&](int i) -> std::optional<std::int64_t> {
    const auto numbers = context_.integers(i);
    if (!numbers || numbers->size() != 1) return std::nullopt;
    return (*numbers)[0];
  };
  const auto begin = one(1);
  const auto end = one(2);
  if (!begin || !end) return {};
  Result<ShapeHandle> part = ShapeHandle();
  if (rule == ValueRule::slice) {
    std::int64_t last = kToTheEnd;
    if (*end != -1 && __builtin_add_overflow(*begin, *end, &last)) return {};
    part = context_.subshape(input, *begin, last);
  } else {
    const auto stride = one(3);
    const AttrMap& attrs = node.attrs;
    const std::int64_t begin_mask = attrs.get_int("begin_mask");
    const std::int64_t end_mask = attrs.get_int("end_mask");
    if (!stride || attrs.get_int("ellipsis_mask") != 0 || attrs.get_int("new_axis_mask") != 0 ||
        attrs.get_int("shrink_axis_mask") != 0 || begin_mask < 0 || begin_mask > 1 || end_mask < 0 || end_mask > 1) {
      return {};
    }
    part = context_.subshape(input, begin_mask ? 0 : *begin, end_mask ? kToTheEnd : *end, *stride);
  }
  return part.ok() ? *part : ShapeHandle();
}

std::shared_ptr<const Constant> Propagation::constant_of(ShapeHandle shape, ShapeHandle value, DType dtype) const {
  const int rank = arena_.rank(shape);
  if (!is_shape_type(dtype) || rank < 0 || rank > 1 || !context_.fully_defined(shape)) return nullptr;
  if (!context_.fully_defined(value)) return nullptr;
  const int n = arena_.rank(value);
  if (rank == 0 && n != 1) return nullptr;
  std::vector<std::int64_t> numbers;
  for (int i = 0; i < n; ++i) {
    const std::int64_t v = arena_.value(arena_.dim(value, i));
    if (v == kUnknownFromConst || (dtype == DType::int32 && v > std::numeric_limits<std::int32_t>::max()))
      return nullptr;
    numbers.push_back(v);
  }
  if (rank == 0) return integer_scalar(dtype, numbers[0]);
  if (dtype == DType::int64) return std::make_shared<const Constant>(Tensor::vector(numbers));
  return std::make_shared<const Constant>(Tensor::vector(std::vector<std::int32_t>(numbers.begin(), numbers.end())));
}

std::shared_ptr<const Constant> Propagation::value(NodeId node, int port) const {
  const TensorState& t = tensors_[static_cast<std::size_t>(begin(node) + port)];
  if (t.value) return t.value;
  return constant_of(t.shape, t.as_shape, type(node, port).dtype);
}

}  // namespace isotherm::shapes
