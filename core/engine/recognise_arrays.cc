// Matrix product, reduction, softmax, and what moves data about.
#include <algorithm>

#include "core/engine/layers.h"
#include "core/engine/recognise_layers.h"

namespace isotherm {

bool recognise_matmul(LayerView& view) {
  const Node& node = view.node();
  if (node.op != "MatMul" || !view.is_float(0) || !view.is_float(1)) return false;
  const bool constant = view.constant(1).valid() && !view.constant(0).valid();
  Layer& layer = view.layer();
  layer.kind = LayerKind::matmul;
  if (!constant || node.attrs.get_bool("transpose_a") || view.input_shape(0).rank() != 2) return true;  // by its node
  layer.attrs.set("transpose_b", node.attrs.get_bool("transpose_b"));
  layer.weights = view.constant(1);
  view.keep_inputs({0});
  return true;
}

bool recognise_reduce(LayerView& view) {
  const Node& node = view.node();
  if (node.op != "Mean" && node.op != "Sum" && node.op != "Max" && node.op != "Min" && node.op != "Prod") return false;
  Layer& layer = view.layer();
  layer.kind = LayerKind::reduce;
  layer.attrs.set("op", node.op);
  std::vector<std::int64_t> axes;
  if (!view.is_float(0) || !view.integers(1, axes)) return true;  // by its node
  const std::int64_t rank = view.input_shape(0).rank();
  for (std::int64_t& axis : axes)
    if (axis < 0) axis += rank;
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  if (!axes.empty() && (axes.front() < 0 || axes.back() >= rank)) return true;
  layer.attrs.set("axes", ints_attr(axes));
  layer.attrs.set("keep_dims", node.attrs.get_bool("keep_dims"));
  view.keep_inputs({0});
  return true;
}

bool recognise_softmax(LayerView& view) {
  if (view.node().op != "Softmax" || !view.is_float(0) || view.input_shape(0).rank() < 1) return false;
  view.layer().kind = LayerKind::softmax;
  view.layer().attrs.set("axis", static_cast<std::int64_t>(view.input_shape(0).rank() - 1));
  return true;
}

bool recognise_concat(LayerView& view) {
  const std::string& op = view.node().op;
  if ((op != "ConcatV2" && op != "Concat") || view.inputs() < 2) return false;
  const int n = view.inputs() - 1;
  const int axis_input = op == "ConcatV2" ? n : 0, first = op == "ConcatV2" ? 0 : 1;
  Layer& layer = view.layer();
  layer.kind = LayerKind::concat;
  std::vector<std::int64_t> axis;
  if (!view.integers(axis_input, axis) || axis.size() != 1 || !view.output_shape().is_static())
    return true;  // by its node
  std::vector<int> data;
  for (int i = first; i < first + n; ++i) {
    if (!view.is_float(i) || view.input_shape(i).rank() != view.output_shape().rank()) return true;
    data.push_back(i);
  }
  if (axis[0] < 0) axis[0] += view.output_shape().rank();
  if (axis[0] < 0 || axis[0] >= view.output_shape().rank()) return true;
  layer.attrs.set("axis", axis[0]);
  view.keep_inputs(data);
  return true;
}

bool recognise_shuffle(LayerView& view) {
  const std::string& op = view.node().op;
  Layer& layer = view.layer();
  if (op == "Reshape" || op == "Squeeze" || op == "ExpandDims") {
    layer.kind = LayerKind::shuffle;
    if (!view.input_shape(0).is_static() || !view.output_shape().is_static()) return true;  // by its node
    if (view.input_shape(0).elements() != view.output_shape().elements()) return true;
    layer.attrs.set("mode", std::string("reshape"));
    view.keep_inputs({0});
    return true;
  }
  if (op != "Transpose") return false;
  layer.kind = LayerKind::shuffle;
  std::vector<std::int64_t> perm;
  if (!view.is_float(0) || !view.integers(1, perm)) return true;
  layer.attrs.set("mode", std::string("transpose"));
  layer.attrs.set("perm", ints_attr(perm));
  view.keep_inputs({0});
  return true;
}

bool recognise_pad(LayerView& view) {
  const std::string& op = view.node().op;
  if (op != "Pad" && op != "PadV2") return false;
  Layer& layer = view.layer();
  layer.kind = LayerKind::pad;
  std::vector<std::int64_t> pads;
  if (!view.is_float(0) || !view.integers(1, pads)) return true;  // by its node
  if (static_cast<int>(pads.size()) != 2 * view.input_shape(0).rank()) return true;
  double value = 0;
  if (op == "PadV2") {
    if (!view.constant(2).valid() || view.constant(2).elements() != 1) return true;
    value = number_at(view.constant(2), 0);
  }
  std::vector<std::int64_t> before, after;
  for (std::size_t i = 0; i < pads.size(); i += 2) {
    before.push_back(pads[i]);
    after.push_back(pads[i + 1]);
  }
  layer.attrs.set("pads_before", ints_attr(before));
  layer.attrs.set("pads_after", ints_attr(after));
  layer.attrs.set("value", static_cast<float>(value));
  view.keep_inputs({0});
  return true;
}

}  // namespace isotherm
