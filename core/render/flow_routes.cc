#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/render/flow.h"
#include "core/render/flow_index.h"

namespace isotherm::render {
namespace {

constexpr float kClear = 8;      // a lane keeps this distance from boxes and frames
constexpr float kLaneGap = 8;    // and this one from other lanes
constexpr float kStraight = 14;  // centers closer than this need no jog
constexpr float kPortGap = 14;   // between arrows on one side of a box
constexpr float kInfinite = 1e9F;
constexpr float kTrunkWorth = 60;
constexpr float kWayShare = 0.25F;  // of a way's length, where the layout said where it should run
constexpr int kManyRanks = 24;  // beyond, lanes are looked for in the gaps between boxes
constexpr std::size_t kManyBoxes = 600;

class Chooser {
 public:
  Chooser(Flow& flow, int ranks, const std::function<bool()>& cancelled)
      : flow_(flow), rows_(flow, ranks), frames_(flow, ranks), cancelled_(cancelled) {
    room_.resize(flow_.frames.size());
    for (std::size_t f = 0; f < flow_.frames.size(); ++f) {
      room_[f] = room_of(static_cast<int>(f));
      highest_frame_ = std::max(highest_frame_, flow_.frames[f].high);
    }
    widen_for_titles();
  }

  std::vector<Route> run() {
    routes_.resize(flow_.edges.size());
    ins_.assign(flow_.boxes.size(), 0);
    sides_taken_.assign(flow_.boxes.size(), 0);
    for (const FlowEdge& e : flow_.edges)
      if (e.to >= 0) ++ins_[static_cast<std::size_t>(e.to)];
    std::vector<std::size_t> order;
    std::vector<int> long_ins(flow_.boxes.size(), 0);
    for (std::size_t i = 0; i < flow_.edges.size(); ++i) {
      ends(i);
      order.push_back(i);
      if (is_long(i)) ++long_ins[static_cast<std::size_t>(flow_.edges[i].to)];
    }
    for (std::size_t i = 0; i < flow_.edges.size(); ++i)
      routes_[i].bus = is_long(i) && long_ins[static_cast<std::size_t>(flow_.edges[i].to)] >= kBusEdges;
    const auto span = [&](std::size_t i) { return std::abs(routes_[i].to_rank - routes_[i].from_rank); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (flow_.edges[a].control != flow_.edges[b].control) return !flow_.edges[a].control;
      return span(a) < span(b);
    });
    std::size_t chosen = 0;
    for (const std::size_t i : order) {
      if (++chosen % 16 == 0 && cancelled_ && cancelled_()) break;
      choose(i);
    }
    ports();
    return std::move(routes_);
  }

 private:
  [[nodiscard]] const FlowBox& box(int b) const { return flow_.boxes[static_cast<std::size_t>(b)]; }
  [[nodiscard]] const FlowFrame& frame(int f) const { return flow_.frames[static_cast<std::size_t>(f)]; }

  /// How far a frame may grow across without touching what does not belong to it.
  Range room_of(int f) {
    const FlowFrame& g = frame(f);
    Range room{-kInfinite, kInfinite};
    for (int r = g.first_rank; r <= g.last_rank; ++r) {
      // Boxes of these ranks are inside the frame or wholly beside it.
      const Range beside = rows_.beside(r, g.low, g.high);
      room.low = std::max(room.low, beside.low + kClear);
      room.high = std::min(room.high, beside.high - kClear);
    }
    frames_.each(g.first_rank, g.last_rank, [&](int o) { limit(room, g, f, o); });
    return room;
  }

  /// Frame `o` beside frame `f` limits its room.
  void limit(Range& room, const FlowFrame& g, int f, int o) const {
    const FlowFrame& other = frame(o);
    if (o == f || other.first_rank > g.last_rank || other.last_rank < g.first_rank ||
        frame_inside(flow_.frames, o, f) || frame_inside(flow_.frames, f, o))
      return;
    if (other.high <= g.low)
      room.low = std::max(room.low, other.high + kClear);
    else if (other.low >= g.high)
      room.high = std::min(room.high, other.low - kClear);
  }

