#include <algorithm>
#include <array>
#include <limits>
#include <queue>

#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();

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
    bool data;
  };
  std::vector<Member> members;
  std::vector<float> half;
  std::vector<std::vector<int>> rows;
  std::vector<Link> links;
};

/// One of the four alignments, in mirrored coordinates: downwards means that members follow their upper neighbours.
class Alignment {
 public:
  Alignment(const Rows& rows, const std::vector<std::vector<int>>& up, const std::vector<std::vector<int>>& down,
            const std::vector<bool>& crossed, const LayoutRequest& request, int boxes, bool downwards, bool rightwards)
      : r_(rows),
        links_(downwards ? up : down),
        crossed_(crossed),
        request_(request),
        boxes_(boxes),
        downwards_(downwards),
        rightwards_(rightwards) {}

  std::vector<float> run() {
    align();
    return compact();
  }

 private:
  [[nodiscard]] const Rows::Member& member(int m) const { return r_.members[static_cast<std::size_t>(m)]; }
  /// Index in its row, as this alignment counts.
  [[nodiscard]] int index(int m) const {
    const int size = static_cast<int>(r_.rows[static_cast<std::size_t>(member(m).row)].size());
    return rightwards_ ? member(m).index : size - 1 - member(m).index;
  }
  [[nodiscard]] int previous(int m) const { return downwards_ ? member(m).before : member(m).after; }
  [[nodiscard]] int following(int m) const { return downwards_ ? member(m).after : member(m).before; }
  [[nodiscard]] int root(int m) const { return root_[static_cast<std::size_t>(m)]; }

  void join(int m, int to, float shift) {
    const auto i = static_cast<std::size_t>(m);
    root_[i] = root(to);
    shift_[i] = shift_[static_cast<std::size_t>(to)] + shift;
    taken_[static_cast<std::size_t>(to)] = true;
  }

  void align() {
    const std::size_t n = r_.members.size();
    root_.resize(n);
    for (std::size_t i = 0; i < n; ++i) root_[i] = static_cast<int>(i);
    shift_.assign(n, 0);
    taken_.assign(n, false);
    const auto rows = static_cast<int>(r_.rows.size());
    struct Candidate {
      int index, other;
      float shift;
      std::size_t link;
    };
    std::vector<Candidate> candidates;
    for (int k = 0; k < rows; ++k) {
      const auto& row = r_.rows[static_cast<std::size_t>(downwards_ ? k : rows - 1 - k)];
      int last = -1;
      for (std::size_t j = 0; j < row.size(); ++j) {
        const int m = row[rightwards_ ? j : row.size() - 1 - j];
        if (previous(m) >= 0) {
          join(m, previous(m), 0);
          last = index(previous(m));
          continue;
        }
        bool data = false;
        for (const int l : links_[static_cast<std::size_t>(m)]) data |= r_.links[static_cast<std::size_t>(l)].data;
        candidates.clear();
        for (const int l : links_[static_cast<std::size_t>(m)]) {
          const Rows::Link& link = r_.links[static_cast<std::size_t>(l)];
          if (link.data != data) continue;
          const int other = downwards_ ? link.upper : link.lower;
          candidates.push_back(
              {index(other), other, downwards_ ? link.shift : -link.shift, static_cast<std::size_t>(l)});
        }
        std::sort(candidates.begin(), candidates.end(),
                  [](const Candidate& a, const Candidate& b) { return a.index < b.index; });
        const std::size_t d = candidates.size();
        for (std::size_t c = d == 0 ? 0 : (d - 1) / 2; d > 0 && c <= d / 2; ++c) {
          const Candidate& best = candidates[c];
          // A slice that goes on is joined by its own next slice alone.
          if (best.index <= last || crossed_[best.link] || taken_[static_cast<std::size_t>(best.other)] ||
              following(best.other) >= 0)
            continue;
          join(m, best.other, best.shift);
          last = best.index;
          break;
        }
      }
    }
  }

  /// Room between the centers of two neighbours in a row.
  [[nodiscard]] float apart(int left, int right) const {
    const auto real = [&](int m) { return member(m).vertex < boxes_; };
    const int both = (real(left) ? 1 : 0) + (real(right) ? 1 : 0);
    const float gap = both == 2 ? request_.box_gap : both == 1 ? request_.box_gap / 2 : 1;
    return r_.half[static_cast<std::size_t>(left)] + gap + r_.half[static_cast<std::size_t>(right)];
  }

