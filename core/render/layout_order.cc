#include <algorithm>
#include <numeric>

#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

constexpr std::size_t kFewVertices = 6000;  // up to here more is tried

class Orderer {
 public:
  Orderer(LayerGraph& g, const std::function<bool()>& cancelled) : g_(g), cancelled_(cancelled) {
    const std::size_t groups = g.first.size();
    members_.resize(groups);
    key_.resize(g.rank.size());
    group_sum_.resize(groups);
    group_count_.resize(groups);
    group_key_.resize(groups);
    present_.resize(groups);
    by_rank_.resize(static_cast<std::size_t>(g.ranks));
    for (std::size_t v = 0; v < g.rank.size(); ++v)
      by_rank_[static_cast<std::size_t>(g.rank[v])].push_back(static_cast<int>(v));
  }

  void run() {
    const std::size_t n = g_.rank.size();
    // A bound on the whole work, so that it stays linear; small graphs get all that helps.
    const int sweeps = static_cast<int>(std::clamp<std::size_t>(1500000 / (n + g_.segments.size() + 1), 4, 24));
    const int starts = n <= 1000 ? 8 : n <= kFewVertices ? 5 : 1;
    std::vector<std::vector<int>> best;
    long long least = -1;
    for (int start = 0; start < starts && least != 0; ++start) {
      begin(start);
      int idle = 0;
      for (int s = 0; s < sweeps && idle < 6; ++s) {
        if (s > 0) sweep(s % 2 == 1);
        if (n <= kFewVertices && s > 0) exchange(2);
        const long long now = crossings();
        if (least < 0 || now < least) {
          least = now;
          best = g_.layers;
          idle = 0;
        } else {
          ++idle;
        }
        if (least == 0 || (cancelled_ && cancelled_())) break;
      }
    }
    g_.layers = std::move(best);
    for (const auto& layer : g_.layers) number(layer);
    if (n <= 4 * kFewVertices && least > 0) exchange(12);
  }

 private:
  [[nodiscard]] int place(int v) const { return g_.place[static_cast<std::size_t>(v)]; }

  void number(const std::vector<int>& layer) {
    for (std::size_t i = 0; i < layer.size(); ++i) g_.place[static_cast<std::size_t>(layer[i])] = static_cast<int>(i);
  }

  /// First order: as a depth-first search from the sources meets the vertices; the second start mirrors it, further
  /// ones shake the sources.
  void begin(int start) {
    const std::size_t n = g_.rank.size();
    std::vector<bool> seen(n, false);
    int visit = 0;
    std::vector<int> stack;
    const auto search = [&](int from) {
      stack.push_back(from);
      while (!stack.empty()) {
        const int v = stack.back();
        stack.pop_back();
        const auto i = static_cast<std::size_t>(v);
        if (seen[i]) continue;
        seen[i] = true;
        key_[i] = static_cast<float>(visit++);
        for (int k = g_.down[i + 1]; k-- > g_.down[i];) stack.push_back(g_.down_others[static_cast<std::size_t>(k)]);
      }
    };
    const auto source = [&](std::size_t v) { return g_.up[v] == g_.up[v + 1]; };
    const auto boxes = static_cast<std::size_t>(g_.boxes);
    std::size_t step = boxes / static_cast<std::size_t>(start + 1) + 1;
    while (std::gcd(step, boxes) != 1) ++step;
    for (std::size_t k = 0; k < boxes; ++k) {
      const std::size_t v = start == 1  ? boxes - 1 - k
                            : start > 1 ? (k * step + static_cast<std::size_t>(start)) % boxes
                                        : k;
      if (source(v)) search(static_cast<int>(v));
    }
    for (std::size_t v = 0; v < n; ++v)
      if (!seen[v]) search(static_cast<int>(v));
    // One key for a group over all its ranks: that of its first visit.
    std::vector<float> firsts(g_.first.size(), static_cast<float>(n));
    for (std::size_t v = 0; v < n; ++v)
      for (int g = g_.group[v]; g > 0; g = g_.parent(g))
        firsts[static_cast<std::size_t>(g)] = std::min(firsts[static_cast<std::size_t>(g)], key_[v]);
    for (int r = 0; r < g_.ranks; ++r) arrange(r, [&](int g) { return firsts[static_cast<std::size_t>(g)]; });
  }

