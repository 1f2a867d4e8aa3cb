// Array ops that change nothing become Identity.
#include <algorithm>
#include <limits>
#include <set>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {
namespace {

/// Dimensions as far as they are known; none for an unknown rank.
int dim_count(const Shape& shape) { return std::max(shape.rank(), 0); }

template <class F>
bool for_all_dims(const Shape& shape, F holds) {
  for (int i = 0; i < dim_count(shape); ++i)
    if (!holds(i)) return false;
  return true;
}

}  // namespace

bool ConstantFolder::remove_split(WorkNode& n) {
  if (n.attrs.get_int("num_split") != 1) return false;
  if (n.is("Split")) return replace_with_identity(n, 1);
  return n.is("SplitV") && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_transpose(WorkNode& n) {
  if (properties_.empty() || !n.is("Transpose") || properties_.input_count(n.name) < 1) return false;
  const auto order = integer_input(n, 1);
  if (!order) return false;
  const Shape& shape = properties_.input(n.name, 0).shape;
  if (static_cast<int>(order->size()) != dim_count(shape)) return false;
  const bool stays =
      for_all_dims(shape, [&](int i) { return shape.dim(i) == 1 || (*order)[static_cast<std::size_t>(i)] == i; });
  return stays && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_random_shuffle(WorkNode& n) {
  if (properties_.empty() || !n.is("RandomShuffle") || properties_.input_count(n.name) < 1) return false;
  const Shape& shape = properties_.input(n.name, 0).shape;
  return shape.has_rank() && (shape.rank() == 0 || shape.dim(0) == 1) && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_reverse(WorkNode& n) {
  if (properties_.empty() || !n.is("ReverseV2") || properties_.input_count(n.name) < 1) return false;
  const auto axes = integer_input(n, 1);
  const Shape& shape = properties_.input(n.name, 0).shape;
  if (!axes || !shape.has_rank()) return false;
  std::set<std::int64_t> reversed;
  for (const std::int64_t axis : *axes)
    if (shape.rank() > 0) reversed.insert((axis + shape.rank()) % shape.rank());
  const bool stays = for_all_dims(shape, [&](int i) { return shape.dim(i) == 1 || !reversed.contains(i); });
  return stays && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_slice(WorkNode& n) {
  if (properties_.empty() || !n.is("Slice") || properties_.input_count(n.name) < 1) return false;
  const auto begin = integer_input(n, 1), size = integer_input(n, 2);
  const Shape& shape = properties_.input(n.name, 0).shape;
  if (!begin || !size || !shape.has_rank()) return false;
  const auto rank = static_cast<std::size_t>(shape.rank());
  if (begin->size() < rank || size->size() < rank) return false;
  const bool stays = for_all_dims(shape, [&](int i) {
    const auto k = static_cast<std::size_t>(i);
    return (*begin)[k] == 0 && ((*size)[k] == -1 || (*size)[k] == shape.dim(i));
  });
  return stays && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_strided_slice(WorkNode& n) {
  if (properties_.empty() || !n.is("StridedSlice") || properties_.input_count(n.name) != 4) return false;
  if (n.attrs.get_int("new_axis_mask") != 0 || n.attrs.get_int("shrink_axis_mask") != 0) return false;
  const Shape& shape = properties_.input(n.name, 0).shape;
  const auto begin = integer_input(n, 1), end = integer_input(n, 2), strides = integer_input(n, 3);
  if (!shape.is_static() || !begin || !end || !strides) return false;
  const int rank = shape.rank();
  const int entries = static_cast<int>(strides->size());
  const std::int64_t begin_mask = n.attrs.get_int("begin_mask"), end_mask = n.attrs.get_int("end_mask");
  const std::int64_t ellipsis_mask = n.attrs.get_int("ellipsis_mask");
  // Dimensions that an ellipsis stands for, given or implied at the end, are taken whole.
  const auto bit = [](std::int64_t mask, int i) { return i < 64 && (mask >> i & 1) != 0; };
  std::set<int> whole;
  int ellipsis = -1;
  for (int i = 0; i < rank; ++i) {
    if (bit(ellipsis_mask, i) || (ellipsis == -1 && i >= entries)) ellipsis = i;
    if (ellipsis != -1 && rank > entries + i - ellipsis) whole.insert(i);
  }
  const int whole_count = static_cast<int>(whole.size());
  const bool stays = for_all_dims(shape, [&](int i) {
    if (whole.contains(i)) return true;
    const int entry = ellipsis != -1 && i >= ellipsis + whole_count ? i - whole_count : i;
    if (entry < 0 || entry >= entries || entry >= static_cast<int>(std::min(begin->size(), end->size()))) return false;
    const auto k = static_cast<std::size_t>(entry);
    return (bit(begin_mask, entry) || (*begin)[k] == 0) && (bit(end_mask, entry) || (*end)[k] == shape.dim(i)) &&
           (*strides)[k] == 1;
  });
  return stays && replace_with_identity(n, 0);
}

bool ConstantFolder::remove_tile(WorkNode& n) {
  if (properties_.empty() || !n.is("Tile")) return false;
  const auto multiples = integer_input(n, 1);
  return multiples && std::all_of(multiples->begin(), multiples->end(), [](auto m) { return m == 1; }) &&
         replace_with_identity(n, 0);
}

bool ConstantFolder::remove_pad(WorkNode& n) {
  if (properties_.empty() || (!n.is("Pad") && !n.is("PadV2"))) return false;
  const auto paddings = integer_input(n, 1);
  return paddings && std::all_of(paddings->begin(), paddings->end(), [](auto p) { return p == 0; }) &&
         replace_with_identity(n, 0);
}

bool ConstantFolder::remove_squeeze(WorkNode& n) {
  if (properties_.empty() || !n.is("Squeeze") || properties_.input_count(n.name) < 1) return false;
  const Shape& shape = properties_.input(n.name, 0).shape;
  return shape.has_rank() && for_all_dims(shape, [&](int i) { return shape.dim(i) > 1; }) &&
         replace_with_identity(n, 0);
}

/// A Pack of one tensor is an ExpandDims.
bool ConstantFolder::simplify_pack(WorkNode& n) {
  if (!n.is("Pack") || n.data_inputs() != 1) return false;
  const std::string name = made_name(n, "_const_axis");
  if (exists(name) || fed_.contains(n.inputs[0].node)) return false;
  WorkNode& axis = add_constant(name, integer_scalar(DType::int32, n.attrs.get_int("axis")), n);
  axis.inputs = {control_after(n.inputs[0])};
  map_->add_output(n.inputs[0].node, axis.name);
  graph_.set_op(n, "ExpandDims");
  n.attrs.erase("axis");
  n.attrs.erase("N");
  n.attrs.set("Tdim", TypeValue(DType::int32));
  n.inputs.push_back({axis.name, 0});
  std::swap(n.inputs[1], n.inputs.back());
  map_->add_output(axis.name, n.name);
  return true;
}

/// A Reshape to the shape that the tensor has already.
bool ConstantFolder::simplify_reshape(WorkNode& n) {
  if (properties_.empty() || !n.is("Reshape") || !n.attrs.contains("T") || properties_.input_count(n.name) < 1)
    return false;
  const auto wanted = integer_input(n, 1);
  const TensorInfo& input = properties_.input(n.name, 0);
  if (!wanted || input.dtype == DType::invalid || !input.shape.is_static()) return false;
  if (static_cast<int>(wanted->size()) != input.shape.rank()) return false;
  const bool stays = for_all_dims(input.shape, [&](int i) {
    const std::int64_t dim = (*wanted)[static_cast<std::size_t>(i)];
    return dim == -1 || dim == input.shape.dim(i);
  });
  if (!stays) return false;
  const TypeValue dtype = n.attrs.get_type("T");
  graph_.set_op(n, "Identity");
  erase_regular_attrs(n);
  n.attrs.set("T", dtype);
  n.inputs[1] = control_on(n.inputs[1].node);
  return true;
}

}  // namespace isotherm::passes