  std::vector<float> compact() {
    const std::size_t n = r_.members.size();
    struct Room {
      int other;
      float least;
    };
    // Between blocks: how far the right one's root is at least from the left one's.
    std::vector<std::vector<Room>> right(n), left(n);
    std::vector<int> waiting(n, 0);
    for (const auto& row : r_.rows) {
      for (std::size_t j = 1; j < row.size(); ++j) {
        const int a = row[j - 1], b = row[j];
        if (root(a) == root(b)) continue;
        const float least = apart(a, b) + shift_[static_cast<std::size_t>(a)] - shift_[static_cast<std::size_t>(b)];
        // Mirrored, the block on the right comes first.
        const int first = rightwards_ ? root(a) : root(b), second = rightwards_ ? root(b) : root(a);
        right[static_cast<std::size_t>(first)].push_back({second, least});
        left[static_cast<std::size_t>(second)].push_back({first, least});
        ++waiting[static_cast<std::size_t>(second)];
      }
    }
    std::vector<float> x(n, 0);
    std::vector<int> order;
    for (std::size_t i = 0; i < n; ++i)
      if (root_[i] == static_cast<int>(i) && waiting[i] == 0) order.push_back(static_cast<int>(i));
    for (std::size_t at = 0; at < order.size(); ++at) {
      const auto i = static_cast<std::size_t>(order[at]);
      float least = left[i].empty() ? 0 : -kInfinite;
      for (const Room& room : left[i]) least = std::max(least, x[static_cast<std::size_t>(room.other)] + room.least);
      x[i] = least;
      for (const Room& room : right[i])
        if (--waiting[static_cast<std::size_t>(room.other)] == 0) order.push_back(room.other);
    }
    // Blocks with a neighbour to their right move up to it.
    for (std::size_t at = order.size(); at-- > 0;) {
      const auto i = static_cast<std::size_t>(order[at]);
      float most = kInfinite;
      for (const Room& room : right[i]) most = std::min(most, x[static_cast<std::size_t>(room.other)] - room.least);
      if (most < kInfinite) x[i] = std::max(x[i], most);
    }
    std::vector<float> out(n);
    const float sign = rightwards_ ? 1.0F : -1.0F;
    for (std::size_t i = 0; i < n; ++i) out[i] = sign * x[static_cast<std::size_t>(root_[i])] + shift_[i];
    return out;
  }

  const Rows& r_;
  const std::vector<std::vector<int>>& links_;
  const std::vector<bool>& crossed_;
  const LayoutRequest& request_;
  int boxes_;
  bool downwards_, rightwards_;
  std::vector<int> root_;
  std::vector<float> shift_;
  std::vector<bool> taken_;
};

class Placer {
 public:
  explicit Placer(const LayerGraph& g)
      : g_(g),
        inner_(g.first.size()),
        width_(g.first.size(), 0),
        offset_(g.first.size(), 0),
        base_(g.first.size(), -1),
        center_(g.rank.size(), 0),
        member_(g.rank.size(), -1) {}

  std::vector<float> run() {
    gather();
    for (std::size_t g = inner_.size(); g-- > 0;)
      if (g_.last[g] >= 0) place(static_cast<int>(g));
    // Groups have larger numbers than those round them.
    for (std::size_t g = 1; g < inner_.size(); ++g)
      offset_[g] += offset_[static_cast<std::size_t>(g_.parent(static_cast<int>(g)))];
    for (std::size_t v = 0; v < center_.size(); ++v) center_[v] += offset_[static_cast<std::size_t>(g_.group[v])];
    return std::move(center_);
  }

 private:
  [[nodiscard]] int span(int g) const {
    return g_.last[static_cast<std::size_t>(g)] - g_.first[static_cast<std::size_t>(g)] + 1;
  }

  int add(int group, int vertex, int r) {
    Rows& rows = inner_[static_cast<std::size_t>(group)];
    const int row = r - g_.first[static_cast<std::size_t>(group)];
    auto& list = rows.rows[static_cast<std::size_t>(row)];
    const int m = static_cast<int>(rows.members.size());
    rows.members.push_back({vertex, row, static_cast<int>(list.size()), -1, -1});
    list.push_back(m);
    return m;
  }

