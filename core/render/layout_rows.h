// The members of one group while they get their places across.
#pragma once

#include <functional>
#include <vector>

#include "core/render/layout.h"

namespace isotherm::render {

/// The members of one group in their rows: its vertices, and each group inside as a column of slices, one per rank.
struct Rows {
  struct Member {
    int vertex;         ///< of the layer graph, or ~group for a slice
    int row, index;     ///< place
    int before, after;  ///< the slices above and below of the same group; -1: none
  };
  struct Link {
    int upper, lower;  ///< members of adjacent rows
    float shift;       ///< how much farther right the lower one's center is where the link is straight
    int weight;        ///< control 1, a data edge that goes on or comes from farther 2, data from box to box 4
  };
  std::vector<Member> members;
  std::vector<float> half;
  std::vector<std::vector<int>> rows;
  std::vector<Link> links;
  int boxes = 0;  ///< vertices below this are boxes, the others pieces of edges and fillers
};

/// Room between the centers of two neighbours in a row, px.
float apart(const Rows& rows, const LayoutRequest& request, int left, int right);

/// Centers by member: four alignments of Brandes and Köpf, the mean of the two middle ones.
std::vector<float> align_rows(const Rows& rows, const LayoutRequest& request);

/// Moves straight chains as wholes to where their links are shortest, as far as their neighbours leave room.
/// Stops early when `cancelled`.
void settle_rows(const Rows& rows, const LayoutRequest& request, std::vector<float>& x,
                 const std::function<bool()>& cancelled = {});

}  // namespace isotherm::render
