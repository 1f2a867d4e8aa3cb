#include <algorithm>
#include <limits>

#include "core/render/flow.h"

namespace isotherm::render {
namespace {

constexpr float kBoxGap = 16, kFrameGap = 16;

/// Runs of boxes of one frame that follow each other alone: no other data edge leaves the upper or enters the lower.
std::vector<std::vector<int>> chains(const Flow& flow) {
  const std::size_t n = flow.boxes.size();
  std::vector<int> outs(n, 0), ins(n, 0), next(n, -1), before(n, -1);
  for (const FlowEdge& e : flow.edges) {
    if (e.control || e.from < 0 || e.to < 0) continue;
    ++outs[static_cast<std::size_t>(e.from)];
    ++ins[static_cast<std::size_t>(e.to)];
  }
  for (const FlowEdge& e : flow.edges) {
    if (e.control || e.from < 0 || e.to < 0) continue;
    const auto from = static_cast<std::size_t>(e.from), to = static_cast<std::size_t>(e.to);
    if (outs[from] != 1 || ins[to] != 1 || flow.boxes[from].frame != flow.boxes[to].frame) continue;
    if (flow.boxes[to].rank <= flow.boxes[from].rank) continue;
    next[from] = e.to;
    before[to] = e.from;
  }
  std::vector<std::vector<int>> out;
  for (std::size_t i = 0; i < n; ++i) {
    if (before[i] >= 0 || next[i] < 0) continue;
    out.emplace_back();
    for (int b = static_cast<int>(i); b >= 0; b = next[static_cast<std::size_t>(b)]) out.back().push_back(b);
  }
  return out;
}

}  // namespace

void straighten(Flow& flow) {
  int ranks = 0;
  for (const FlowBox& b : flow.boxes) ranks = std::max(ranks, b.rank + 1);
  std::vector<std::vector<int>> rows(static_cast<std::size_t>(ranks));
  for (std::size_t i = 0; i < flow.boxes.size(); ++i)
    rows[static_cast<std::size_t>(flow.boxes[i].rank)].push_back(static_cast<int>(i));
  for (const std::vector<int>& chain : chains(flow)) {
    std::vector<float> centers;
    for (const int b : chain) centers.push_back(flow.boxes[static_cast<std::size_t>(b)].center);
    std::sort(centers.begin(), centers.end());
    // Between the outermost centers of the chain: its frame does not grow, so only neighbours in a row matter.
    float wish = centers[centers.size() / 2];
    float low = centers.front(), high = centers.back();
    if (high - low < 0.5F) continue;
    for (const int b : chain) {
      const FlowBox& box = flow.boxes[static_cast<std::size_t>(b)];
      for (const int other : rows[static_cast<std::size_t>(box.rank)]) {
        if (other == b) continue;
        const FlowBox& o = flow.boxes[static_cast<std::size_t>(other)];
        if (o.center < box.center)
          low = std::max(low, std::min(box.center, o.high() + o.after_across + kBoxGap + box.across / 2));
        else
          high = std::min(high, std::max(box.center, o.low() - kBoxGap - box.after_across - box.across / 2));
      }
    }
    for (const int b : chain) {
      const FlowBox& box = flow.boxes[static_cast<std::size_t>(b)];
      for (std::size_t f = 0; f < flow.frames.size(); ++f) {
        // Frames inside its own frame, or beside it, that stand in the box's row.
        const FlowFrame& frame = flow.frames[f];
        if (frame.first_rank > box.rank || frame.last_rank < box.rank) continue;
        if (frame_inside(flow.frames, box.frame, static_cast<int>(f))) continue;
        if (frame.high <= box.low())
          low = std::max(low, std::min(box.center, frame.high + kFrameGap + box.across / 2));
        else
          high = std::min(high, std::max(box.center, frame.low - kFrameGap - box.after_across - box.across / 2));
      }
    }
    if (low > high) continue;
    wish = std::clamp(wish, low, high);
    for (const int b : chain) flow.boxes[static_cast<std::size_t>(b)].center = wish;
  }
}

}  // namespace isotherm::render
