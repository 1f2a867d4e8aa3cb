// A drawing much longer than wide is cut where one edge alone goes on, and the pieces are set side by side: from the
// foot of one column the edge goes round to the head of the next.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/render/flow.h"

namespace isotherm::render {
namespace {

constexpr float kGutter = 36;               // between columns; the edge that goes on runs in its middle
constexpr float kHeadRoom = 14, kOver = 6;  // columns after the first begin lower: their edge comes in from above
constexpr float kFoot = 18;                 // below the longest column, for the edges that go on
constexpr float kBundle = 24;               // edges of one box that go on side by side
constexpr float kLongest = 1400, kSlender = 2.2F;
constexpr int kMostColumns = 12;
constexpr std::size_t kMostBoxes = 4000;

/// A boundary between two ranks where the drawing may be cut.
struct Cut {
  int rank = 0;      ///< the first rank of the new column
  float at = 0;      ///< along; just below what ends above
  float low = 0;     ///< along; where the content of the new column begins
};

class Columns {
 public:
  explicit Columns(Flow& flow) : flow_(flow) {}

  void run(int wanted) {
    if (flow_.boxes.size() > kMostBoxes || flow_.boxes.empty()) return;
    measure();
    const float width = right_ - left_, length = bottom_ - top_;
    int columns = wanted;
    if (wanted == 0) {
      if (length < kLongest || length < kSlender * width) return;
      columns = static_cast<int>(std::lround(std::sqrt(length / (1.1F * width))));
    }
    columns = std::min(columns, kMostColumns);
    if (columns < 2) return;
    collect();
    std::vector<Cut> best;
    std::vector<int> around;
    float shortest = length;
    for (const auto& [frames, cuts] : candidates_) {
      const std::vector<Cut> chosen = choose(cuts, columns);
      if (chosen.empty()) continue;
      float longest = chosen.front().at - top_;
      for (std::size_t i = 0; i + 1 < chosen.size(); ++i) longest = std::max(longest, chosen[i + 1].at - chosen[i].low);
      longest = std::max(longest, bottom_ - chosen.back().low);
      if (longest >= shortest * 0.9F) continue;
      shortest = longest;
      best = chosen;
      around = frames;
    }
    if (!best.empty()) set(best, around);
  }

 private:
  [[nodiscard]] FlowBox& box(int i) { return flow_.boxes[static_cast<std::size_t>(i)]; }
  [[nodiscard]] FlowFrame& frame(int i) { return flow_.frames[static_cast<std::size_t>(i)]; }

  void measure() {
    left_ = top_ = 1e9F, right_ = bottom_ = -1e9F;
    for (const FlowBox& b : flow_.boxes) {
      ranks_ = std::max(ranks_, b.rank + 1);
      left_ = std::min(left_, b.low()), right_ = std::max(right_, b.high() + b.after_across);
      top_ = std::min(top_, b.start), bottom_ = std::max(bottom_, b.start + b.along + b.after_along);
    }
  }

  int rank_of_end(int box_index, int frame_index, bool leaving) {
    if (box_index >= 0) return box(box_index).rank;
    return leaving ? frame(frame_index).last_rank : frame(frame_index).first_rank;
  }

