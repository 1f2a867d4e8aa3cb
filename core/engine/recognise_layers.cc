#include "core/engine/recognise_layers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/engine/network_edit.h"

namespace isotherm {

LayerView::LayerView(Network& network, Layer& layer)
    : network_(network), layer_(layer), node_(&node_of(network, layer)) {}

const NetworkTensor& LayerView::tensor(int i) const {
  return tensor_at(network_, layer_.native_inputs[static_cast<std::size_t>(i)]);
}

const Shape& LayerView::output_shape() const { return tensor_at(network_, layer_.outputs[0]).shape; }

bool LayerView::is_float(int i) const {
  if (i >= inputs() || layer_.outputs.empty()) return false;
  const NetworkTensor& out = tensor_at(network_, layer_.outputs[0]);
  return tensor(i).dtype == DType::float32 && tensor(i).shape.is_static() && out.dtype == DType::float32 &&
         out.shape.is_static();
}

bool LayerView::channels_first() const { return node_->attrs.get_string("data_format", "NHWC").starts_with("NC"); }

bool LayerView::integers(int i, std::vector<std::int64_t>& values) const {
  if (i >= inputs()) return false;
  const Tensor& t = constant(i);
  if (!t.valid() || !t.on_host() || !is_integer(t.dtype()) || t.elements() > 64) return false;
  values.clear();
  for (std::int64_t k = 0; k < t.elements(); ++k) values.push_back(integer_at(t, k));
  return true;
}

void LayerView::keep_inputs(const std::vector<int>& indices) {
  std::vector<int> kept;
  for (const int i : indices) kept.push_back(layer_.native_inputs[static_cast<std::size_t>(i)]);
  for (const int t : layer_.native_inputs)
    if (std::find(kept.begin(), kept.end(), t) == kept.end()) take_folded(network_, layer_, t);
  layer_.inputs = std::move(kept);
}

namespace {

/// Kinds of ops that only need their name in reports and timings: a device runs their node.
LayerKind kind_by_name(std::string_view op) {
  constexpr std::array<std::pair<std::string_view, LayerKind>, 14> kinds = {{
      {"Slice", LayerKind::slice},
      {"StridedSlice", LayerKind::slice},
      {"Split", LayerKind::slice},
      {"SplitV", LayerKind::slice},
      {"Unpack", LayerKind::slice},
      {"Gather", LayerKind::gather},
      {"GatherV2", LayerKind::gather},
      {"GatherNd", LayerKind::gather},
      {"ResizeBilinear", LayerKind::resize},
      {"ResizeNearestNeighbor", LayerKind::resize},
      {"DepthToSpace", LayerKind::shuffle},
      {"SpaceToDepth", LayerKind::shuffle},
      {"BatchMatMul", LayerKind::matmul},
      {"BatchMatMulV2", LayerKind::matmul},
  }};
  for (const auto& [name, kind] : kinds)
    if (name == op) return kind;
  return LayerKind::native;
}

}  // namespace

Network recognise_layers(Network network) {
  constexpr std::array recognisers = {
      recognise_convolution, recognise_deconvolution, recognise_matmul, recognise_pooling,
      recognise_scale_shift, recognise_elementwise,   recognise_reduce, recognise_softmax,
      recognise_concat,      recognise_shuffle,       recognise_pad};
  const NetworkIndex index(network);
  for (Layer& layer : network.layers) {
    if (!is_single_node(layer) || layer.outputs.empty()) continue;
    // A batch norm's statistics may be read: then it is no pointwise layer. The first output alone is all that others
    // have.
    bool others_read = false;
    for (std::size_t o = 1; o < layer.outputs.size(); ++o)
      others_read |= index.is_output(layer.outputs[o]) || !index.readers(layer.outputs[o]).empty();
    LayerView view(network, layer);
    const bool known =
        !others_read && std::any_of(recognisers.begin(), recognisers.end(), [&](auto f) { return f(view); });
    if (!known) layer.kind = kind_by_name(view.node().op);
  }
  return network;
}

}  // namespace isotherm
