#include "core/render/layout_layered.h"

#include <limits>

namespace isotherm::render {

LayoutResult layered_layout(const LayoutRequest& request, const std::function<bool()>& cancelled) {
  LayoutResult result;
  result.rank = layered_ranks(request);
  LayerGraph graph = layer_graph(request, result.rank);
  order_layers(graph, cancelled);
  const std::vector<float> center = place_across(graph, cancelled);
  result.center.assign(center.begin(), center.begin() + graph.boxes);
  for (const LayoutEdge& e : request.edges) {
    auto piece = graph.middle.find({e.from, e.to});
    if (piece == graph.middle.end()) piece = graph.middle.find({e.to, e.from});
    result.lane.push_back(piece == graph.middle.end() ? std::numeric_limits<float>::quiet_NaN()
                                                      : center[static_cast<std::size_t>(piece->second)]);
  }
  return result;
}

}  // namespace isotherm::render
