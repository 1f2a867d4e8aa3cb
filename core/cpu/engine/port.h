// How a network's tensors lie in memory, and how a tactic gets an input in the layout it wants.
//
// A tensor of rank 3 and more is described to oneDNN with its last dimension as channels: logical dims are
// {d0, d_last, d1, .., d_last-1}, so that NHWC and the blocked nChw16c are layouts of one description. Lower ranks
// keep their order.
#pragma once

#include "core/cpu/onednn.h"
#include "core/engine/network.h"

namespace isotherm::cpu {

/// Physical layout of a network tensor's elements.
struct TensorLayout {
  memory::desc desc;
  Shape shape;  ///< as the network has it
};

memory::dims logical_dims(const Shape& shape);
/// Logical axis of a network axis.
int logical_axis(int axis, int rank);
/// Row-major in the network's order, float32.
memory::desc plain_desc(const Shape& shape);
/// Row-major in the order of `dims`.
memory::desc dense_desc(const memory::dims& dims);
inline memory::desc any_desc(const memory::dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}
/// Whether the bytes are the same as those of plain_desc(shape).
bool is_plain(const memory::desc& desc, const Shape& shape);
/// "nhwc", "nChw16c", ..: for names of tactics.
std::string layout_name(const memory::desc& desc);

inline std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// An input of a tactic: zero, one or two reorders from the layout it has to the one that is wanted.
class InputPort {
 public:
  InputPort() = default;
  /// `have` holds the elements; the layer sees them as `shape` (a view's shape may differ from have.shape). `wanted`
  /// describes logical_dims(shape), or, with `reinterpret`, the row-major elements in its own way. Throws dnnl::error.
  InputPort(const TensorLayout& have, const Shape& shape, const memory::desc& wanted, bool reinterpret = false);

  [[nodiscard]] std::size_t workspace_bytes() const { return first_bytes_ + second_bytes_; }
  [[nodiscard]] bool is_direct() const { return workspace_bytes() == 0; }
  /// The input in the wanted layout; `workspace` has workspace_bytes(). Throws dnnl::error.
  memory& bring(std::byte* data, std::byte* workspace);

 private:
  memory source_, plain_, plain_view_, wanted_;
  dnnl::reorder to_plain_, to_wanted_;
  bool makes_plain_ = false, makes_wanted_ = false;
  std::size_t first_bytes_ = 0, second_bytes_ = 0;
};

/// Points a memory object at `data`; does nothing if it is there already (oneDNN clears padding on every change).
inline memory& bind(memory& m, std::byte* data) {
  if (m.get_data_handle() != data) m.set_data_handle(data);
  return m;
}
inline memory unbound(const memory::desc& desc) { return {desc, onednn_engine(), nullptr}; }

}  // namespace isotherm::cpu
