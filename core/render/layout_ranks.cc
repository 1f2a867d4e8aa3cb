#include <algorithm>
#include <set>

#include "core/render/layout_layered.h"

namespace isotherm::render {
namespace {

constexpr int kMostPasses = 12;

struct Arc {
  int from, to, weight;
};

/// All boxes in an order that few edges run against (Eades, Lin and Smyth 1993, sources only): boxes whose inputs have
/// come, and where none is left, the one that waits for fewest.
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
  std::set<std::pair<int, int>> blocked;  // made at the first cycle
  bool cyclic = false;
  for (std::size_t at = 0; order.size() < n || at < order.size(); ++at) {
    if (at == order.size()) {
      if (!cyclic)
        for (std::size_t i = 0; i < n; ++i)
          if (!done[i]) blocked.emplace(waiting[i], static_cast<int>(i));
      cyclic = true;
      const int v = blocked.begin()->second;
      blocked.erase(blocked.begin());
      take(v);
    }
    for (const int to : next[static_cast<std::size_t>(order[at])]) {
      const auto t = static_cast<std::size_t>(to);
      if (done[t]) continue;
      if (cyclic) blocked.erase({waiting[t], to});
      if (--waiting[t] == 0)
        take(to);
      else if (cyclic)
        blocked.emplace(waiting[t], to);
    }
  }
  return order;
}

}  // namespace

std::vector<int> layered_ranks(const LayoutRequest& request) {
  const std::size_t n = request.boxes.size();
  std::vector<Arc> arcs;
  for (const LayoutEdge& e : request.edges) {
    if (e.from == e.to) continue;
    arcs.push_back(e.back ? Arc{e.to, e.from, 1} : Arc{e.from, e.to, e.control ? 1 : 4});
  }
  const std::vector<int> order = acyclic_order(n, arcs);
  std::vector<int> number(n);
  for (std::size_t i = 0; i < n; ++i) number[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  std::vector<std::vector<Arc>> out(n), in(n);
  std::vector<int> out_weight(n, 0), in_weight(n, 0);
  for (Arc a : arcs) {
    if (number[static_cast<std::size_t>(a.from)] > number[static_cast<std::size_t>(a.to)]) std::swap(a.from, a.to);
    out[static_cast<std::size_t>(a.from)].push_back(a);
    in[static_cast<std::size_t>(a.to)].push_back(a);
    out_weight[static_cast<std::size_t>(a.from)] += a.weight;
    in_weight[static_cast<std::size_t>(a.to)] += a.weight;
  }
  std::vector<int> rank(n, 0);
  const auto highest = [&](std::size_t v) {
    int r = 0;
    for (const Arc& a : in[v]) r = std::max(r, rank[static_cast<std::size_t>(a.from)] + 1);
    return r;
  };
  const auto lowest = [&](std::size_t v) {
    int r = 1 << 30;
    for (const Arc& a : out[v]) r = std::min(r, rank[static_cast<std::size_t>(a.to)] - 1);
    return r;
  };
  for (const int v : order) rank[static_cast<std::size_t>(v)] = highest(static_cast<std::size_t>(v));
  for (int pass = 0; pass < kMostPasses; ++pass) {
    bool moved = false;
    for (std::size_t i = n; i-- > 0;) {
      const auto v = static_cast<std::size_t>(order[i]);
      if (out_weight[v] <= in_weight[v] || out[v].empty()) continue;
      const int r = lowest(v);
      moved |= r != rank[v];
      rank[v] = r;
    }
    for (const int o : order) {
      const auto v = static_cast<std::size_t>(o);
      if (in_weight[v] <= out_weight[v]) continue;
      const int r = highest(v);
      moved |= r != rank[v];
      rank[v] = r;
    }
    if (!moved) break;
  }
  std::vector<int> used = rank;
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  for (int& r : rank) r = static_cast<int>(std::lower_bound(used.begin(), used.end(), r) - used.begin());
  return rank;
}

}  // namespace isotherm::render
