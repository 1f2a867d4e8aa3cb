#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_set>

#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

constexpr int kMostPasses = 12;

struct Arc {
  int from, to;
  int length;  ///< the least difference of ranks
};

/// All boxes in an order that few edges run against (Eades, Lin and Smyth 1993, sources only): boxes whose inputs have
/// come, and where none is left, of those on a cycle that nothing else holds up, the one that waits for fewest.
std::vector<int> acyclic_order(std::size_t n, const std::vector<Arc>& arcs) {
  std::vector<std::vector<int>> next(n);
  std::vector<int> waiting(n, 0), order;
  for (const Arc& a : arcs) {
    next[static_cast<std::size_t>(a.from)].push_back(a.to);
    ++waiting[static_cast<std::size_t>(a.to)];
  }
  std::vector<bool> done(n, false);
  const auto take = [&](int v) {
    order.push_back(v);
    done[static_cast<std::size_t>(v)] = true;
  };
  for (std::size_t i = 0; i < n; ++i)
    if (waiting[i] == 0) take(static_cast<int>(i));
  // Made at the first cycle: how many inputs outside of its own cycles a box waits for, how many in all, the box.
  std::set<std::tuple<int, int, int>> blocked;
  std::vector<int> component, outside;
  bool cyclic = false;
  const auto find_cycles = [&] {
    component = strong_components(next);
    outside.assign(n, 0);
    for (const Arc& a : arcs)
      if (!done[static_cast<std::size_t>(a.from)] &&
          component[static_cast<std::size_t>(a.from)] != component[static_cast<std::size_t>(a.to)])
        ++outside[static_cast<std::size_t>(a.to)];
    for (std::size_t i = 0; i < n; ++i)
      if (!done[i]) blocked.emplace(outside[i], waiting[i], static_cast<int>(i));
    cyclic = true;
  };
  for (std::size_t at = 0; order.size() < n || at < order.size(); ++at) {
    if (at == order.size()) {
      if (!cyclic) find_cycles();
      const int v = std::get<2>(*blocked.begin());
      blocked.erase(blocked.begin());
      take(v);
    }
    for (const int to : next[static_cast<std::size_t>(order[at])]) {
      const auto t = static_cast<std::size_t>(to);
      if (done[t]) continue;
      if (cyclic) {
        blocked.erase({outside[t], waiting[t], to});
        if (component[t] != component[static_cast<std::size_t>(order[at])]) --outside[t];
      }
      if (--waiting[t] == 0)
        take(to);
      else if (cyclic)
        blocked.emplace(outside[t], waiting[t], to);
    }
  }
  return order;
}

class Ranker {
 public:
  explicit Ranker(const LayoutRequest& request)
      : request_(request), boxes_(request.boxes.size()), groups_(request.group_parent.size()) {
    depth_.assign(groups_, 0);
    for (std::size_t g = 1; g < groups_; ++g) depth_[g] = depth_[static_cast<std::size_t>(request.group_parent[g])] + 1;
  }

  std::vector<int> run() {
    cut_cycles();
    constraints();
    std::vector<int> rank = place();
    rank.resize(boxes_);
    std::vector<int> used = rank;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (int& r : rank) r = static_cast<int>(std::lower_bound(used.begin(), used.end(), r) - used.begin());
    return rank;
  }

 private:
  struct Edge {
    int upper, lower, weight;
  };

  [[nodiscard]] int group(int box) const { return request_.boxes[static_cast<std::size_t>(box)].group; }
  [[nodiscard]] int parent(int g) const { return request_.group_parent[static_cast<std::size_t>(g)]; }
  // Two further vertices per group stand for its first and its last rank.
  [[nodiscard]] int start_of(int g) const { return static_cast<int>(boxes_) + 2 * g; }
  [[nodiscard]] int end_of(int g) const { return static_cast<int>(boxes_) + 2 * g + 1; }

  void cut_cycles() {
    std::vector<Arc> arcs;
    for (const LayoutEdge& e : request_.edges) {
      if (e.from == e.to) continue;
      // Edges inside a frame count more, so that frames span few ranks.
      const int weight = (e.control || e.back ? 1 : 4) * (group(e.from) == group(e.to) ? 3 : 1);
      edges_.push_back(e.back ? Edge{e.to, e.from, weight} : Edge{e.from, e.to, weight});
      arcs.push_back({edges_.back().upper, edges_.back().lower, 1});
    }
    const std::vector<int> order = acyclic_order(boxes_, arcs);
    std::vector<int> number(boxes_);
    for (std::size_t i = 0; i < boxes_; ++i) number[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    for (Edge& e : edges_)
      if (number[static_cast<std::size_t>(e.upper)] > number[static_cast<std::size_t>(e.lower)])
        std::swap(e.upper, e.lower);
  }

  /// The members of the innermost common group that hold the ends: a box, or boxes_ + group.
  [[nodiscard]] std::pair<int, int> members(const Edge& e) const {
    int a = group(e.upper), b = group(e.lower), ma = e.upper, mb = e.lower;
    while (a != b) {
      if (depth_[static_cast<std::size_t>(a)] >= depth_[static_cast<std::size_t>(b)])
        ma = static_cast<int>(boxes_) + a, a = parent(a);
      else
        mb = static_cast<int>(boxes_) + b, b = parent(b);
    }
    return {ma, mb};
  }

  void constraints() {
    // A frame that feeds another stands wholly above it, unless it is fed by it too.
    std::vector<std::vector<int>> next(boxes_ + groups_);
    std::vector<std::pair<int, int>> ends;
    for (const Edge& e : edges_) {
      ends.push_back(members(e));
      next[static_cast<std::size_t>(ends.back().first)].push_back(ends.back().second);
    }
    const std::vector<int> component = strong_components(next);
    std::unordered_set<long long> known;
    const auto add = [&](int from, int to, int length) {
      if (known.insert((static_cast<long long>(from) << 32) + to).second) arcs_.push_back({from, to, length});
    };
    const auto n = static_cast<int>(boxes_);
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const auto [a, b] = ends[i];
      if (component[static_cast<std::size_t>(a)] == component[static_cast<std::size_t>(b)])
        add(edges_[i].upper, edges_[i].lower, 1);
      else
        add(a < n ? a : end_of(a - n), b < n ? b : start_of(b - n), 1);
    }
    for (int box = 0; box < n; ++box)
      if (group(box) > 0) add(start_of(group(box)), box, 0), add(box, end_of(group(box)), 0);
    for (std::size_t g = 1; g < groups_; ++g) {
      const int p = parent(static_cast<int>(g));
      if (p > 0) add(start_of(p), start_of(static_cast<int>(g)), 0), add(end_of(static_cast<int>(g)), end_of(p), 0);
    }
  }

