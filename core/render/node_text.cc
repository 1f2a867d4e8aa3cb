#include "core/render/node_text.h"

#include <algorithm>
#include <cctype>

namespace isotherm::render {
namespace {

std::string short_op(std::string_view op) {
  if (op.starts_with("FusedBatchNorm")) return "BatchNorm";
  if (op == "DepthwiseConv2dNative") return "Depthwise";
  if (op == "Conv2DBackpropInput") return "Deconvolution";
  return std::string(op);
}

std::string by(std::int64_t a, std::int64_t b) {
  const auto word = [](std::int64_t v) { return v < 0 ? std::string("?") : std::to_string(v); };
  return word(a) + "×" + word(b);
}

/// Height and width among four values in the node's data format.
std::pair<std::int64_t, std::int64_t> spatial(const Node& node, const std::vector<std::int64_t>& values) {
  if (values.size() != 4) return {1, 1};
  const bool channels_first = node.attrs.get_string("data_format") == "NCHW";
  return channels_first ? std::pair{values[2], values[3]} : std::pair{values[1], values[2]};
}

/// Shape of the weights that input 1 reads, through Identities, where inference does not know it.
Shape weight_shape(const Graph& graph, const GraphShapes* shapes, const Node& node) {
  if (node.data_inputs < 2) return Shape::unknown_rank();
  if (shapes != nullptr) {
    const Shape& inferred = shapes->info({node.inputs[1].node, node.inputs[1].port}).shape;
    if (inferred.has_rank()) return inferred;
  }
  NodeId id = node.inputs[1].node;
  for (int steps = 0; steps < 8; ++steps) {
    const Node& weight = graph[id];
    if (const Constant* value = weight.attrs.get_constant("value"); value != nullptr && weight.op == "Const")
      return value->shape();
    if (weight.data_inputs != 1) break;
    id = weight.inputs[0].node;
  }
  return Shape::unknown_rank();
}

}  // namespace

bool ends_in_op(std::string_view last_part, std::string_view op) {
  if (!last_part.starts_with(op)) {
    // "BatchNormV3" in a name for FusedBatchNormV3, "Add" for AddV2.
    std::string_view base = op;
    while (!base.empty() && (std::isdigit(static_cast<unsigned char>(base.back())) != 0 || base.back() == 'V'))
      base.remove_suffix(1);
    if (base.size() < 3 || !last_part.starts_with(base)) return false;
    last_part.remove_prefix(base.size());
  } else {
    last_part.remove_prefix(op.size());
  }
  if (last_part.empty()) return true;
  if (last_part.front() != '_') return false;
  last_part.remove_prefix(1);
  return std::all_of(last_part.begin(), last_part.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

NodeWords node_words(const Graph& graph, const GraphShapes* shapes, NodeId id, std::string_view prefix) {
  const Node& node = graph[id];
  NodeWords words;
  words.op = short_op(node.op);
  std::string_view name = node.name;
  if (name.starts_with(prefix) && name.size() > prefix.size()) name.remove_prefix(prefix.size());
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || slash + 1 >= name.size()) {
    words.title = name;
  } else {
    const std::string_view last = name.substr(slash + 1);
    const std::string_view above = name.substr(0, slash);
    const std::size_t second = above.rfind('/');
    const std::string_view scope = second == std::string_view::npos ? above : above.substr(second + 1);
    const bool said = ends_in_op(last, node.op) || scope.ends_with(last);
    words.title = said && !scope.empty() ? std::string(scope) : std::string(scope) + "/" + std::string(last);
  }

  if (node.op.find("Conv") != std::string::npos && node.data_inputs >= 2) {
    const Shape weights = weight_shape(graph, shapes, node);
    if (weights.rank() == 4) words.sizes = by(weights[0], weights[1]);
  } else if (node.op.find("Pool") != std::string::npos) {
    if (const auto ksize = node.attrs.get_ints("ksize"); ksize.size() == 4) {
      const auto [h, w] = spatial(node, ksize);
      words.sizes = by(h, w);
    }
  }
  if (!words.sizes.empty()) {
    const auto [h, w] = spatial(node, node.attrs.get_ints("strides"));
    if (h > 1 || w > 1) words.sizes += h == w ? " /" + std::to_string(h) : " /" + by(h, w);
  }
  return words;
}

std::string shape_words(const TensorInfo& info, bool without_batch) {
  if (!info.shape.has_rank()) return {};
  const auto& dims = info.shape.dims();
  std::string out;
  if (info.dtype != DType::float32 && info.dtype != DType::invalid) out = std::string(dtype_name(info.dtype)) + " ";
  const std::size_t from = without_batch && dims.size() > 1 ? 1 : 0;
  if (dims.empty()) return out + "scalar";
  for (std::size_t i = from; i < dims.size(); ++i) {
    if (i > from) out += "×";
    out += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return out;
}

}  // namespace isotherm::render