  /// A frame was widened: those round it grow with it, those beside them have less room.
  void grown(int f) {
    for (; f >= 0; f = frame(f).parent) {
      const FlowFrame& g = frame(f);
      highest_frame_ = std::max(highest_frame_, g.high);
      frames_.each(g.first_rank, g.last_rank,
                   [&](int o) { limit(room_[static_cast<std::size_t>(o)], frame(o), o, f); });
      if (g.parent < 0) return;
      FlowFrame& p = flow_.frames[static_cast<std::size_t>(g.parent)];
      p.low = std::min(p.low, g.low - p.pad_low);
      p.high = std::max(p.high, g.high + p.pad_high);
    }
  }

  void widen_for_titles() {
    for (std::size_t f = flow_.frames.size(); f-- > 0;) {
      FlowFrame& g = flow_.frames[f];
      const float lacking = g.want_across - (g.high - g.low);
      if (lacking <= 0 || g.last_rank < 0) continue;
      // Parents grow with it, each by no more than its own room allows.
      float high = g.high + lacking, pad = 0;
      for (int p = static_cast<int>(f); p >= 0; p = frame(p).parent) {
        high = std::min(high, room_[static_cast<std::size_t>(p)].high - pad);
        if (frame(p).parent >= 0) pad += frame(frame(p).parent).pad_high;
      }
      if (high <= g.high) continue;
      // Whoever comes next sees what is taken now.
      g.high = high;
      grown(static_cast<int>(f));
    }
  }

  void ends(std::size_t i) {
    FlowEdge& e = flow_.edges[i];
    Route& r = routes_[i];
    r.from_rank = e.from >= 0 ? box(e.from).rank : frame(e.from_frame).last_rank;
    r.to_rank = e.to >= 0 ? box(e.to).rank : frame(e.to_frame).first_rank;
    e.back = r.to_rank <= r.from_rank;
    r.first_channel = r.from_rank + 1;
    r.last_channel = r.to_rank;
    const float from = e.from >= 0 ? box(e.from).center : (frame(e.from_frame).low + frame(e.from_frame).high) / 2;
    const float to = e.to >= 0 ? box(e.to).center : (frame(e.to_frame).low + frame(e.to_frame).high) / 2;
    r.x1 = from;
    r.x2 = to;
    if (e.from < 0) r.x1 = on_frame(frame(e.from_frame), to);
    if (e.to < 0) r.x2 = on_frame(frame(e.to_frame), r.x1);
    if (e.control && e.from >= 0) r.x1 = from + (to < from ? -1.0F : 1.0F) * std::min(16.0F, box(e.from).across / 4);
  }

  static float on_frame(const FlowFrame& g, float wish) {
    const float inset = std::min(24.0F, (g.high - g.low) / 3);
    return std::clamp(wish, g.low + inset, g.high - inset);
  }

  [[nodiscard]] int frame_of_end(const FlowEdge& e, bool to) const {
    const int b = to ? e.to : e.from;
    if (b >= 0) return box(b).frame;
    return frame(to ? e.to_frame : e.from_frame).parent;
  }

  [[nodiscard]] int common_frame(const FlowEdge& e) const {
    int f = frame_of_end(e, false);
    const int to = frame_of_end(e, true);
    while (f >= 0 && !frame_inside(flow_.frames, to, f)) f = frame(f).parent;
    return f;
  }

  /// A data edge that skips a rank.
  [[nodiscard]] bool is_long(std::size_t i) const {
    const FlowEdge& e = flow_.edges[i];
    return e.from >= 0 && e.to >= 0 && !e.control && routes_[i].to_rank - routes_[i].from_rank > 1;
  }

  /// Lanes of one trunk may lie on each other: edges out of one box, or all of a bus.
  [[nodiscard]] int trunk(std::size_t i) const {
    const FlowEdge& e = flow_.edges[i];
    if (routes_[i].bus) return -2 - static_cast<int>(flow_.edges.size()) - e.to;
    return e.from >= 0 ? e.from * 2 + (e.control ? 1 : 0) : -2 - static_cast<int>(i);
  }

