#include "core/engine/fold_scale_shift.h"

#include <algorithm>

#include "core/engine/layers.h"
#include "core/engine/network_edit.h"

namespace isotherm {
namespace {

bool is_scale_shift(const Layer& layer) {
  return layer.kind == LayerKind::elementwise && layer.attrs.get_string("op") == "ScaleShift";
}

/// y = x * scale[c] + shift[c]; vectors of one element stand for all channels, empty ones for 1 and 0.
struct Affine {
  std::vector<double> scale, shift;
};

std::vector<double> values_of(const Tensor& t) {
  std::vector<double> out;
  if (t.valid())
    for (std::int64_t i = 0; i < t.elements(); ++i) out.push_back(number_at(t, i));
  return out;
}

double at(const std::vector<double>& v, std::size_t i, double otherwise) {
  return v.empty() ? otherwise : v.size() == 1 ? v[0] : v[i];
}

/// `second` after `first`.
Affine compose(const Affine& first, const Affine& second) {
  const std::size_t n = std::max({first.scale.size(), first.shift.size(), second.scale.size(), second.shift.size()});
  Affine out;
  for (std::size_t i = 0; i < n; ++i) {
    const double s = at(second.scale, i, 1);
    out.scale.push_back(at(first.scale, i, 1) * s);
    out.shift.push_back(at(first.shift, i, 0) * s + at(second.shift, i, 0));
  }
  return out;
}

bool fits(const Affine& a, std::size_t channels) {
  const auto fit = [&](const std::vector<double>& v) { return v.size() <= 1 || v.size() == channels; };
  return fit(a.scale) && fit(a.shift);
}

bool is_uniform(const Affine& a) { return a.scale.size() <= 1 && a.shift.size() <= 1; }

Affine affine_of(const Layer& layer) { return {values_of(layer.weights), values_of(layer.bias)}; }

bool takes_scale_shift(const Layer& layer) {
  return (layer.kind == LayerKind::convolution || layer.kind == LayerKind::deconvolution ||
          layer.kind == LayerKind::matmul) &&
         layer.weights.valid() && layer.post_ops.empty() && layer.outputs.size() == 1;
}

Status apply(Layer& layer, const Affine& affine) {
  const auto channels = static_cast<std::size_t>(output_channels(layer));
  if (!affine.scale.empty()) {
    ISO_ASSIGN(const Tensor aligned, layer.weights.aligned(alignof(float)));
    ISO_ASSIGN(Tensor scaled, Tensor::make(DType::float32, layer.weights.shape()));
    const auto from = aligned.data<float>();
    const auto to = scaled.mutable_data<float>();
    std::size_t inner = 1;  // elements behind the channel axis
    for (int i = weights_channel_axis(layer) + 1; i < layer.weights.rank(); ++i)
      inner *= static_cast<std::size_t>(layer.weights.dim(i));
    for (std::size_t i = 0; i < to.size(); ++i)
      to[i] = static_cast<float>(static_cast<double>(from[i]) * at(affine.scale, i / inner % channels, 1));
    layer.weights = std::move(scaled);
  }
  std::vector<float> bias(channels);
  for (std::size_t c = 0; c < channels; ++c) bias[c] = static_cast<float>(at(affine.shift, c, 0));
  if (!affine.shift.empty()) layer.bias = Tensor::vector(bias);
  return {};
}

/// Follows the chain of ScaleShift layers behind `start` and merges them into it.
Affine take_chain(Network& network, int start, Affine affine, int axis, std::size_t channels, bool& changed) {
  for (;;) {
    const NetworkIndex index(network);
    const int next = index.sole_reader(layer_at(network, start).outputs[0]);
    if (next < 0 || !is_scale_shift(layer_at(network, next)) || !layer_at(network, next).post_ops.empty())
      return affine;
    const Affine second = affine_of(layer_at(network, next));
    if (!fits(second, channels)) return affine;
    if (!is_uniform(second) && layer_at(network, next).attrs.get_int("channel_axis") != axis) return affine;
    affine = compose(affine, second);
    changed = true;
    merge_into_producer(network, start, next);
  }
}

bool all(const std::vector<double>& v, double value) {
  return std::all_of(v.begin(), v.end(), [&](double x) { return x == value; });
}

}  // namespace

Network fold_scale_shift(Network network) {
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const int start = static_cast<int>(l);
    if (layer_at(network, start).outputs.empty()) continue;
    const bool chain = is_scale_shift(layer_at(network, start)) && layer_at(network, start).post_ops.empty();
    if (!chain && !takes_scale_shift(layer_at(network, start))) continue;
    const Shape& shape = tensor_at(network, layer_at(network, start).outputs[0]).shape;
    bool changed = false;
    if (chain) {
      const Layer& layer = layer_at(network, start);
      const auto axis = static_cast<int>(layer.attrs.get_int("channel_axis"));
      // A uniform start takes the axis of what follows only if that is its own: it keeps to the last one.
      const Affine affine =
          take_chain(network, start, affine_of(layer), axis, static_cast<std::size_t>(shape.dim(axis)), changed);
      Layer& merged = layer_at(network, start);
      if (!changed) continue;
      merged.weights = affine.scale.empty() || all(affine.scale, 1) ? Tensor() : Tensor::vector(affine.scale);
      merged.bias = affine.shift.empty() || all(affine.shift, 0) ? Tensor() : Tensor::vector(affine.shift);
      continue;
    }
    const int axis = channel_axis(layer_at(network, start), shape.rank());
    const auto channels = static_cast<std::size_t>(output_channels(layer_at(network, start)));
    Affine affine = take_chain(network, start, {{}, values_of(layer_at(network, start).bias)}, axis, channels, changed);
    if (!changed) continue;
    if (all(affine.scale, 1)) affine.scale.clear();
    // Without memory for new weights nothing can go on; the plan's build will fail for the same reason and say so.
    if (const Status status = apply(layer_at(network, start), affine); !status.ok())
      network.notes.push_back("fold_scale_shift: " + status.error().message);
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
