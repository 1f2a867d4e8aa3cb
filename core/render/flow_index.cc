#include "core/render/flow_index.h"

#include <algorithm>
#include <cmath>

namespace isotherm::render {

RowIndex::RowIndex(const Flow& flow, int ranks) : rows_(static_cast<std::size_t>(ranks)) {
  for (const FlowBox& box : flow.boxes)
    rows_[static_cast<std::size_t>(box.rank)].push_back({box.low(), box.high() + box.after_across});
  for (auto& row : rows_) {
    std::sort(row.begin(), row.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
    if (!row.empty()) highest_ = std::max(highest_, row.back().high);
  }
}

bool RowIndex::covers(float x, int first, int last, float clear) const {
  for (int r = std::max(first, 0); r <= last && r < static_cast<int>(rows_.size()); ++r) {
    const auto& row = rows_[static_cast<std::size_t>(r)];
    // The last range that begins before x + clear is the only one that may reach it: ranges do not overlap.
    auto it = std::lower_bound(row.begin(), row.end(), x + clear, [](const Range& a, float v) { return a.low < v; });
    if (it != row.begin() && x < std::prev(it)->high + clear) return true;
  }
  return false;
}

Range RowIndex::beside(int rank, float low, float high) const {
  constexpr float kFar = 1e9F;
  const auto& row = rows_[static_cast<std::size_t>(rank)];
  Range out{-kFar, kFar};
  const auto right = std::lower_bound(row.begin(), row.end(), high, [](const Range& a, float v) { return a.low < v; });
  if (right != row.end()) out.high = right->low;
  auto left = std::upper_bound(row.begin(), row.end(), low, [](float v, const Range& a) { return v < a.high; });
  if (left != row.begin()) out.low = std::prev(left)->high;
  return out;
}

FrameIndex::FrameIndex(const Flow& flow, int ranks) : visited_(flow.frames.size(), 0) {
  if (flow.frames.empty()) return;
  chunks_.resize(static_cast<std::size_t>(ranks / kChunk + 1));
  for (std::size_t f = 0; f < flow.frames.size(); ++f)
    for (int c = flow.frames[f].first_rank / kChunk; c <= flow.frames[f].last_rank / kChunk; ++c)
      chunks_[static_cast<std::size_t>(c)].push_back(static_cast<int>(f));
}

void LaneIndex::add(const Lane& lane) {
  if (lane.first > lane.last) return;
  highest_ = std::max(highest_, lane.x);
  const int id = static_cast<int>(lanes_.size());
  lanes_.push_back(lane);
  const int bucket = static_cast<int>(std::floor(lane.x / kBucket));
  for (int c = std::max(lane.first, 0) / kChunk; c <= lane.last / kChunk; ++c) cells_[key(c, bucket)].push_back(id);
}

bool LaneIndex::free(float x, int first, int last, int net, float gap) const {
  if (first > last) return true;
  const int from = static_cast<int>(std::floor((x - gap) / kBucket)),
            to = static_cast<int>(std::floor((x + gap) / kBucket));
  for (int c = std::max(first, 0) / kChunk; c <= last / kChunk; ++c)
    for (int b = from; b <= to; ++b) {
      const auto cell = cells_.find(key(c, b));
      if (cell == cells_.end()) continue;
      for (const int id : cell->second) {
        const Lane& lane = lanes_[static_cast<std::size_t>(id)];
        if (lane.net != net && std::abs(lane.x - x) < gap && lane.first <= last && lane.last >= first) return false;
      }
    }
  return true;
}

}  // namespace isotherm::render
