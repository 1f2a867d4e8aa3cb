#include "core/engine/fold_pads.h"

#include <algorithm>
#include <limits>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

struct PadValues {
  std::vector<std::int64_t> before, after;
  float value = 0;
};

/// Spatial part of the padding; false if batch or channels are padded too, or anything is cut.
bool spatial_pads(const PadValues& pad, bool channels_first, Spatial& before, Spatial& after) {
  before = spatial_part(pad.before, channels_first);
  after = spatial_part(pad.after, channels_first);
  const std::size_t channel = channels_first ? 1 : pad.before.size() - 1;
  if (before.empty() || pad.before[0] || pad.after[0] || pad.before[channel] || pad.after[channel]) return false;
  const auto negative = [](std::int64_t v) { return v < 0; };
  return std::none_of(before.begin(), before.end(), negative) && std::none_of(after.begin(), after.end(), negative);
}

bool never_negative(const Network& network, const NetworkIndex& index, int tensor, int depth = 8) {
  const int p = index.producer(tensor);
  if (p < 0 || depth == 0) return false;
  const Layer& layer = layer_at(network, p);
  if (!layer.post_ops.empty()) {
    const PostOp& last = layer.post_ops.back();
    return last.kind == PostOp::Kind::relu || last.kind == PostOp::Kind::relu6 || last.kind == PostOp::Kind::sigmoid ||
           (last.kind == PostOp::Kind::unary && (last.op == "Abs" || last.op == "Square" || last.op == "Exp"));
  }
  const auto inputs_are = [&] {
    return std::all_of(layer.inputs.begin(), layer.inputs.end(),
                       [&](int t) { return never_negative(network, index, t, depth - 1); });
  };
  switch (layer.kind) {
    case LayerKind::softmax:
      return true;
    case LayerKind::pooling:
    case LayerKind::concat:
      return inputs_are();
    case LayerKind::elementwise: {
      const std::string op = layer.attrs.get_string("op");
      if (op == "Relu" || op == "Relu6" || op == "Sigmoid" || op == "Abs" || op == "Square" || op == "Exp" ||
          op == "Softplus")
        return true;
      return (op == "Add" || op == "Maximum" || op == "Minimum") && inputs_are();
    }
    default:
      return false;
  }
}

/// Whether each window of one dimension covers a real element.
bool windows_touch(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t before, std::int64_t after) {
  const std::int64_t out = window_output(in, kernel, stride, 1, before, after);
  return out > 0 && before < kernel && (out - 1) * stride - before < in;
}

/// Whether `reader`, which reads the padded tensor, can pad itself; sets the attributes in a copy.
bool take_padding(const Network& network, const NetworkIndex& index, const PadValues& pad, int source,
                  const Layer& reader, Layer& changed) {
  changed = reader;
  Spatial before, after;
  if (reader.kind == LayerKind::convolution) {
    ConvGeometry g = conv_geometry(reader);
    if (!reader.weights.valid() || pad.value != 0 || !spatial_pads(pad, g.channels_first, before, after)) return false;
    for (std::size_t i = 0; i < before.size(); ++i) {
      g.pads_before[i] += before[i];
      g.pads_after[i] += after[i];
    }
    set_conv_geometry(changed, g);
    return true;
  }
  if (reader.kind != LayerKind::pooling) return false;
  PoolGeometry g = pool_geometry(reader);
  if (g.ksize.empty() || !spatial_pads(pad, g.channels_first, before, after)) return false;
  const auto zero = [](const Spatial& s) {
    return std::all_of(s.begin(), s.end(), [](std::int64_t v) { return v == 0; });
  };
  const Spatial in = spatial_part(tensor_at(network, source).shape, g.channels_first);
  for (std::size_t i = 0; i < in.size(); ++i) {
    // Padding as wide as the window is outside what pooling primitives take.
    if (!windows_touch(in[i], g.ksize[i], g.strides[i], g.pads_before[i] + before[i], g.pads_after[i] + after[i]))
      return false;
    if (g.pads_after[i] + after[i] >= g.ksize[i]) return false;
  }
  if (g.max) {
    const bool lowest = pad.value == -std::numeric_limits<float>::infinity();
    if (!lowest && !(pad.value == 0 && never_negative(network, index, source))) return false;
  } else {
    if (pad.value != 0 || !zero(g.pads_before) || !zero(g.pads_after)) return false;
    g.count_padding = true;
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    g.pads_before[i] += before[i];
    g.pads_after[i] += after[i];
  }
  set_pool_geometry(changed, g);
  return true;
}

bool fold_pad(Network& network, int pad_layer) {
  const NetworkIndex index(network);
  const Layer& pad = layer_at(network, pad_layer);
  const int padded = pad.outputs[0], source = pad.inputs[0];
  if (index.is_output(padded) || index.has_view(padded) || index.readers(padded).empty()) return false;
  const PadValues values{pad.attrs.get_ints("pads_before"), pad.attrs.get_ints("pads_after"),
                         pad.attrs.get_float("value")};
  std::vector<Layer> changed(index.readers(padded).size());
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const Layer& reader = layer_at(network, index.readers(padded)[i]);
    if (std::count(reader.inputs.begin(), reader.inputs.end(), padded) != 1 || reader.inputs[0] != padded) return false;
    if (!take_padding(network, index, values, source, reader, changed[i])) return false;
  }
  std::vector<std::string> sources = pad.sources;
  add_sources(sources, tensor_at(network, padded).folded);
  for (std::size_t i = 0; i < changed.size(); ++i) {
    changed[i].inputs[0] = source;
    changed[i].native_node = kNoNode;
    add_sources(changed[i].sources, sources);
    layer_at(network, index.readers(padded)[i]) = std::move(changed[i]);
  }
  tensor_at(network, padded).folded.clear();
  layer_at(network, pad_layer).outputs.clear();
  layer_at(network, pad_layer).inputs.clear();
  return true;
}

}  // namespace

Network fold_pads(Network network) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    if (layer.kind == LayerKind::pad && layer.attrs.contains("value")) fold_pad(network, static_cast<int>(l));
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
