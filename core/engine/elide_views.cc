#include "core/engine/elide_views.h"

#include "core/engine/network_edit.h"

namespace isotherm {

Network elide_views(Network network) {
  std::size_t left = network.layers.size();
  for (Layer& layer : network.layers) {
    if (left == 1) break;
    if (layer.kind != LayerKind::shuffle || layer.attrs.get_string("mode") != "reshape") continue;
    int base = layer.inputs[0];
    if (tensor_at(network, base).constant.valid()) continue;
    NetworkTensor& out = tensor_at(network, layer.outputs[0]);
    add_sources(out.folded, layer.sources);
    while (tensor_at(network, base).view_of >= 0) {
      add_sources(out.folded, tensor_at(network, base).folded);
      tensor_at(network, base).folded.clear();
      base = tensor_at(network, base).view_of;
    }
    out.view_of = base;
    layer.outputs.clear();
    layer.inputs.clear();
    --left;
  }
  drop_empty_layers(network);
  return network;
}

}  // namespace isotherm