  /// May an edge run along at x past the ranks first..last?
  [[nodiscard]] bool free(std::size_t i, float x, int first, int last, bool strict) const {
    const FlowEdge& e = flow_.edges[i];
    if (rows_.covers(x, first, last, kClear) || !lanes_.free(x, first, last, trunk(i), kLaneGap - 0.5F)) return false;
    if (!strict || first > last) return true;
    const int from = frame_of_end(e, false), to = frame_of_end(e, true);
    bool clear = true;
    frames_.each(first, last, [&](int f) {
      const FlowFrame& g = frame(f);
      if (!clear || g.first_rank > last || g.last_rank < first || x < g.low - kClear || x > g.high + kClear) return;
      clear = frame_inside(flow_.frames, from, f) || frame_inside(flow_.frames, to, f) || f == e.from_frame ||
              f == e.to_frame;
    });
    if (!clear) return false;
    const int common = common_frame(e);
    if (common < 0) return true;
    float pad_low = kClear + 4, pad_high = kClear + 4;
    for (int f = common; f >= 0; f = frame(f).parent) {
      const Range& room = room_[static_cast<std::size_t>(f)];
      if (x - pad_low < room.low || x + pad_high > room.high) return false;
      if (frame(f).parent >= 0) pad_low += frame(frame(f).parent).pad_low, pad_high += frame(frame(f).parent).pad_high;
    }
    return true;
  }

  void choose(std::size_t i) {
    FlowEdge& e = flow_.edges[i];
    Route& r = routes_[i];
    const int first = e.back ? r.to_rank : r.from_rank + 1;
    const int last = e.back ? r.from_rank : r.to_rank - 1;
    if (!e.back) {
      const float near = std::abs(r.x1 - r.x2);
      if (near < kStraight) {
        // The target's center keeps its arrow; a slightly moved start is not seen.
        const bool wide = e.from < 0 || std::abs(r.x2 - box(e.from).center) < box(e.from).across / 2 - 6;
        if (wide && free(i, r.x2, first, last, true)) {
          r.x1 = r.lane = r.x2;
          keep(i, first - 1, last + 1);
          return;
        }
      }
      if (first > last) {
        r.lane = r.x2;
        return;
      }
    }
    r.lane = best_lane(i, first, last);
    keep(i, first, last);
    if (!e.back && e.to >= 0) side_entry(i);
  }

  float best_lane(std::size_t i, int first, int last) {
    const Route& r = routes_[i];
    std::vector<float> wishes = {r.x1, r.x2};
    if (last - first < kManyRanks && flow_.boxes.size() < kManyBoxes)
      wishes_at_borders(first, last, wishes);
    else
      wishes_in_gaps(first, last, std::min(r.x1, r.x2), std::max(r.x1, r.x2), wishes);
    // Lanes that the trunk has already are worth a detour.
    const auto own = trunk_lanes_.find(trunk(i));
    if (own != trunk_lanes_.end()) wishes.insert(wishes.end(), own->second.begin(), own->second.end());
    const auto is_own = [&](float x) {
      return own != trunk_lanes_.end() &&
             std::any_of(own->second.begin(), own->second.end(), [&](float y) { return std::abs(x - y) < 0.01F; });
    };
    // The layout knows which way crosses least.
    const float wish = flow_.edges[i].lane_wish;
    const float worth = r.bus ? kInfinite : kTrunkWorth;
    const auto cost = [&](float x) {
      const float ways = std::abs(x - r.x1) + std::abs(x - r.x2) - (is_own(x) ? worth : 0);
      return std::isnan(wish) ? ways : ways * kWayShare + std::abs(x - wish);
    };
    if (!std::isnan(wish))
      for (const float step : {0.0F, 4.0F, 8.0F, 12.0F, 16.0F, 24.0F}) wishes.push_back(wish - step), wishes.push_back(wish + step);
    std::sort(wishes.begin(), wishes.end());
    wishes.erase(std::unique(wishes.begin(), wishes.end(), [&](float a, float b) { return b - a < 1 && !is_own(b); }),
                 wishes.end());
    std::stable_sort(wishes.begin(), wishes.end(), [&](float a, float b) { return cost(a) < cost(b); });
    constexpr std::size_t kMostWishes = 400;  // farther ones are detours that nobody follows
    if (wishes.size() > kMostWishes) wishes.resize(kMostWishes);
    for (const bool strict : {true, false})
      for (const float x : wishes)
        if (free(i, x, first, last, strict)) return x;
    // Beyond everything, beside the lanes already there.
    return std::max({r.x2, rows_.highest(), lanes_.highest(), highest_frame_}) + kClear + kLaneGap;
  }

