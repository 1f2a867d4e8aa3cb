#include <algorithm>
#include <tuple>

#include "core/render/side_places.h"

namespace isotherm::render {
namespace {

constexpr float kGap = 16;
constexpr float kLeastGap = 4;  // what stood nearer than kGap may go on doing so, down to this

/// Each member of a group wants to stay; those that share a rank must not meet. That is a set of demands "b stands at
/// least so much right of a". Pushing all that is in the way to the right meets them, and so does pushing it to the
/// left; the mean of the two does, too, and moves nothing that is not in the way.
class Settler {
 public:
  Settler(Flow& flow, const std::vector<float>& home, const std::vector<float>& frame_home,
          const std::vector<bool>& opened)
      : flow_(flow), home_(home), frame_home_(frame_home), opened_(opened) {}

  void run() {
    members();
    for (std::size_t g = members_.size(); g-- > 0;) measure(static_cast<int>(g) - 1);
    if (!firm_[0]) demand(-1);
    const std::vector<float> shift = solve();
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) {
      const int v = variable_[i];
      flow_.boxes[i].center = home_[i] + (v < 0 ? 0 : shift[static_cast<std::size_t>(v)]);
    }
  }

 private:
  struct Member {
    int box = -1, frame = -1;
  };
  struct Extent {
    float low = 1e9F, high = -1e9F;
  };
  struct Pair {
    int left, right;  ///< members
    bool operator==(const Pair&) const = default;
    auto operator<=>(const Pair&) const = default;
  };
  struct Demand {
    int from, to;  ///< variables
    float least;
  };

  [[nodiscard]] std::vector<Member>& of(int frame) { return members_[static_cast<std::size_t>(frame + 1)]; }
  [[nodiscard]] const FlowFrame& frame(int f) const { return flow_.frames[static_cast<std::size_t>(f)]; }

  void members() {
    members_.resize(flow_.frames.size() + 1);
    pairs_.resize(members_.size());
    extent_.resize(members_.size());
    firm_.assign(members_.size(), true);
    variable_.assign(flow_.boxes.size(), -1);
    for (std::size_t i = 0; i < flow_.boxes.size(); ++i) of(flow_.boxes[i].frame).push_back({static_cast<int>(i), -1});
    for (std::size_t f = 0; f < flow_.frames.size(); ++f)
      if (flow_.frames[f].last_rank >= 0) of(flow_.frames[f].parent).push_back({-1, static_cast<int>(f)});
  }

  [[nodiscard]] Extent extent(const Member& m) const {
    if (m.frame >= 0) return extent_[static_cast<std::size_t>(m.frame + 1)];
    const FlowBox& b = flow_.boxes[static_cast<std::size_t>(m.box)];
    const float center = home_[static_cast<std::size_t>(m.box)];
    return {center - b.across / 2, center + b.across / 2 + b.after_across};
  }

  /// How far the right one's low end must at least be from the left one's high end.
  [[nodiscard]] float gap(const Member& left, const Member& right) const {
    const float had = extent(right).low - extent(left).high;
    return had >= kLeastGap && had < kGap ? had : kGap;
  }

  /// Neighbours in the ranks of a group, its extent at home, and whether it can stand like that.
  void measure(int g) {
    const auto i = static_cast<std::size_t>(g + 1);
    const auto& list = members_[i];
    struct Stand {
      int rank;
      float key;
      int member;
    };
    std::vector<Stand> stands;
    for (std::size_t m = 0; m < list.size(); ++m) {
      const bool box = list[m].box >= 0;
      const float key =
          box ? home_[static_cast<std::size_t>(list[m].box)] : frame_home_[static_cast<std::size_t>(list[m].frame)];
      const int first = box ? flow_.boxes[static_cast<std::size_t>(list[m].box)].rank : frame(list[m].frame).first_rank;
      const int last = box ? first : frame(list[m].frame).last_rank;
      for (int r = first; r <= last; ++r) stands.push_back({r, key, static_cast<int>(m)});
      const Extent e = extent(list[m]);
      extent_[i].low = std::min(extent_[i].low, e.low);
      extent_[i].high = std::max(extent_[i].high, e.high);
      if (!box && !firm_[static_cast<std::size_t>(list[m].frame + 1)]) firm_[i] = false;
    }
    std::sort(stands.begin(), stands.end(), [](const Stand& a, const Stand& b) {
      return std::tuple(a.rank, a.key, a.member) < std::tuple(b.rank, b.key, b.member);
    });
    for (std::size_t k = 1; k < stands.size(); ++k)
      if (stands[k].rank == stands[k - 1].rank) pairs_[i].push_back({stands[k - 1].member, stands[k].member});
    std::sort(pairs_[i].begin(), pairs_[i].end());
    pairs_[i].erase(std::unique(pairs_[i].begin(), pairs_[i].end()), pairs_[i].end());
    for (const Pair& p : pairs_[i]) {
      const Member &a = list[static_cast<std::size_t>(p.left)], &b = list[static_cast<std::size_t>(p.right)];
      if (extent(b).low - extent(a).high < gap(a, b) - 0.01F) firm_[i] = false;
    }
    if (g < 0) return;
    extent_[i].low -= frame(g).pad_low;
    extent_[i].high += frame(g).pad_high;
    if (opened_[static_cast<std::size_t>(g)])
      extent_[i].high = std::max(extent_[i].high, extent_[i].low + frame(g).want_across);
  }