  /// Sorts rank r by key_, group by group; `group_key` gives the keys of groups.
  template <class F>
  void arrange(int r, const F& group_key) {
    auto& touched = touched_;
    touched.clear();
    const auto touch = [&](int g) {
      if (present_[static_cast<std::size_t>(g)]) return false;
      present_[static_cast<std::size_t>(g)] = true;
      touched.push_back(g);
      return true;
    };
    touch(0);
    for (const int v : by_rank_[static_cast<std::size_t>(r)]) {
      const int own = g_.group[static_cast<std::size_t>(v)];
      members_[static_cast<std::size_t>(own)].push_back({key_[static_cast<std::size_t>(v)], v});
      for (int g = own; g > 0 && touch(g); g = g_.parent(g)) {
      }
    }
    for (const int g : touched)
      if (g > 0) members_[static_cast<std::size_t>(g_.parent(g))].push_back({group_key(g), ~g});
    auto& layer = g_.layers[static_cast<std::size_t>(r)];
    layer.clear();
    emit(0, layer);
    for (const int g : touched) {
      members_[static_cast<std::size_t>(g)].clear();
      present_[static_cast<std::size_t>(g)] = false;
    }
    number(layer);
    // Equal keys keep this order the next time.
    by_rank_[static_cast<std::size_t>(r)] = layer;
  }

  void emit(int g, std::vector<int>& layer) {
    auto& members = members_[static_cast<std::size_t>(g)];
    std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
    for (const Member& m : members) {
      if (m.what >= 0)
        layer.push_back(m.what);
      else
        emit(~m.what, layer);
    }
  }

  void sweep(bool downwards) {
    const int from = downwards ? 1 : g_.ranks - 2, end = downwards ? g_.ranks : -1, step = downwards ? 1 : -1;
    for (int r = from; r != end; r += step) relax(r, downwards);
  }

  void relax(int r, bool downwards) {
    const auto& fixed = g_.layers[static_cast<std::size_t>(downwards ? r - 1 : r + 1)];
    const auto& begin = downwards ? g_.up : g_.down;
    const auto& others = downwards ? g_.up_others : g_.down_others;
    auto& mine = by_rank_[static_cast<std::size_t>(r)];
    const float scale = mine.size() > 1 ? static_cast<float>(fixed.size()) / static_cast<float>(mine.size()) : 1;
    std::vector<int> opened;
    const auto climb = [&](int own, float key, float weight) {
      for (int g = own; g > 0; g = g_.parent(g)) {
        const auto i = static_cast<std::size_t>(g);
        if (group_count_[i] == 0) opened.push_back(g), group_sum_[i] = 0;
        group_sum_[i] += key * weight;
        group_count_[i] += weight;
      }
    };
    for (const int v : mine) {
      const auto i = static_cast<std::size_t>(v);
      float sum = 0, count = 0;
      for (int k = begin[i]; k < begin[i + 1]; ++k) {
        sum += static_cast<float>(place(others[static_cast<std::size_t>(k)]));
        ++count;
      }
      if (count == 0) {
        for (int k = g_.far[i]; k < g_.far[i + 1]; ++k) {
          const int w = g_.far_others[static_cast<std::size_t>(k)];
          const auto size =
              static_cast<float>(g_.layers[static_cast<std::size_t>(g_.rank[static_cast<std::size_t>(w)])].size());
          sum += static_cast<float>(place(w)) * static_cast<float>(fixed.size()) / std::max(size, 1.0F);
          ++count;
        }
      }
      key_[i] = count > 0 ? sum / count : static_cast<float>(place(v)) * scale;
      // What has no neighbour there hardly moves its group.
      climb(g_.group[i], key_[i], count > 0 ? count : 0.01F);
    }
    for (const int g : opened) {
      const auto i = static_cast<std::size_t>(g);
      group_key_[i] = group_sum_[i] / group_count_[i];
      group_count_[i] = 0;
    }
    // A group that was there in the last rank stays where it is among its neighbours.
    std::vector<int> going_on;
    for (std::size_t k = 0; k < fixed.size(); ++k) {
      for (int g = g_.group[static_cast<std::size_t>(fixed[k])]; g > 0; g = g_.parent(g)) {
        const auto i = static_cast<std::size_t>(g);
        if (g_.first[i] > r || g_.last[i] < r) continue;
        if (group_count_[i] == 0) going_on.push_back(g), group_sum_[i] = 0;
        group_sum_[i] += static_cast<float>(k);
        ++group_count_[i];
      }
    }
    for (const int g : going_on) {
      const auto i = static_cast<std::size_t>(g);
      group_key_[i] = group_sum_[i] / group_count_[i];
      group_count_[i] = 0;
    }
    arrange(r, [&](int g) { return group_key_[static_cast<std::size_t>(g)]; });
  }