  std::vector<int> place() {
    const std::size_t n = boxes_ + 2 * groups_;
    const std::vector<int> order = acyclic_order(n, arcs_);
    std::vector<int> number(n);
    for (std::size_t i = 0; i < n; ++i) number[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    std::vector<std::vector<Arc>> out(n), in(n);
    for (Arc a : arcs_) {
      if (number[static_cast<std::size_t>(a.from)] > number[static_cast<std::size_t>(a.to)]) std::swap(a.from, a.to);
      out[static_cast<std::size_t>(a.from)].push_back(a);
      in[static_cast<std::size_t>(a.to)].push_back(a);
    }
    std::vector<int> pull(n, 0);  // below 0: upwards
    for (const Edge& e : edges_) {
      pull[static_cast<std::size_t>(e.upper)] += e.weight;
      pull[static_cast<std::size_t>(e.lower)] -= e.weight;
    }
    std::vector<int> rank(n, 0);
    int deepest = 0;
    const auto highest = [&](std::size_t v) {
      int r = 0;
      for (const Arc& a : in[v]) r = std::max(r, rank[static_cast<std::size_t>(a.from)] + a.length);
      return r;
    };
    const auto lowest = [&](std::size_t v) {
      int r = deepest;
      for (const Arc& a : out[v]) r = std::min(r, rank[static_cast<std::size_t>(a.to)] - a.length);
      return r;
    };
    for (const int v : order) {
      rank[static_cast<std::size_t>(v)] = highest(static_cast<std::size_t>(v));
      deepest = std::max(deepest, rank[static_cast<std::size_t>(v)]);
    }
    for (int pass = 0; pass < kMostPasses; ++pass) {
      bool moved = false;
      for (std::size_t i = n; i-- > 0;) {
        const auto v = static_cast<std::size_t>(order[i]);
        const bool border = v >= boxes_;
        if (!border && (pull[v] <= 0 || out[v].empty())) continue;
        const int r = lowest(v);
        moved |= !border && r != rank[v];
        rank[v] = r;
      }
      for (const int o : order) {
        const auto v = static_cast<std::size_t>(o);
        const bool border = v >= boxes_;
        if (!border && pull[v] >= 0) continue;
        const int r = highest(v);
        moved |= !border && r != rank[v];
        rank[v] = r;
      }
      if (!moved) break;
    }
    return rank;
  }

  const LayoutRequest& request_;
  std::size_t boxes_, groups_;
  std::vector<int> depth_;
  std::vector<Edge> edges_;
  std::vector<Arc> arcs_;
};

}  // namespace

std::vector<int> strong_components(const std::vector<std::vector<int>>& next) {
  const std::size_t n = next.size();
  std::vector<int> component(n, -1), low(n, 0), index(n, -1);
  std::vector<int> stack;
  std::vector<std::pair<int, std::size_t>> path;
  int visit = 0, found = 0;
  for (std::size_t start = 0; start < n; ++start) {
    if (index[start] >= 0) continue;
    path.emplace_back(static_cast<int>(start), 0);
    while (!path.empty()) {
      auto& [v, k] = path.back();
      const auto i = static_cast<std::size_t>(v);
      if (k == 0) {
        index[i] = low[i] = visit++;
        stack.push_back(v);
      }
      if (k < next[i].size()) {
        const int w = next[i][k++];
        const auto j = static_cast<std::size_t>(w);
        if (index[j] < 0)
          path.emplace_back(w, 0);
        else if (component[j] < 0)
          low[i] = std::min(low[i], index[j]);
        continue;
      }
      if (low[i] == index[i]) {
        int w = -1;
        do {
          w = stack.back();
          stack.pop_back();
          component[static_cast<std::size_t>(w)] = found;
        } while (w != v);
        ++found;
      }
      const int reached = low[i];
      path.pop_back();
      if (!path.empty()) {
        int& above = low[static_cast<std::size_t>(path.back().first)];
        above = std::min(above, reached);
      }
    }
  }
  return component;
}

std::vector<int> layered_ranks(const LayoutRequest& request) { return Ranker(request).run(); }

}  // namespace isotherm::render
