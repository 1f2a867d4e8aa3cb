#include "core/render/layout_layered.h"

namespace isotherm::render {

LayoutResult layered_layout(const LayoutRequest& request, const std::function<bool()>& cancelled) {
  LayoutResult result;
  result.rank = layered_ranks(request);
  LayerGraph graph = layer_graph(request, result.rank);
  order_layers(graph, cancelled);
  const std::vector<float> center = place_across(graph);
  result.center.assign(center.begin(), center.begin() + graph.boxes);
  return result;
}

}  // namespace isotherm::render