  long long crossings() {
    long long sum = 0;
    for (int r = 0; r + 1 < g_.ranks; ++r) sum += crossings_below(g_, r);
    return sum;
  }

  /// Crossings of the segments of a (left) and b (right) on one side.
  int between(int a, int b, const std::vector<int>& begin, const std::vector<int>& others) {
    const auto sorted = [&](int v, std::vector<int>& out) {
      out.clear();
      const auto i = static_cast<std::size_t>(v);
      for (int k = begin[i]; k < begin[i + 1]; ++k) out.push_back(place(others[static_cast<std::size_t>(k)]));
      std::sort(out.begin(), out.end());
    };
    sorted(a, left_);
    sorted(b, right_);
    int count = 0;
    std::size_t k = 0;
    for (const int p : left_) {
      while (k < right_.size() && right_[k] < p) ++k;
      count += static_cast<int>(k);
    }
    return count;
  }

  /// Neighbours of one group change places where that removes crossings.
  void exchange(int passes) {
    for (int pass = 0; pass < passes; ++pass) {
      bool better = false;
      for (std::size_t r = 0; r < g_.layers.size(); ++r) {
        if (r % 64 == 63 && cancelled_ && cancelled_()) return;
        auto& layer = g_.layers[r];
        bool changed = false;
        for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
          const int a = layer[i], b = layer[i + 1];
          if (g_.group[static_cast<std::size_t>(a)] != g_.group[static_cast<std::size_t>(b)]) continue;
          const int as_is = between(a, b, g_.up, g_.up_others) + between(a, b, g_.down, g_.down_others);
          if (as_is == 0) continue;
          const int other = between(b, a, g_.up, g_.up_others) + between(b, a, g_.down, g_.down_others);
          if (other >= as_is) continue;
          std::swap(layer[i], layer[i + 1]);
          g_.place[static_cast<std::size_t>(a)] = static_cast<int>(i) + 1;
          g_.place[static_cast<std::size_t>(b)] = static_cast<int>(i);
          changed = true;
        }
        if (changed) by_rank_[r] = layer;
        better |= changed;
      }
      if (!better || (cancelled_ && cancelled_())) return;
    }
  }

  struct Member {
    float key;
    int what;  ///< a vertex, or ~group
  };

  LayerGraph& g_;
  const std::function<bool()>& cancelled_;
  std::vector<std::vector<int>> by_rank_;
  std::vector<std::vector<Member>> members_;
  std::vector<float> key_, group_sum_, group_count_, group_key_;
  std::vector<bool> present_;
  std::vector<int> touched_, left_, right_;
};

}  // namespace

long long crossings_below(const LayerGraph& g, int r) {
  const auto& upper = g.layers[static_cast<std::size_t>(r)];
  const auto& lower = g.layers[static_cast<std::size_t>(r) + 1];
  // Sums of a Fenwick tree: how many segments seen so far end at or left of a place.
  std::vector<int> tree(lower.size() + 1, 0);
  std::vector<int> ends;
  long long crossings = 0;
  int seen = 0;
  for (const int v : upper) {
    const auto i = static_cast<std::size_t>(v);
    ends.clear();
    for (int k = g.down[i]; k < g.down[i + 1]; ++k)
      ends.push_back(g.place[static_cast<std::size_t>(g.down_others[static_cast<std::size_t>(k)])]);
    for (const int end : ends) {
      int at_or_left = 0;
      for (int k = end + 1; k > 0; k -= k & -k) at_or_left += tree[static_cast<std::size_t>(k)];
      crossings += seen - at_or_left;
    }
    for (const int end : ends)
      for (auto k = static_cast<std::size_t>(end) + 1; k < tree.size(); k += k & (~k + 1)) ++tree[k];
    seen += static_cast<int>(ends.size());
  }
  return crossings;
}

void order_layers(LayerGraph& graph, const std::function<bool()>& cancelled) {
  if (graph.ranks > 0) Orderer(graph, cancelled).run();
}

}  // namespace isotherm::render