  /// Fills candidates_: boundaries that one edge crosses (or the edges of one box, still on one line), by the frames
  /// that span them.
  void collect() {
    const auto n = static_cast<std::size_t>(ranks_) + 1;
    std::vector<int> crossing(n, 0);
    std::vector<int> outs(flow_.boxes.size(), 0);
    std::vector<int> lone(n, -1);
    for (std::size_t i = 0; i < flow_.edges.size(); ++i) {
      const FlowEdge& e = flow_.edges[i];
      if (e.points.size() < 2) continue;
      int from = rank_of_end(e.from, e.from_frame, true), to = rank_of_end(e.to, e.to_frame, false);
      const bool odd = e.back || from > to || e.from < 0 || e.to < 0;
      if (from > to) std::swap(from, to);
      for (int r = from + 1; r <= to; ++r) {
        crossing[static_cast<std::size_t>(r)] += odd ? 1000000 : 1;
        lone[static_cast<std::size_t>(r)] = static_cast<int>(i);
      }
      if (!odd) ++outs[static_cast<std::size_t>(e.from)];
    }
    std::vector<float> up(n, -1e9F), low(n, 1e9F);
    for (const FlowBox& b : flow_.boxes) {
      up[static_cast<std::size_t>(b.rank) + 1] = std::max(up[static_cast<std::size_t>(b.rank) + 1], b.start + b.along + b.after_along);
      low[static_cast<std::size_t>(b.rank)] = std::min(low[static_cast<std::size_t>(b.rank)], b.start);
    }
    for (const FlowFrame& f : flow_.frames) {
      if (f.last_rank < 0) continue;
      up[static_cast<std::size_t>(f.last_rank) + 1] = std::max(up[static_cast<std::size_t>(f.last_rank) + 1], f.end);
      low[static_cast<std::size_t>(f.first_rank)] = std::min(low[static_cast<std::size_t>(f.first_rank)], f.start);
    }
    std::vector<bool> torn = torn_frames();
    for (int r = 1; r < ranks_; ++r) {
      const auto at = static_cast<std::size_t>(r);
      if (crossing[at] == 0 || crossing[at] >= 1000000 || low[at] - up[at] < 4) continue;
      const FlowEdge& e = flow_.edges[static_cast<std::size_t>(lone[at])];
      if (crossing[at] > 1 && (box(e.from).rank != r - 1 || outs[static_cast<std::size_t>(e.from)] != crossing[at])) continue;
      const Cut cut{r, up[at] + std::min(5.0F, (low[at] - up[at]) / 2), low[at]};
      if (!one_bundle(e.from, crossing[at] > 1, lone[at], cut)) continue;
      std::vector<int> around;
      bool whole = true;
      for (std::size_t f = 0; f < flow_.frames.size(); ++f)
        if (flow_.frames[f].first_rank < r && flow_.frames[f].last_rank >= r) around.push_back(static_cast<int>(f)), whole = whole && !torn[f];
      // Frames in one another begin and end together: nothing stands between their borders.
      for (std::size_t k = 0; k < around.size(); ++k)
        whole = whole && frame(around[k]).parent == (k == 0 ? -1 : around[k - 1]) &&
                frame(around[k]).first_rank == frame(around[0]).first_rank && frame(around[k]).last_rank == frame(around[0]).last_rank;
      if (whole) candidates_[around].push_back(cut);
    }
  }

  /// By frame: boxes that are not in it stand beside it.
  std::vector<bool> torn_frames() {
    std::vector<int> all(static_cast<std::size_t>(ranks_) + 1, 0);
    for (const FlowBox& b : flow_.boxes) ++all[static_cast<std::size_t>(b.rank) + 1];
    for (std::size_t r = 1; r < all.size(); ++r) all[r] += all[r - 1];
    std::vector<int> inside(flow_.frames.size(), 0);
    for (const FlowBox& b : flow_.boxes)
      for (int f = b.frame; f >= 0; f = frame(f).parent) ++inside[static_cast<std::size_t>(f)];
    std::vector<bool> torn(flow_.frames.size(), false);
    for (std::size_t f = 0; f < torn.size(); ++f) {
      const FlowFrame& g = flow_.frames[f];
      torn[f] = g.last_rank < 0 || inside[f] != all[static_cast<std::size_t>(g.last_rank) + 1] - all[static_cast<std::size_t>(g.first_rank)];
    }
    return torn;
  }

  /// Whether what crosses the cut runs down side by side there.
  bool one_bundle(int source, bool many, int lone, const Cut& cut) {
    bool first = true;
    float across = 0;
    for (std::size_t i = 0; i < flow_.edges.size(); ++i) {
      const FlowEdge& e = flow_.edges[i];
      if (many ? e.from != source || box(e.to).rank < cut.rank : static_cast<int>(i) != lone) continue;
      const int piece = piece_at(e, cut.at);
      if (piece < 0) return false;
      const float x = e.points[static_cast<std::size_t>(piece)].x;
      if (!first && std::abs(x - across) > kBundle) return false;
      across = x;
      first = false;
      if (!many) break;
    }
    return !first;
  }

