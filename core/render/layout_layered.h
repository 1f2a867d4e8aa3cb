// The parts of our own layered layout (Sugiyama, Tagawa and Toda 1981), in the order in which they work: ranks, virtual
// vertices, order within each rank, places across. Each is linear, or n log n, in vertices and segments.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "core/render/layout.h"

namespace isotherm::render {

/// What stands in the rows: the boxes, pieces of edges that pass a row, and fillers of frames that have nothing there.
struct LayerGraph {
  struct Segment {
    int upper, lower;  ///< vertices of adjacent ranks
    bool data;
  };
  const LayoutRequest* request = nullptr;
  int boxes = 0, ranks = 0;
  std::vector<int> rank, group;  ///< by vertex; boxes come first
  std::vector<float> half;       ///< by vertex: half its size across, px
  std::vector<Segment> segments;
  std::vector<int> first, last;  ///< by group: the ranks that it spans; first > last where it is empty
  std::vector<int> depth;        ///< by group: frames round it
  /// Per vertex its segments' other ends, as ranges of `others`: above at up[v], up[v+1], below at down[v], down[v+1].
  std::vector<int> up, up_others, down, down_others;
  /// Ends of edges too long for pieces in every row: they only pull. By vertex like `up`.
  std::vector<int> far, far_others;
  std::vector<std::vector<int>> layers;  ///< by rank: vertices from left to right; those of a group side by side
  std::vector<int> place;                ///< by vertex: index in its layer
  std::map<std::pair<int, int>, int> middle;  ///< by upper and lower box of a long edge: the piece half way

  [[nodiscard]] bool is_box(int v) const { return v < boxes; }
  [[nodiscard]] int parent(int g) const { return request->group_parent[static_cast<std::size_t>(g)]; }
  /// The innermost group round both.
  [[nodiscard]] int common_group(int a, int b) const;
};

/// Longest-path ranks, then moved towards where more edges end, so that edges are short. A group that feeds another
/// stands wholly above it, unless it is fed by it too. Edges marked back count the other way; of the cycles that are
/// left, edges to a box with few unplaced inputs are cut.
std::vector<int> layered_ranks(const LayoutRequest& request);

/// Strongly connected components (Tarjan 1972), numbered; `next`: by vertex.
std::vector<int> strong_components(const std::vector<std::vector<int>>& next);

/// Vertices and segments for given ranks. Edges get virtual vertices, the shortest first, while a budget that is linear
/// in boxes and edges lasts.
LayerGraph layer_graph(const LayoutRequest& request, std::vector<int> rank);

/// Orders all layers: sweeps of barycenters that keep each group's vertices side by side and groups in one order over
/// all their ranks; then neighbours change places where that removes crossings. Stops early when `cancelled`.
void order_layers(LayerGraph& graph, const std::function<bool()>& cancelled);

/// Crossings of segments between rank r and r + 1, by an accumulator tree (Barth, Mutzel and Jünger 2004).
long long crossings_below(const LayerGraph& graph, int r);

/// Centers across of all vertices: four alignments of Brandes and Köpf (2002), group by group from the inside out. A
/// group is one block through all its ranks, so that frames never overlap.
/// Stops early, with useless centers, when `cancelled`.
std::vector<float> place_across(const LayerGraph& graph, const std::function<bool()>& cancelled = {});

}  // namespace isotherm::render
