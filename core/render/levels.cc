#include "core/render/levels.h"

#include <algorithm>

namespace isotherm::render {
namespace {

struct Stretch {
  float low = 1e9F, high = -1e9F;
  [[nodiscard]] bool empty() const { return low > high; }
  [[nodiscard]] float middle() const { return (low + high) / 2; }
};

}  // namespace

std::vector<float> level_wishes(const Scene& scene, const NodeMap& map, const Visible& after, const Flow& flow) {
  const float top = scene.sides.front().y;
  std::vector<Stretch> shown(flow.boxes.size());
  for (std::size_t node = 0; node < map.before_of.size() && node < after.item_of_node.size(); ++node) {
    const int item = after.item_of_node[node];
    if (item < 0) continue;
    Stretch& s = shown[static_cast<std::size_t>(item)];
    for (const NodeId before : map.before_of[node]) {
      const std::int32_t index = scene.box_of_before[static_cast<std::size_t>(before)];
      if (index < 0) continue;
      const Box& b = scene.boxes[static_cast<std::size_t>(index)];
      s.low = std::min(s.low, b.y - top);
      s.high = std::max(s.high, b.y + b.height - top);
    }
  }
  int ranks = 0;
  for (const FlowBox& b : flow.boxes) ranks = std::max(ranks, b.rank + 1);
  struct Row {
    float sum = 0;
    int members = 0;
    float tallest = 0;
  };
  std::vector<Row> rows(static_cast<std::size_t>(ranks));
  for (std::size_t i = 0; i < flow.boxes.size(); ++i) {
    if (shown[i].empty()) continue;
    Row& row = rows[static_cast<std::size_t>(flow.boxes[i].rank)];
    // The tallest box, an engine beside native nodes, says where the row should be.
    const float height = shown[i].high - shown[i].low;
    if (height > row.tallest * 1.5F) row = {0, 0, height};
    if (height * 1.5F < row.tallest) continue;
    row.sum += shown[i].middle();
    ++row.members;
  }
  std::vector<float> wishes(rows.size(), -1);
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (rows[r].members > 0) wishes[r] = rows[r].sum / static_cast<float>(rows[r].members);
  return wishes;
}

}  // namespace isotherm::render