  /// The piece of an edge that runs down through `along`; -1: none, or more than one.
  static int piece_at(const FlowEdge& e, float along) {
    int found = -1;
    for (std::size_t k = 0; k + 1 < e.points.size(); ++k) {
      if (!(std::min(e.points[k].y, e.points[k + 1].y) < along && std::max(e.points[k].y, e.points[k + 1].y) > along)) continue;
      if (found >= 0 || std::abs(e.points[k].x - e.points[k + 1].x) > 0.5F) return -1;
      found = static_cast<int>(k);
    }
    return found;
  }

  [[nodiscard]] std::vector<Cut> choose(const std::vector<Cut>& cuts, int columns) const {
    std::vector<Cut> out;
    const float part = (bottom_ - top_) / static_cast<float>(columns);
    for (int k = 1; k < columns; ++k) {
      const float ideal = top_ + part * static_cast<float>(k);
      const Cut* best = nullptr;
      for (const Cut& c : cuts)
        if (best == nullptr || std::abs(c.at - ideal) < std::abs(best->at - ideal)) best = &c;
      if (best == nullptr || std::abs(best->at - ideal) > part * 0.45F) continue;
      if (!out.empty() && best->rank <= out.back().rank) continue;
      out.push_back(*best);
    }
    return out;
  }

  struct Column {
    float left = 1e9F, right = -1e9F;
    float dx = 0, dy = 0;
  };

  void set(const std::vector<Cut>& cuts, const std::vector<int>& around) {
    std::vector<Column> columns(cuts.size() + 1);
    const auto column_of = [&](int rank) {
      std::size_t c = 0;
      while (c < cuts.size() && rank >= cuts[c].rank) ++c;
      return c;
    };
    const auto spans = [&](int f) { return std::find(around.begin(), around.end(), f) != around.end(); };
    const auto grow = [&](std::size_t c, float low, float high) {
      columns[c].left = std::min(columns[c].left, low);
      columns[c].right = std::max(columns[c].right, high);
    };
    for (const FlowBox& b : flow_.boxes) grow(column_of(b.rank), b.low(), b.high() + b.after_across);
    for (std::size_t f = 0; f < flow_.frames.size(); ++f)
      if (const FlowFrame& g = flow_.frames[f]; g.last_rank >= 0 && !spans(static_cast<int>(f))) grow(column_of(g.first_rank), g.low, g.high);
    for (const FlowEdge& e : flow_.edges) {
      if (e.points.size() < 2) continue;
      const std::size_t last = column_of(rank_of_end(e.to, e.to_frame, false));
      for (const Point& p : e.points) {
        std::size_t c = column_of(rank_of_end(e.from, e.from_frame, true));
        while (c < last && p.y > cuts[c].at) ++c;
        grow(c, p.x - 3, p.x + 3);
      }
      if (e.labelled) grow(last, e.label_at_across, e.label_at_across + e.label_across);
    }
    // The frames that go on hold the columns between their pads; what stands above and below them stays there.
    float head = top_, tail = bottom_, pads = 0;
    for (const int f : around) pads += frame(f).pad_end;
    const float old_end = around.empty() ? 1e9F : frame(around.front()).end;
    if (!around.empty()) {
      head = 1e9F, tail = -1e9F;
      const int inner = around.back();
      for (const FlowBox& b : flow_.boxes) {
        bool in = false;
        for (int f = b.frame; f >= 0; f = frame(f).parent) in = in || f == inner;
        if (!in) continue;
        head = std::min(head, b.start), tail = std::max(tail, b.start + b.along + b.after_along);
      }
      for (std::size_t f = 0; f < flow_.frames.size(); ++f)
        if (frame_inside(flow_.frames, static_cast<int>(f), inner) && !spans(static_cast<int>(f)) && flow_.frames[f].last_rank >= 0)
          head = std::min(head, flow_.frames[f].start), tail = std::max(tail, flow_.frames[f].end);
    }
    float foot = -1e9F;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) columns[c].dx = columns[c - 1].right + columns[c - 1].dx + kGutter - columns[c].left;
      if (c > 0) columns[c].dy = head + kHeadRoom - cuts[c - 1].low;
      foot = std::max(foot, (c < cuts.size() ? cuts[c].at : tail) + columns[c].dy);
    }
    const float turn = foot + kFoot;
    const float new_end = turn + kFoot / 2 + pads, below = new_end - old_end;
    const Column last = columns.back();
    const auto place = [&](std::size_t c, Point p) {
      return Point{p.x + columns[c].dx, p.y + (p.y > old_end - 0.5F ? below : columns[c].dy)};
    };
    for (FlowEdge& e : flow_.edges) move_edge(e, cuts, columns, column_of, place, head - kOver, turn);
    for (FlowBox& b : flow_.boxes) {
      const std::size_t c = column_of(b.rank);
      const Point p = place(c, {b.center, b.start});
      b.center = p.x, b.start = p.y;
    }
    for (std::size_t f = 0; f < flow_.frames.size(); ++f) {
      FlowFrame& g = flow_.frames[f];
      if (g.last_rank < 0 || spans(static_cast<int>(f))) continue;
      const std::size_t c = column_of(g.first_rank);
      const float dy = place(c, {0, g.start}).y - g.start;
      g.low += columns[c].dx, g.high += columns[c].dx, g.start += dy, g.end += dy;
    }
    float end = new_end, high = last.right + last.dx;
    for (std::size_t k = around.size(); k-- > 0;) high += frame(around[k]).pad_high;
    for (const int f : around) {
      FlowFrame& g = frame(f);
      g.end = end, g.high = std::max(g.high, high);
      end -= g.pad_end, high -= g.pad_high;
    }
  }

