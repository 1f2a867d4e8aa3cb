#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_set>

#include "core/render/flow.h"
#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

constexpr float kLaneHalf = 4;
constexpr int kTrunkEdges = 4;

/// Lists of neighbours, as ranges of one array.
void collect(std::size_t vertices, const std::vector<std::pair<int, int>>& pairs, std::vector<int>& begin,
             std::vector<int>& others) {
  begin.assign(vertices + 1, 0);
  for (const auto& [v, w] : pairs) ++begin[static_cast<std::size_t>(v) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  others.resize(pairs.size());
  std::vector<int> at(begin.begin(), begin.end() - 1);
  for (const auto& [v, w] : pairs) others[static_cast<std::size_t>(at[static_cast<std::size_t>(v)]++)] = w;
}

class Maker {
 public:
  Maker(const LayoutRequest& request, std::vector<int> rank) {
    g_.request = &request;
    g_.boxes = static_cast<int>(request.boxes.size());
    g_.rank = std::move(rank);
    for (const LayoutBox& b : request.boxes) {
      g_.group.push_back(b.group);
      g_.half.push_back(b.across / 2);
    }
    for (const int r : g_.rank) g_.ranks = std::max(g_.ranks, r + 1);
  }

  LayerGraph run() {
    spans();
    edges();
    fill_frames();
    std::vector<std::pair<int, int>> up, down;
    for (const LayerGraph::Segment& s : g_.segments)
      up.emplace_back(s.lower, s.upper), down.emplace_back(s.upper, s.lower);
    collect(g_.rank.size(), up, g_.up, g_.up_others);
    collect(g_.rank.size(), down, g_.down, g_.down_others);
    collect(g_.rank.size(), far_, g_.far, g_.far_others);
    g_.layers.resize(static_cast<std::size_t>(g_.ranks));
    g_.place.resize(g_.rank.size());
    return std::move(g_);
  }

 private:
  [[nodiscard]] int rank(int v) const { return g_.rank[static_cast<std::size_t>(v)]; }
  int& first(int g) { return g_.first[static_cast<std::size_t>(g)]; }
  int& last(int g) { return g_.last[static_cast<std::size_t>(g)]; }

  void spans() {
    const std::size_t groups = g_.request->group_parent.size();
    g_.first.assign(groups, 1 << 30);
    g_.last.assign(groups, -1);
    g_.depth.assign(groups, 0);
    for (std::size_t g = 1; g < groups; ++g)
      g_.depth[g] = g_.depth[static_cast<std::size_t>(g_.parent(static_cast<int>(g)))] + 1;
    for (std::size_t v = 0; v < g_.rank.size(); ++v) {
      first(g_.group[v]) = std::min(first(g_.group[v]), g_.rank[v]);
      last(g_.group[v]) = std::max(last(g_.group[v]), g_.rank[v]);
    }
    for (std::size_t g = groups; g-- > 1;) {
      const int p = g_.parent(static_cast<int>(g));
      first(p) = std::min(first(p), g_.first[g]);
      last(p) = std::max(last(p), g_.last[g]);
    }
  }

  int add(int r, int group, float half) {
    g_.rank.push_back(r);
    g_.group.push_back(group);
    g_.half.push_back(half);
    return static_cast<int>(g_.rank.size()) - 1;
  }

  /// The innermost group that an edge may be in at rank r: its ends' frames as long as they last.
  int group_at(int upper, int lower, int common, int r) {
    for (int g = g_.group[static_cast<std::size_t>(upper)]; g != common; g = g_.parent(g))
      if (r <= last(g)) return g;
    for (int g = g_.group[static_cast<std::size_t>(lower)]; g != common; g = g_.parent(g))
      if (r >= first(g)) return g;
    return common;
  }

  void edges() {
    struct Edge {
      int upper, lower;
      bool data;
    };
    std::vector<Edge> all;
    for (const LayoutEdge& e : g_.request->edges) {
      if (rank(e.from) == rank(e.to)) continue;
      const bool down = rank(e.from) < rank(e.to);
      all.push_back({down ? e.from : e.to, down ? e.to : e.from, !e.control});
    }
    // Parallel edges are one; data before control.
    std::sort(all.begin(), all.end(), [](const Edge& a, const Edge& b) {
      return std::tuple(a.upper, a.lower, !a.data) < std::tuple(b.upper, b.lower, !b.data);
    });
    all.erase(std::unique(all.begin(), all.end(),
                          [](const Edge& a, const Edge& b) { return a.upper == b.upper && a.lower == b.lower; }),
              all.end());
    std::stable_sort(all.begin(), all.end(), [&](const Edge& a, const Edge& b) {
      return rank(a.lower) - rank(a.upper) < rank(b.lower) - rank(b.upper);
    });
    std::vector<int> ins(static_cast<std::size_t>(g_.boxes), 0), outs(static_cast<std::size_t>(g_.boxes), 0);
    for (const Edge& e : all) {
      if (rank(e.lower) - rank(e.upper) < 2) continue;
      if (e.data) ++ins[static_cast<std::size_t>(e.lower)];
      ++outs[static_cast<std::size_t>(e.upper)];
    }
    // Where room is scarce; elsewhere ways of their own cross less.
    const bool dense = 2 * all.size() > 5 * static_cast<std::size_t>(g_.boxes);
    std::size_t budget = 20000 + 4 * (all.size() + static_cast<std::size_t>(g_.boxes));
    for (const Edge& e : all) {
      const auto pieces = static_cast<std::size_t>(rank(e.lower) - rank(e.upper) - 1);
      if (pieces > budget) {
        far_.emplace_back(e.upper, e.lower);
        far_.emplace_back(e.lower, e.upper);
        continue;
      }
      budget -= pieces;
      const int common =
          g_.common_group(g_.group[static_cast<std::size_t>(e.upper)], g_.group[static_cast<std::size_t>(e.lower)]);
      // Many long edges into one box are drawn as one (flow.h), and those out of one box run together: here, too.
      const bool by_target = e.data && ins[static_cast<std::size_t>(e.lower)] >= kBusEdges;
      const bool by_source = dense && outs[static_cast<std::size_t>(e.upper)] >= kTrunkEdges;
      int from = e.upper;
      for (int r = rank(e.upper) + 1; r < rank(e.lower); ++r) {
        const int group = group_at(e.upper, e.lower, common, r);
        const int end = by_target ? ~e.lower : e.upper;
        int v = -1;
        if (by_target || by_source) {
          const auto [shared, added] = shared_.try_emplace({end, e.data, r, group}, -1);
          if (added) shared->second = add(r, group, kLaneHalf);
          v = shared->second;
        } else {
          v = add(r, group, kLaneHalf);
        }
        link(from, v, e.data);
        from = v;
        // Those that run together find their common lane themselves.
        if (!by_target && !by_source && r == (rank(e.upper) + rank(e.lower)) / 2) g_.middle[{e.upper, e.lower}] = v;
      }
      link(from, e.lower, e.data);
    }
  }

  void link(int upper, int lower, bool data) {
    if (linked_.insert((static_cast<long long>(upper) << 32) + lower).second) g_.segments.push_back({upper, lower, data});
  }

  /// A frame is there in every rank that it spans.
  void fill_frames() {
    const std::size_t groups = g_.first.size();
    std::vector<std::vector<bool>> present(groups);
    for (std::size_t g = 1; g < groups; ++g)
      if (g_.last[g] >= 0) present[g].resize(static_cast<std::size_t>(g_.last[g] - g_.first[g] + 1));
    const auto mark = [&](int group, int r) {
      for (int g = group; g > 0; g = g_.parent(g)) {
        auto bit = present[static_cast<std::size_t>(g)][static_cast<std::size_t>(r - first(g))];
        if (bit) break;
        bit = true;
      }
    };
    for (std::size_t v = 0; v < g_.rank.size(); ++v) mark(g_.group[v], g_.rank[v]);
    for (std::size_t g = groups; g-- > 1;)
      for (std::size_t r = 0; r < present[g].size(); ++r)
        if (!present[g][r]) {
          add(g_.first[g] + static_cast<int>(r), static_cast<int>(g), 0);
          mark(static_cast<int>(g), g_.first[g] + static_cast<int>(r));
        }
  }

  LayerGraph g_;
  std::vector<std::pair<int, int>> far_;
  std::map<std::tuple<int, bool, int, int>, int> shared_;  ///< by source, kind, rank and group: its piece
  std::unordered_set<long long> linked_;
};

}  // namespace

int LayerGraph::common_group(int a, int b) const {
  while (a != b) {
    if (depth[static_cast<std::size_t>(a)] >= depth[static_cast<std::size_t>(b)])
      a = parent(a);
    else
      b = parent(b);
  }
  return a;
}

LayerGraph layer_graph(const LayoutRequest& request, std::vector<int> rank) {
  return Maker(request, std::move(rank)).run();
}

}  // namespace isotherm::render
