// Where boxes, frames and lanes are, by rank, so that routing a large flow asks only about what is near.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/render/flow.h"

namespace isotherm::render {

/// A stretch along at x past the ranks first..last. Stretches of one net may lie on each other.
struct Lane {
  float x;
  int first, last;
  int net;
};

struct Range {
  float low, high;
};

/// What boxes cover in each rank, from low to high. Boxes must not move while it is used.
class RowIndex {
 public:
  RowIndex(const Flow& flow, int ranks);
  /// Whether any box of these ranks comes nearer to x than `clear`.
  [[nodiscard]] bool covers(float x, int first, int last, float clear) const;
  /// The nearest covered places beside [low, high] in a rank: ends at or below `low`, begins at or above `high`.
  [[nodiscard]] Range beside(int rank, float low, float high) const;
  [[nodiscard]] const std::vector<Range>& row(int rank) const { return rows_[static_cast<std::size_t>(rank)]; }
  [[nodiscard]] float highest() const { return highest_; }

 private:
  std::vector<std::vector<Range>> rows_;
  float highest_ = 0;
};

/// Frames by the ranks that they span. Ranks do not change while it is used; extents may.
class FrameIndex {
 public:
  FrameIndex(const Flow& flow, int ranks);
  /// Calls f(frame) for frames that may span one of these ranks, each once.
  template <class F>
  void each(int first, int last, const F& f) const {
    if (chunks_.empty()) return;
    ++visit_;
    const int end = std::min(last / kChunk, static_cast<int>(chunks_.size()) - 1);
    for (int c = std::max(first, 0) / kChunk; c <= end; ++c)
      for (const int frame : chunks_[static_cast<std::size_t>(c)]) {
        if (visited_[static_cast<std::size_t>(frame)] == visit_) continue;
        visited_[static_cast<std::size_t>(frame)] = visit_;
        f(frame);
      }
  }

 private:
  static constexpr int kChunk = 8;
  std::vector<std::vector<int>> chunks_;
  mutable std::vector<int> visited_;
  mutable int visit_ = 0;
};

/// Lanes by place.
class LaneIndex {
 public:
  void add(const Lane& lane);
  /// Whether no lane of another net lies nearer than `gap` to x past one of these ranks.
  [[nodiscard]] bool free(float x, int first, int last, int net, float gap) const;
  [[nodiscard]] float highest() const { return highest_; }

 private:
  static constexpr int kChunk = 8;
  static constexpr float kBucket = 16;
  [[nodiscard]] static long long key(int chunk, int bucket) { return (static_cast<long long>(chunk) << 32) + bucket; }
  std::vector<Lane> lanes_;
  std::unordered_map<long long, std::vector<int>> cells_;
  float highest_ = 0;
};

}  // namespace isotherm::render