  void gather() {
    for (std::size_t g = 0; g < inner_.size(); ++g)
      if (g_.last[g] >= 0) inner_[g].rows.resize(static_cast<std::size_t>(span(static_cast<int>(g))));
    slice_.resize(inner_.size());
    for (int r = 0; r < g_.ranks; ++r) {
      for (const int v : g_.layers[static_cast<std::size_t>(r)]) {
        const int own = g_.group[static_cast<std::size_t>(v)];
        member_[static_cast<std::size_t>(v)] = add(own, v, r);
        for (int g = own; g > 0; g = g_.parent(g)) {
          auto& slices = slice_[static_cast<std::size_t>(g)];
          if (static_cast<int>(slices.size()) > r - g_.first[static_cast<std::size_t>(g)]) break;  // is in the row
          slices.push_back(add(g_.parent(g), ~g, r));
        }
      }
    }
    for (std::size_t g = 1; g < inner_.size(); ++g) {
      auto& members = inner_[static_cast<std::size_t>(g_.parent(static_cast<int>(g)))].members;
      for (std::size_t k = 1; k < slice_[g].size(); ++k) {
        members[static_cast<std::size_t>(slice_[g][k - 1])].after = slice_[g][k];
        members[static_cast<std::size_t>(slice_[g][k])].before = slice_[g][k - 1];
      }
    }
    at_.resize(inner_.size());
    for (std::size_t s = 0; s < g_.segments.size(); ++s)
      at_[static_cast<std::size_t>(g_.common_group(g_.group[static_cast<std::size_t>(g_.segments[s].upper)],
                                                   g_.group[static_cast<std::size_t>(g_.segments[s].lower)]))]
          .push_back(s);
  }

  struct End {
    int member;
    float offset;  ///< of the vertex from the member's center
  };

  /// What stands for a vertex among the members of `group`, once what is inside has its places.
  End end_in(int group, int v) const {
    int g = g_.group[static_cast<std::size_t>(v)];
    if (g == group) return {member_[static_cast<std::size_t>(v)], 0};
    float x = center_[static_cast<std::size_t>(v)];
    while (g_.parent(g) != group) {
      x += offset_[static_cast<std::size_t>(g)];
      g = g_.parent(g);
    }
    const auto i = static_cast<std::size_t>(g);
    const int r = g_.rank[static_cast<std::size_t>(v)];
    return {slice_[i][static_cast<std::size_t>(r - g_.first[i])], x - width_[i] / 2};
  }

  void place(int group) {
    const auto g = static_cast<std::size_t>(group);
    Rows& rows = inner_[g];
    const std::size_t n = rows.members.size();
    rows.half.resize(n);
    for (std::size_t m = 0; m < n; ++m) {
      const int v = rows.members[m].vertex;
      rows.half[m] = v >= 0 ? g_.half[static_cast<std::size_t>(v)] : width_[static_cast<std::size_t>(~v)] / 2;
    }
    for (const std::size_t s : at_[g]) {
      const LayerGraph::Segment& segment = g_.segments[s];
      const End upper = end_in(group, segment.upper), lower = end_in(group, segment.lower);
      // An edge that leaves a frame beside its next slice cannot be straight.
      if (rows.members[static_cast<std::size_t>(upper.member)].after >= 0 ||
          rows.members[static_cast<std::size_t>(lower.member)].before >= 0)
        continue;
      rows.links.push_back({upper.member, lower.member, upper.offset - lower.offset, segment.data});
    }
    std::vector<std::vector<int>> up(n), down(n);
    for (std::size_t l = 0; l < rows.links.size(); ++l) {
      up[static_cast<std::size_t>(rows.links[l].lower)].push_back(static_cast<int>(l));
      down[static_cast<std::size_t>(rows.links[l].upper)].push_back(static_cast<int>(l));
    }
    const std::vector<bool> crossed = crossed_links(rows, up);
    std::array<std::vector<float>, 4> x;
    for (int k = 0; k < 4; ++k)
      x[static_cast<std::size_t>(k)] =
          Alignment(rows, up, down, crossed, *g_.request, g_.boxes, k < 2, k % 2 == 0).run();
    balance(rows, x);
    float low = kInfinite, high = -kInfinite;
    for (std::size_t m = 0; m < n; ++m) {
      low = std::min(low, x[0][m] - rows.half[m]);
      high = std::max(high, x[0][m] + rows.half[m]);
    }
    const float margin = group == 0 ? 0 : g_.request->group_margin;
    width_[g] = high - low + 2 * margin;
    for (std::size_t m = 0; m < n; ++m) {
      const int v = rows.members[m].vertex;
      const float center = x[0][m] - low + margin;
      if (v >= 0)
        center_[static_cast<std::size_t>(v)] = center;
      else
        offset_[static_cast<std::size_t>(~v)] = center - width_[static_cast<std::size_t>(~v)] / 2;
    }
    rows = {};
  }