  /// All boxes inside move with one variable.
  void move_together(const Member& m, int variable) {
    if (m.box >= 0) {
      variable_[static_cast<std::size_t>(m.box)] = variable;
      return;
    }
    for (const Member& inner : of(m.frame)) move_together(inner, variable);
  }

  struct Ends {
    int low, high;  ///< variables of its two sides; one and the same where it is firm
  };

  /// Variables for the members of a group that is not firm, and what stands between them.
  std::vector<Ends> demand(int g) {
    const auto i = static_cast<std::size_t>(g + 1);
    std::vector<Ends> ends;
    for (const Member& m : members_[i]) {
      if (m.box >= 0 || firm_[static_cast<std::size_t>(m.frame + 1)]) {
        ends.push_back({variables_, variables_});
        move_together(m, variables_++);
        continue;
      }
      const Ends sides{variables_, variables_ + 1};
      variables_ += 2;
      const Extent whole = extent(m);
      const std::vector<Ends> inner = demand(m.frame);
      for (std::size_t k = 0; k < inner.size(); ++k) {
        const Extent e = extent(of(m.frame)[k]);
        demands_.push_back({sides.low, inner[k].low, whole.low + frame(m.frame).pad_low - e.low});
        demands_.push_back({inner[k].high, sides.high, e.high + frame(m.frame).pad_high - whole.high});
      }
      if (opened_[static_cast<std::size_t>(m.frame)])
        demands_.push_back({sides.low, sides.high, whole.low + frame(m.frame).want_across - whole.high});
      ends.push_back(sides);
    }
    for (const Pair& p : pairs_[i]) {
      const Member &a = members_[i][static_cast<std::size_t>(p.left)],
                   &b = members_[i][static_cast<std::size_t>(p.right)];
      demands_.push_back({ends[static_cast<std::size_t>(p.left)].high, ends[static_cast<std::size_t>(p.right)].low,
                          extent(a).high + gap(a, b) - extent(b).low});
    }
    return ends;
  }

  std::vector<float> solve() {
    const auto n = static_cast<std::size_t>(variables_);
    std::vector<std::vector<std::size_t>> out(n);
    std::vector<int> waiting(n, 0);
    for (std::size_t d = 0; d < demands_.size(); ++d) {
      out[static_cast<std::size_t>(demands_[d].from)].push_back(d);
      ++waiting[static_cast<std::size_t>(demands_[d].to)];
    }
    // Demands run from lower homes to higher ones, and from a frame's low side through its members to its high one.
    std::vector<std::size_t> order;
    for (std::size_t v = 0; v < n; ++v)
      if (waiting[v] == 0) order.push_back(v);
    for (std::size_t at = 0; at < order.size(); ++at)
      for (const std::size_t d : out[order[at]])
        if (--waiting[static_cast<std::size_t>(demands_[d].to)] == 0)
          order.push_back(static_cast<std::size_t>(demands_[d].to));
    std::vector<float> right(n, 0), left(n, 0);
    for (const std::size_t v : order)
      for (const std::size_t d : out[v]) {
        float& to = right[static_cast<std::size_t>(demands_[d].to)];
        to = std::max(to, right[v] + demands_[d].least);
      }
    for (std::size_t at = order.size(); at-- > 0;)
      for (const std::size_t d : out[order[at]])
        left[order[at]] = std::min(left[order[at]], left[static_cast<std::size_t>(demands_[d].to)] - demands_[d].least);
    for (std::size_t v = 0; v < n; ++v) right[v] = (right[v] + left[v]) / 2;
    return right;
  }

  Flow& flow_;
  const std::vector<float>&home_, &frame_home_;
  const std::vector<bool>& opened_;
  std::vector<std::vector<Member>> members_;  ///< by frame + 1; 0 is the whole
  std::vector<std::vector<Pair>> pairs_;      ///< the same: neighbours in a rank
  std::vector<Extent> extent_;                ///< the same: at home, pads counted
  std::vector<bool> firm_;                    ///< the same: nothing overlaps at home
  std::vector<int> variable_;                 ///< by box; -1: stays
  std::vector<Demand> demands_;
  int variables_ = 0;
};

}  // namespace

void settle_homes(Flow& flow, const std::vector<float>& home, const std::vector<float>& frame_home,
                  const std::vector<bool>& frame_opened) {
  Settler(flow, home, frame_home, frame_opened).run();
}

}  // namespace isotherm::render
