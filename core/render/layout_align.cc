#include <algorithm>
#include <array>
#include <limits>

#include "core/render/layout_rows.h"

namespace isotherm::render {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();

/// One of the four alignments, in mirrored coordinates: downwards means that members follow their upper neighbours.
class Alignment {
 public:
  Alignment(const Rows& rows, const std::vector<std::vector<int>>& up, const std::vector<std::vector<int>>& down,
            const std::vector<bool>& crossed, const LayoutRequest& request, bool downwards, bool rightwards)
      : r_(rows),
        links_(downwards ? up : down),
        crossed_(crossed),
        request_(request),
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
        // The heaviest links alone count: a box stands below its nearest inputs, not between them and a far one.
        int weight = 0;
        for (const int l : links_[static_cast<std::size_t>(m)])
          weight = std::max(weight, r_.links[static_cast<std::size_t>(l)].weight);
        candidates.clear();
        for (const int l : links_[static_cast<std::size_t>(m)]) {
          const Rows::Link& link = r_.links[static_cast<std::size_t>(l)];
          if (link.weight != weight) continue;
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
        const float least =
            apart(r_, request_, a, b) + shift_[static_cast<std::size_t>(a)] - shift_[static_cast<std::size_t>(b)];
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
  bool downwards_, rightwards_;
  std::vector<int> root_;
  std::vector<float> shift_;
  std::vector<bool> taken_;
};

/// Links that cross a column of slices, or the straight inside of a long edge: they give way.
std::vector<bool> crossed_links(const Rows& rows, const std::vector<std::vector<int>>& up, int boxes) {
  std::vector<bool> crossed(rows.links.size(), false);
  const auto inner = [&](int l) {
    const Rows::Link& link = rows.links[static_cast<std::size_t>(l)];
    return rows.members[static_cast<std::size_t>(link.upper)].vertex >= boxes &&
           rows.members[static_cast<std::size_t>(link.lower)].vertex >= boxes;
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
          if (wires[k].strength >= strength && (wires[k].link < 0 || !crossed[static_cast<std::size_t>(wires[k].link)]))
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
          if (wires[k].strength >= strength && (wires[k].link < 0 || !crossed[static_cast<std::size_t>(wires[k].link)]))
            least = std::min(least, wires[k].upper);
        at = j;
      }
    }
  }
  return crossed;
}

/// The mean of the two middle ones of four alignments, each moved to the narrowest; the result is in x[0].
void balance(const Rows& rows, std::array<std::vector<float>, 4>& x) {
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

}  // namespace

float apart(const Rows& rows, const LayoutRequest& request, int left, int right) {
  const auto real = [&](int m) { return rows.members[static_cast<std::size_t>(m)].vertex < rows.boxes; };
  const int both = (real(left) ? 1 : 0) + (real(right) ? 1 : 0);
  const float gap = both == 2 ? request.box_gap : both == 1 ? request.box_gap / 2 : 1;
  return rows.half[static_cast<std::size_t>(left)] + gap + rows.half[static_cast<std::size_t>(right)];
}

std::vector<float> align_rows(const Rows& rows, const LayoutRequest& request) {
  std::vector<std::vector<int>> up(rows.members.size()), down(rows.members.size());
  for (std::size_t l = 0; l < rows.links.size(); ++l) {
    up[static_cast<std::size_t>(rows.links[l].lower)].push_back(static_cast<int>(l));
    down[static_cast<std::size_t>(rows.links[l].upper)].push_back(static_cast<int>(l));
  }
  const std::vector<bool> crossed = crossed_links(rows, up, rows.boxes);
  std::array<std::vector<float>, 4> x;
  for (std::size_t k = 0; k < 4; ++k) x[k] = Alignment(rows, up, down, crossed, request, k < 2, k % 2 == 0).run();
  balance(rows, x);
  return std::move(x[0]);
}

}  // namespace isotherm::render