  template <typename ColumnOf, typename Place>
  void move_edge(FlowEdge& e, const std::vector<Cut>& cuts, const std::vector<Column>& columns, const ColumnOf& column_of, const Place& place, float over, float turn) {
    if (e.points.size() < 2) return;
    const std::size_t first = column_of(rank_of_end(e.from, e.from_frame, true)), final = column_of(rank_of_end(e.to, e.to_frame, false));
    std::vector<Point> out;
    std::size_t c = std::min(first, final), k = 0;
    float at = e.points.front().x;  // of the edge where it meets the cut
    for (; c < final; ++c) {
      for (; k < e.points.size() && e.points[k].y < cuts[c].at; ++k) out.push_back(place(c, e.points[k])), at = e.points[k].x;
      const float down = at + columns[c].dx, up = columns[c].right + columns[c].dx + kGutter / 2;
      // A piece across that would follow at once is the one over the column.
      const bool across = k + 2 < e.points.size() && std::abs(e.points[k].y - e.points[k + 1].y) < 0.5F;
      if (across && (c + 1 == final || e.points[k].y < cuts[c + 1].at)) at = e.points[k + 1].x, k += 2;
      const float in = at + columns[c + 1].dx;
      out.insert(out.end(), {{down, turn}, {up, turn}, {up, over}, {in, over}});
    }
    for (; k < e.points.size(); ++k) out.push_back(place(c, e.points[k]));
    if (e.labelled) {
      const Point p = place(c, {e.label_at_across, e.label_at_along});
      e.label_at_across = p.x, e.label_at_along = p.y;
      // The edge comes from the side there.
      if (first != final) e.labelled = false;
    }
    e.points = std::move(out);
  }

  Flow& flow_;
  int ranks_ = 0;
  float left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;
  std::map<std::vector<int>, std::vector<Cut>> candidates_;
};

}  // namespace

void set_in_columns(Flow& flow) {
  if (flow.columns != 1) Columns(flow).run(flow.columns);
}

}  // namespace isotherm::render