  static void both_sides(float low, float high, std::vector<float>& wishes) {
    for (int k = 0; k < 4; ++k) {
      wishes.push_back(high + kClear + 2 + kLaneGap * static_cast<float>(k));
      wishes.push_back(low - kClear - 2 - kLaneGap * static_cast<float>(k));
    }
  }

  void wishes_at_borders(int first, int last, std::vector<float>& wishes) const {
    for (int rank = first; rank <= last; ++rank)
      for (const Range& range : rows_.row(rank)) both_sides(range.low, range.high, wishes);
    for (const FlowFrame& g : flow_.frames)
      if (g.first_rank <= last && g.last_rank >= first) both_sides(g.low, g.high, wishes);
  }

  /// Lanes in the gaps that no box of the ranks covers, those nearest to [low, high]. For long ways and large flows.
  void wishes_in_gaps(int first, int last, float low, float high, std::vector<float>& wishes) const {
    std::vector<Range> covered;
    for (int rank = first; rank <= last; ++rank)
      covered.insert(covered.end(), rows_.row(rank).begin(), rows_.row(rank).end());
    std::sort(covered.begin(), covered.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
    std::vector<Range> merged;
    for (const Range& c : covered) {
      if (!merged.empty() && c.low - merged.back().high < 2 * kClear + 1)
        merged.back().high = std::max(merged.back().high, c.high);
      else
        merged.push_back(c);
    }
    const auto middle = static_cast<std::size_t>(
        std::lower_bound(merged.begin(), merged.end(), low, [](const Range& a, float v) { return a.high < v; }) -
        merged.begin());
    constexpr std::size_t kGaps = 6;
    const std::size_t from = middle > kGaps ? middle - kGaps : 0;
    std::size_t beyond = 0;
    for (std::size_t k = from; k < merged.size() && beyond < kGaps; ++k) {
      both_sides(merged[k].low, merged[k].high, wishes);
      if (merged[k].low > high) ++beyond;
    }
    if (merged.empty()) return;
    // The outer sides, with more lanes: long edges gather there.
    for (int k = 0; k < 24; ++k) {
      wishes.push_back(merged.front().low - kClear - 2 - kLaneGap * static_cast<float>(k));
      wishes.push_back(merged.back().high + kClear + 2 + kLaneGap * static_cast<float>(k));
    }
  }

  void keep(std::size_t i, int first, int last) {
    if (is_long(i)) {
      auto& own = trunk_lanes_[trunk(i)];
      if (std::find(own.begin(), own.end(), routes_[i].lane) == own.end()) own.push_back(routes_[i].lane);
    }
    lanes_.add({routes_[i].lane, first, last, trunk(i)});
    extend_frames(i);
  }

  void side_entry(std::size_t i) {
    const FlowEdge& e = flow_.edges[i];
    Route& r = routes_[i];
    const FlowBox& to = box(e.to);
    if (ins_[static_cast<std::size_t>(e.to)] < 2 || r.bus) return;
    const bool right = r.lane > to.high() + 12, left = r.lane < to.low() - 12;
    if (!right && !left) return;
    const float low = right ? to.high() + 1 : r.lane - 2, high = right ? r.lane + 2 : to.low() - 1;
    for (const Range& range : rows_.row(to.rank))
      if (range.low < high && range.high > low && !(range.low == to.low())) return;
    if (right && to.after_across > 0) return;
    const unsigned side = right ? 1U : 2U;
    if ((sides_taken_[static_cast<std::size_t>(e.to)] & side) != 0) return;
    // The lane now also passes the channel above the target and half of its row.
    if (!lanes_.free(r.lane, to.rank, to.rank, trunk(i), kLaneGap - 0.5F)) return;
    r.side_entry = true;
    r.x2 = r.lane;
    sides_taken_[static_cast<std::size_t>(e.to)] |= side;
    lanes_.add({r.lane, to.rank, to.rank, trunk(i)});
  }

  /// Spreads the arrows that enter a box from above: a straight one stays, the others keep to their side.
  void ports() {
    std::vector<std::vector<std::size_t>> into(flow_.boxes.size());
    for (std::size_t i = 0; i < routes_.size(); ++i)
      if (flow_.edges[i].to >= 0 && !routes_[i].side_entry)
        into[static_cast<std::size_t>(flow_.edges[i].to)].push_back(i);
    for (std::size_t b = 0; b < into.size(); ++b) {
      auto& edges = into[b];
      if (edges.size() < 2) continue;
      const FlowBox& to = flow_.boxes[b];
      std::vector<std::size_t> left, right;
      bool center_taken = false;
      for (const std::size_t i : edges) {
        const float x = routes_[i].first_channel == routes_[i].last_channel ? routes_[i].x1 : routes_[i].lane;
        if (std::abs(x - to.center) < 1)
          center_taken = true;
        else
          (x < to.center ? left : right).push_back(i);
      }
      const auto distance = [&](std::size_t i) {
        const float x = routes_[i].first_channel == routes_[i].last_channel ? routes_[i].x1 : routes_[i].lane;
        return std::abs(x - to.center);
      };
      for (auto* side : {&left, &right}) {
        std::stable_sort(side->begin(), side->end(),
                         [&](std::size_t a, std::size_t c) { return distance(a) < distance(c); });
        const float sign = side == &left ? -1.0F : 1.0F;
        const bool lone = !center_taken && (left.empty() || right.empty());
        const float first = center_taken ? kPortGap : lone ? 0 : kPortGap / 2;
        const float room = to.across / 2 - std::min(12.0F, to.across / 5);
        // Edges of a bus that share a lane have one arrow.
        std::vector<std::size_t> slot(side->size(), 0);
        for (std::size_t k = 1; k < side->size(); ++k) {
          const Route &last = routes_[(*side)[k - 1]], &route = routes_[(*side)[k]];
          slot[k] = slot[k - 1] + (last.bus && route.bus && last.lane == route.lane ? 0 : 1);
        }
        const auto n = static_cast<float>(slot.empty() ? 0 : slot.back() + 1);
        const float step = n > 1 ? std::min(kPortGap, std::max(3.0F, (room - first) / (n - 1))) : kPortGap;
        for (std::size_t k = 0; k < side->size(); ++k) {
          Route& r = routes_[(*side)[k]];
          const float x2 = to.center + sign * std::min(room, first + step * static_cast<float>(slot[k]));
          if (std::abs(r.lane - r.x2) < 0.5F && r.first_channel == r.last_channel) r.lane = x2;
          r.x2 = x2;
        }
      }
    }
  }

  void extend_frames(std::size_t i) {
    const FlowEdge& e = flow_.edges[i];
    const Route& r = routes_[i];
    const int f = common_frame(e);
    if (f < 0) return;
    FlowFrame& g = flow_.frames[static_cast<std::size_t>(f)];
    const float low = std::min(g.low, r.lane - kClear - 4), high = std::max(g.high, r.lane + kClear + 4);
    if (low == g.low && high == g.high) return;
    float pad_low = 0, pad_high = 0;
    for (int p = f; p >= 0; p = frame(p).parent) {
      const Range& room = room_[static_cast<std::size_t>(p)];
      if (low - pad_low < room.low || high + pad_high > room.high) return;  // the lane stays outside its frame
      if (frame(p).parent >= 0) pad_low += frame(frame(p).parent).pad_low, pad_high += frame(frame(p).parent).pad_high;
    }
    g.low = low;
    g.high = high;
    grown(f);
  }

  Flow& flow_;
  RowIndex rows_;
  FrameIndex frames_;
  LaneIndex lanes_;
  std::vector<Range> room_;
  std::vector<Route> routes_;
  std::vector<int> ins_;
  std::vector<unsigned> sides_taken_;  ///< by box: 1 right, 2 left
  std::unordered_map<int, std::vector<float>> trunk_lanes_;
  float highest_frame_ = 0;
  const std::function<bool()>& cancelled_;
};

}  // namespace

bool frame_inside(const std::vector<FlowFrame>& frames, int inner, int outer) {
  for (; inner >= 0; inner = frames[static_cast<std::size_t>(inner)].parent)
    if (inner == outer) return true;
  return false;
}

std::vector<Route> choose_routes(Flow& flow, int ranks, const std::function<bool()>& cancelled) {
  return Chooser(flow, ranks, cancelled).run();
}

}  // namespace isotherm::render
