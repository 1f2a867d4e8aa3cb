#include "core/ops/shapes/context.h"

#include <algorithm>

namespace isotherm::shapes {
namespace {

/// Constants with more elements are not looked at: shape arguments are short.
constexpr std::int64_t kMaxValueElements = 128;
/// A shape argument may not ask for more dimensions.
constexpr std::int64_t kMaxDims = 254;

std::string text(std::int64_t v) { return v < 0 ? "?" : std::to_string(v); }

}  // namespace

void ShapeContext::reset(const Node& node, std::size_t inputs, std::size_t outputs) {
  node_ = &node;
  inputs_.assign(inputs, {});
  outputs_.assign(outputs, {});
  clear_results();
}

void ShapeContext::clear_results() {
  for (TensorState& out : outputs_) out = {};
  forget_merges();
  read_partial_value_ = false;
}

void ShapeContext::forget_merges() {
  merged_shapes_.clear();
  merged_dims_.clear();
}

ShapeHandle ShapeContext::input(int i) {
  if (i < 0 || i >= inputs()) return unknown_shape();
  return inputs_[static_cast<std::size_t>(i)].shape;
}

const Constant* ShapeContext::value(int i) const {
  if (i < 0 || i >= inputs()) return nullptr;
  const Constant* constant = inputs_[static_cast<std::size_t>(i)].value.get();
  if (!constant) return nullptr;
  const auto elements = constant->shape().elements();
  return elements && *elements <= kMaxValueElements ? constant : nullptr;
}

std::optional<std::vector<std::int64_t>> ShapeContext::integers(int i) const {
  const Constant* constant = value(i);
  return constant ? constant->integers(kMaxValueElements) : std::nullopt;
}

const std::optional<HandleData>& ShapeContext::handle(int i) const {
  static const std::optional<HandleData> none;
  return i >= 0 && i < inputs() ? inputs_[static_cast<std::size_t>(i)].handle : none;
}

void ShapeContext::set_output(int i, ShapeHandle shape) {
  if (i >= 0 && i < outputs()) outputs_[static_cast<std::size_t>(i)].shape = shape;
}

void ShapeContext::set_all_outputs(ShapeHandle shape) {
  for (TensorState& out : outputs_) out.shape = shape;
}

void ShapeContext::set_output_handle(int i, const std::optional<HandleData>& handle) {
  if (i >= 0 && i < outputs()) outputs_[static_cast<std::size_t>(i)].handle = handle;
}

DimHandle ShapeContext::dim(ShapeHandle s, std::int64_t i) {
  const int r = rank(s);
  if (i < 0) i += r;
  if (r < 0 || i < 0 || i >= r) return unknown_dim();
  return arena_.dim(s, static_cast<int>(i));
}

bool ShapeContext::fully_defined(ShapeHandle s) const {
  const int r = rank(s);
  if (r < 0) return false;
  for (int i = 0; i < r; ++i) {
    if (!known(arena_.dim(s, i))) return false;
  }
  return true;
}

DimHandle ShapeContext::num_elements(ShapeHandle s) {
  const int r = rank(s);
  if (r < 0) return unknown_dim();
  bool unknown = false;
  std::int64_t product = 1;
  for (int i = 0; i < r; ++i) {
    const std::int64_t v = value(arena_.dim(s, i));
    if (v == 0) return make_dim(0);
    if (v < 0 || __builtin_mul_overflow(product, v, &product)) {
      unknown = true;
      product = 1;
    }
  }
  return unknown ? unknown_dim() : make_dim(product);
}

std::string ShapeContext::to_string(ShapeHandle s) const {
  const int r = rank(s);
  if (r < 0) return "<unknown>";
  std::string out = "[";
  for (int i = 0; i < r; ++i) out += (i ? "," : "") + text(value(arena_.dim(s, i)));
  return out + "]";
}

ShapeHandle ShapeContext::unknown_shape_of_rank(std::int64_t rank) {
  if (rank < 0 || rank > kMaxDims) return unknown_shape();
  Dims dims(static_cast<std::size_t>(rank));
  for (DimHandle& d : dims) d = unknown_dim();
  return make_shape(dims);
}

Result<ShapeHandle> ShapeContext::from_shape(const Shape& shape) {
  if (!shape.has_rank()) return unknown_shape();
  if (shape.rank() > kMaxDims) {
    return invalid_input("a shape has " + std::to_string(shape.rank()) + " dimensions, at most " +
                         std::to_string(kMaxDims) + " are possible");
  }
  Dims dims;
  dims.reserve(shape.dims().size());
  for (const std::int64_t v : shape.dims()) dims.push_back(make_dim(v));
  return make_shape(dims);
}

Result<ShapeHandle> ShapeContext::from_attr(std::string_view name) {
  const Shape* shape = attrs().get_shape(name);
  return shape ? from_shape(*shape) : Result<ShapeHandle>(unknown_shape());
}

Result<ShapeHandle> ShapeContext::from_value(int i) {
  const Constant* constant = value(i);
  if (!constant) {
    // The value is not known, but its length is the rank.
    const DimHandle length = dim(input(i), 0);
    return known(length) ? unknown_shape_of_rank(value(length)) : unknown_shape();
  }
  const auto numbers = constant->dtype() == DType::int32 || constant->dtype() == DType::int64
                           ? constant->integers(kMaxValueElements)
                           : std::nullopt;
  if (!numbers) {
    return invalid_input("input " + std::to_string(i) + " gives a shape and has dtype " +
                         std::string(dtype_name(constant->dtype())) + ", expected int32 or int64");
  }
  Dims dims;
  for (const std::int64_t v : *numbers) {
    if (v < -1) {
      return invalid_input("input " + std::to_string(i) + " gives a shape with dimension " + std::to_string(v) +
                           ", expected -1 or more");
    }
    dims.push_back(make_dim(v));
  }
  return make_shape(dims);
}

Result<ShapeHandle> ShapeContext::from_input(int i) {
  ISO_TRY(with_rank(input(i), 1).status());
  read_partial_value_ = true;
  if (i >= 0 && i < inputs() && has_rank(inputs_[static_cast<std::size_t>(i)].as_shape)) {
    return inputs_[static_cast<std::size_t>(i)].as_shape;
  }
  return from_value(i);
}

Result<ShapeHandle> ShapeContext::from_input_scalar_as_unknown(int i) {
  ISO_ASSIGN(const ShapeHandle found, with_rank_at_most(input(i), 1));
  read_partial_value_ = true;
  if (const auto numbers = integers(i); numbers && value(i)->shape().rank() == 0) {
    if ((*numbers)[0] == -1) return unknown_shape();
    return invalid_input("input " + std::to_string(i) + " gives a shape and is the scalar " +
                         std::to_string((*numbers)[0]) + ", expected a vector or -1");
  }
  if (i >= 0 && i < inputs() && has_rank(inputs_[static_cast<std::size_t>(i)].as_shape)) {
    return inputs_[static_cast<std::size_t>(i)].as_shape;
  }
  if (!value(i) && rank(found) < 1) return unknown_shape();
  return from_value(i);
}

Result<DimHandle> ShapeContext::dim_from_scalar(int i) {
  const auto numbers = integers(i);
  if (!numbers) return unknown_dim();
  if (numbers->size() != 1 || value(i)->shape().rank() != 0) {
    return invalid_input("input " + std::to_string(i) + " gives a size and has shape " +
                         value(i)->shape().to_tf_string() + ", expected a scalar");
  }
  if ((*numbers)[0] < 0) {
    return invalid_input("input " + std::to_string(i) + " gives the size " + std::to_string((*numbers)[0]) +
                         ", expected 0 or more");
  }
  return make_dim((*numbers)[0]);
}

Result<std::optional<std::int64_t>> ShapeContext::axis_from_scalar(int i, int rank) {
  const auto numbers = integers(i);
  if (!numbers) return std::optional<std::int64_t>();
  if (numbers->size() != 1 || value(i)->shape().rank() != 0) {
    return invalid_input("input " + std::to_string(i) + " gives an axis and has shape " +
                         value(i)->shape().to_tf_string() + ", expected a scalar");
  }
  std::int64_t axis = (*numbers)[0];
  if (axis < 0 && rank < 0) return std::optional<std::int64_t>();
  if (rank >= 0 && (axis < -rank || axis >= rank)) {
    return invalid_input("input " + std::to_string(i) + " gives axis " + std::to_string(axis) + ", expected one of [" +
                         std::to_string(-rank) + "," + std::to_string(rank) + ")");
  }
  if (axis < 0) axis += rank;
  return std::optional(axis);
}

}  // namespace isotherm::shapes