  /// Links that cross a column of slices, or the straight inside of a long edge: they give way.
  std::vector<bool> crossed_links(const Rows& rows, const std::vector<std::vector<int>>& up) const {
    std::vector<bool> crossed(rows.links.size(), false);
    const auto inner = [&](int l) {
      const Rows::Link& link = rows.links[static_cast<std::size_t>(l)];
      return rows.members[static_cast<std::size_t>(link.upper)].vertex >= g_.boxes &&
             rows.members[static_cast<std::size_t>(link.lower)].vertex >= g_.boxes;
    };
    struct Wire {
      int upper, lower, strength, link;
    };
    std::vector<Wire> wires;
    for (std::size_t r = 1; r < rows.rows.size(); ++r) {
      wires.clear();
      for (const int m : rows.rows[r]) {
        const Rows::Member& member = rows.members[static_cast<std::size_t>(m)];
        if (member.before >= 0)
          wires.push_back({rows.members[static_cast<std::size_t>(member.before)].index, member.index, 2, -1});
        for (const int l : up[static_cast<std::size_t>(m)])
          wires.push_back({rows.members[static_cast<std::size_t>(rows.links[static_cast<std::size_t>(l)].upper)].index,
                           member.index, inner(l) ? 1 : 0, l});
      }
      // In order of their lower ends; the upper ends of the strong ones rise, so bounds from both sides show crossings.
      const std::size_t n = wires.size();
      for (const int strength : {2, 1}) {
        int most = -1;  // of the stronger wires strictly left
        std::vector<int> pending;
        std::size_t i = 0;
        while (i < n) {
          std::size_t j = i;
          while (j < n && wires[j].lower == wires[i].lower) ++j;
          for (std::size_t k = i; k < j; ++k)
            if (wires[k].strength < strength && wires[k].upper < most)
              crossed[static_cast<std::size_t>(wires[k].link)] = true;
          for (std::size_t k = i; k < j; ++k)
            if (wires[k].strength >= strength &&
                (wires[k].link < 0 || !crossed[static_cast<std::size_t>(wires[k].link)]))
              most = std::max(most, wires[k].upper);
          i = j;
        }
        int least = 1 << 30;
        for (std::size_t at = n; at > 0;) {
          std::size_t j = at;
          while (j > 0 && wires[j - 1].lower == wires[at - 1].lower) --j;
          for (std::size_t k = j; k < at; ++k)
            if (wires[k].strength < strength && wires[k].upper > least)
              crossed[static_cast<std::size_t>(wires[k].link)] = true;
          for (std::size_t k = j; k < at; ++k)
            if (wires[k].strength >= strength &&
                (wires[k].link < 0 || !crossed[static_cast<std::size_t>(wires[k].link)]))
              least = std::min(least, wires[k].upper);
          at = j;
        }
      }
    }
    return crossed;
  }

  /// The mean of the two middle ones of four alignments, each moved to the narrowest; the result is in x[0].
  static void balance(const Rows& rows, std::array<std::vector<float>, 4>& x) {
    std::array<float, 4> low{}, high{};
    std::size_t narrowest = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      low[k] = kInfinite, high[k] = -kInfinite;
      for (std::size_t m = 0; m < x[k].size(); ++m) {
        low[k] = std::min(low[k], x[k][m] - rows.half[m]);
        high[k] = std::max(high[k], x[k][m] + rows.half[m]);
      }
      if (high[k] - low[k] < high[narrowest] - low[narrowest] - 0.01F) narrowest = k;
    }
    const float left = low[narrowest], right = high[narrowest];
    for (std::size_t k = 0; k < 4; ++k) {
      const float move = k % 2 == 0 ? left - low[k] : right - high[k];
      for (float& v : x[k]) v += move;
    }
    for (std::size_t m = 0; m < x[0].size(); ++m) {
      std::array<float, 4> v = {x[0][m], x[1][m], x[2][m], x[3][m]};
      std::sort(v.begin(), v.end());
      x[0][m] = (v[1] + v[2]) / 2;
    }
  }

  const LayerGraph& g_;
  std::vector<Rows> inner_;
  std::vector<float> width_, offset_;  ///< by group: across, and its left side inside its parent
  std::vector<int> base_;
  std::vector<float> center_;                 ///< by vertex, inside its group until the end
  std::vector<int> member_;                   ///< by vertex: member of its group
  std::vector<std::vector<int>> slice_;       ///< by group and rank: member of its parent
  std::vector<std::vector<std::size_t>> at_;  ///< by group: segments between two of its members
};

}  // namespace

std::vector<float> place_across(const LayerGraph& graph) {
  if (graph.ranks == 0) return {};
  return Placer(graph).run();
}

}  // namespace isotherm::render
