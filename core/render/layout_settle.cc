#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/render/layout_rows.h"

namespace isotherm::render {
namespace {

constexpr int kPasses = 12;
constexpr std::size_t kManyMembers = 10000;
constexpr float kStraight = 0.5F;
constexpr float kLeastMove = 0.25F;
constexpr std::size_t kMostPushed = 64;  // blocks moved at once

class Settler {
 public:
  Settler(const Rows& rows, const LayoutRequest& request, std::vector<float>& x) : r_(rows), request_(request), x_(x) {}

  void run(const std::function<bool()>& cancelled) {
    blocks();
    pulls();
    is_moving_.assign(members_.size(), false);
    // A bound on the whole work, so that it stays linear.
    const int passes = r_.members.size() > kManyMembers ? 3 : kPasses;
    for (int pass = 0; pass < passes; ++pass) {
      float moved = 0;
      const std::size_t n = members_.size();
      for (std::size_t k = 0; k < n; ++k) moved += settle(pass % 2 == 0 ? k : n - 1 - k);
      if (moved < 1 || (cancelled && cancelled())) break;
    }
  }

 private:
  [[nodiscard]] const Rows::Member& member(int m) const { return r_.members[static_cast<std::size_t>(m)]; }

  /// Columns of slices, and chains whose links are straight and have no other straight link beside them.
  void blocks() {
    const std::size_t n = r_.members.size();
    block_.resize(n);
    std::iota(block_.begin(), block_.end(), 0);
    std::vector<int> above(n, -1), below(n, -1);
    for (std::size_t m = 0; m < n; ++m) above[m] = r_.members[m].before, below[m] = r_.members[m].after;
    for (const int weight : {4, 2, 1}) {
      for (const Rows::Link& l : r_.links) {
        const auto u = static_cast<std::size_t>(l.upper), v = static_cast<std::size_t>(l.lower);
        if (l.weight != weight || below[u] >= 0 || above[v] >= 0 || std::abs(x_[u] + l.shift - x_[v]) > kStraight)
          continue;
        below[u] = l.lower;
        above[v] = l.upper;
      }
    }
    for (std::size_t m = 0; m < n; ++m) {
      if (above[m] >= 0) continue;
      members_.emplace_back();
      for (int k = static_cast<int>(m); k >= 0; k = below[static_cast<std::size_t>(k)]) {
        block_[static_cast<std::size_t>(k)] = static_cast<int>(members_.size()) - 1;
        members_.back().push_back(k);
      }
    }
  }

  /// Links between blocks, by block.
  void pulls() {
    pulls_.resize(members_.size());
    for (const Rows::Link& l : r_.links) {
      const int a = block_[static_cast<std::size_t>(l.upper)], b = block_[static_cast<std::size_t>(l.lower)];
      if (a == b) continue;
      pulls_[static_cast<std::size_t>(a)].push_back({l.upper, l.lower, -l.shift, l.weight});
      pulls_[static_cast<std::size_t>(b)].push_back({l.lower, l.upper, l.shift, l.weight});
    }
  }

  /// Moves a block towards its neighbours; blocks that stand in its way are pushed along where that is worth it.
  float settle(std::size_t block) {
    const float wish = median_move(block);
    if (std::abs(wish) < kLeastMove) return 0;
    const bool left = wish < 0;
    moving_.clear();
    add_moving(static_cast<int>(block));
    float room = std::abs(wish);
    for (std::size_t k = 0; k < moving_.size(); ++k) {
      for (const int m : members_[static_cast<std::size_t>(moving_[k])]) {
        const auto& row = r_.rows[static_cast<std::size_t>(member(m).row)];
        const int i = member(m).index + (left ? -1 : 1);
        if (i < 0 || i >= static_cast<int>(row.size())) continue;
        const int other = row[static_cast<std::size_t>(i)];
        const int its = block_[static_cast<std::size_t>(other)];
        if (is_moving_[static_cast<std::size_t>(its)]) continue;
        const float free = std::abs(x_[static_cast<std::size_t>(m)] - x_[static_cast<std::size_t>(other)]) -
                           (left ? apart(r_, request_, other, m) : apart(r_, request_, m, other));
        if (free >= kLeastMove) {
          room = std::min(room, free);
        } else {
          if (moving_.size() >= kMostPushed) return stop();
          add_moving(its);
        }
      }
    }
    // Is the sum of all lengths shorter after a step, and how far does that hold?
    int gain = 0;
    for (const int b : moving_) {
      for (const Pull& p : pulls_[static_cast<std::size_t>(b)]) {
        if (is_moving_[static_cast<std::size_t>(block_[static_cast<std::size_t>(p.other)])]) continue;
        const float to = x_[static_cast<std::size_t>(p.other)] + p.shift - x_[static_cast<std::size_t>(p.own)];
        const float ahead = left ? -to : to;
        gain += ahead >= kLeastMove ? p.weight : -p.weight;
        if (ahead >= kLeastMove && moving_.size() > 1) room = std::min(room, ahead);
      }
    }
    if (gain <= 0 || room < kLeastMove) return stop();
    const float move = left ? -room : room;
    for (const int b : moving_)
      for (const int m : members_[static_cast<std::size_t>(b)]) x_[static_cast<std::size_t>(m)] += move;
    const float moved = room * static_cast<float>(moving_.size());
    stop();
    return moved;
  }

  void add_moving(int block) {
    moving_.push_back(block);
    is_moving_[static_cast<std::size_t>(block)] = true;
  }

  float stop() {
    for (const int b : moving_) is_moving_[static_cast<std::size_t>(b)] = false;
    moving_.clear();
    return 0;
  }

  /// How far a block would move if nothing stood in its way; anywhere between two medians is as good.
  float median_move(std::size_t block) {
    const auto& pulls = pulls_[block];
    if (pulls.empty()) return 0;
    wishes_.clear();
    int total = 0;
    for (const Pull& p : pulls) {
      wishes_.emplace_back(x_[static_cast<std::size_t>(p.other)] + p.shift - x_[static_cast<std::size_t>(p.own)],
                           p.weight);
      total += p.weight;
    }
    std::sort(wishes_.begin(), wishes_.end());
    int sum = 0;
    std::size_t k = 0;
    while (2 * (sum + wishes_[k].second) < total) sum += wishes_[k++].second;
    const bool even = 2 * (sum + wishes_[k].second) == total;
    const float low = wishes_[k].first, high = even ? wishes_[k + 1].first : low;
    return std::clamp(0.0F, low, high);
  }

  struct Pull {
    int own, other;
    float shift;
    int weight;
  };

  const Rows& r_;
  const LayoutRequest& request_;
  std::vector<float>& x_;
  std::vector<int> block_;                 ///< by member
  std::vector<std::vector<int>> members_;  ///< by block, from above
  std::vector<std::vector<Pull>> pulls_;
  std::vector<std::pair<float, int>> wishes_;
  std::vector<int> moving_;
  std::vector<bool> is_moving_;
};

}  // namespace

void settle_rows(const Rows& rows, const LayoutRequest& request, std::vector<float>& x,
                 const std::function<bool()>& cancelled) {
  Settler(rows, request, x).run(cancelled);
}

}  // namespace isotherm::render
