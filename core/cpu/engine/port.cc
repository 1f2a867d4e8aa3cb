#include "core/cpu/engine/port.h"

#include <algorithm>

namespace isotherm::cpu {
namespace {

memory::dims row_major_strides(const memory::dims& dims) {
  memory::dims strides(dims.size());
  memory::dim stride = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<memory::dim>(dims[i], 1);
  }
  return strides;
}

memory::dims permute_to_logical(const memory::dims& values) {
  if (values.size() < 3) return values;
  memory::dims out = {values.front(), values.back()};
  out.insert(out.end(), values.begin() + 1, values.end() - 1);
  return out;
}

}  // namespace

memory::dims logical_dims(const Shape& shape) {
  if (shape.rank() == 0) return {1};
  return permute_to_logical(shape.dims());
}

int logical_axis(int axis, int rank) {
  if (rank < 3 || axis == 0) return axis;
  return axis == rank - 1 ? 1 : axis + 1;
}

memory::desc plain_desc(const Shape& shape) {
  if (shape.rank() == 0) return dense_desc({1});
  return {permute_to_logical(shape.dims()), memory::data_type::f32,
          permute_to_logical(row_major_strides(shape.dims()))};
}

memory::desc dense_desc(const memory::dims& dims) { return {dims, memory::data_type::f32, row_major_strides(dims)}; }

bool is_plain(const memory::desc& desc, const Shape& shape) {
  if (desc == plain_desc(shape)) return true;
  // A blocked layout of one place per channel, with no padded channels, has its elements in the plain order.
  const auto elements = shape.elements();
  if (!elements || desc.get_size() != static_cast<std::size_t>(*elements) * sizeof(float)) return false;
  const memory::dims dims = logical_dims(shape);
  if (desc.dims() != dims || dims.size() < 3) return false;
  return std::all_of(dims.begin() + 2, dims.end(), [](memory::dim d) { return d == 1; });
}

std::string layout_name(const memory::desc& desc) {
  const memory::dims dims = desc.dims();
  using tag = memory::format_tag;
  const auto is = [&](tag t) { return desc == memory::desc(dims, memory::data_type::f32, t); };
  switch (dims.size()) {
    case 2:
      return is(tag::ab) ? "nc" : "cn";
    case 4:
      if (is(tag::nhwc)) return "nhwc";
      if (is(tag::nchw)) return "nchw";
      if (is(tag::nChw16c)) return "nChw16c";
      if (is(tag::nChw8c)) return "nChw8c";
      return "other layout";
    case 5:
      if (is(tag::ndhwc)) return "ndhwc";
      if (is(tag::nCdhw16c)) return "nCdhw16c";
      if (is(tag::nCdhw8c)) return "nCdhw8c";
      return "other layout";
    default:
      return "rank " + std::to_string(dims.size());
  }
}

InputPort::InputPort(const TensorLayout& have, const Shape& shape, const memory::desc& wanted, bool reinterpret) {
  source_ = unbound(have.desc);
  wanted_ = unbound(wanted);
  const bool same_logic = !reinterpret && have.shape == shape;
  if (same_logic) {
    if (have.desc == wanted) return;
    makes_wanted_ = true;
    second_bytes_ = round_up(wanted.get_size());
    to_wanted_ = dnnl::reorder(source_, wanted_);
    return;
  }
  if (!is_plain(have.desc, have.shape)) {
    makes_plain_ = true;
    plain_ = unbound(plain_desc(have.shape));
    first_bytes_ = round_up(plain_.get_desc().get_size());
    to_plain_ = dnnl::reorder(source_, plain_);
  }
  if (reinterpret) return;
  plain_view_ = unbound(plain_desc(shape));
  if (plain_view_.get_desc() == wanted) return;
  makes_wanted_ = true;
  second_bytes_ = round_up(wanted.get_size());
  to_wanted_ = dnnl::reorder(plain_view_, wanted_);
}

memory& InputPort::bring(std::byte* data, std::byte* workspace) {
  dnnl::stream& stream = onednn_stream();
  if (makes_plain_) {
    to_plain_.execute(stream, bind(source_, data), bind(plain_, workspace));
    data = workspace;
    workspace += first_bytes_;
  }
  if (makes_wanted_) {
    memory& from = plain_view_.get(true) ? plain_view_ : source_;
    to_wanted_.execute(stream, bind(from, data), bind(wanted_, workspace));
    return wanted_;
  }
  return bind(wanted_, data);
}

}  // namespace isotherm::cpu
