#include <algorithm>
#include <functional>
#include <map>

#include "core/render/layout.h"

namespace isotherm::render {
namespace {

class Layered {
 public:
  explicit Layered(const LayoutRequest& request) : request_(request) {}

  LayoutResult run() {
    rank();
    members_.resize(request_.group_parent.size());
    for (std::size_t g = 1; g < members_.size(); ++g)
      members_[static_cast<std::size_t>(request_.group_parent[g])].push_back({-1, static_cast<int>(g)});
    for (std::size_t i = 0; i < request_.boxes.size(); ++i)
      members_[static_cast<std::size_t>(request_.boxes[i].group)].push_back({static_cast<int>(i), -1});
    result_.center.assign(request_.boxes.size(), 0);
    spans_.resize(members_.size());
    widths_.assign(members_.size(), 0);
    offsets_.assign(members_.size(), 0);
    // Children have larger numbers than their parents.
    for (std::size_t g = members_.size(); g-- > 0;) place(static_cast<int>(g));
    for (std::size_t g = 1; g < members_.size(); ++g)
      offsets_[g] += offsets_[static_cast<std::size_t>(request_.group_parent[g])];
    for (std::size_t i = 0; i < request_.boxes.size(); ++i)
      result_.center[i] += offsets_[static_cast<std::size_t>(request_.boxes[i].group)];
    return std::move(result_);
  }

 private:
  struct Member {
    int box, group;
  };
  struct Span {
    int first = 1, last = 0;
    [[nodiscard]] bool empty() const { return first > last; }
  };

  /// Longest path from the sources; a cycle is cut at the box of the lowest number that it holds.
  void rank() {
    const std::size_t n = request_.boxes.size();
    std::vector<std::vector<int>> next(n);
    std::vector<int> waiting(n, 0);
    for (const LayoutEdge& e : request_.edges) {
      if (e.from == e.to) continue;
      const int from = e.back ? e.to : e.from, to = e.back ? e.from : e.to;
      next[static_cast<std::size_t>(from)].push_back(to);
      ++waiting[static_cast<std::size_t>(to)];
    }
    std::vector<int> order;
    std::vector<bool> done(n, false);
    for (std::size_t i = 0; i < n; ++i)
      if (waiting[i] == 0) order.push_back(static_cast<int>(i)), done[i] = true;
    result_.rank.assign(n, 0);
    std::size_t lowest = 0;
    for (std::size_t at = 0; order.size() < n || at < order.size(); ++at) {
      if (at == order.size()) {
        while (done[lowest]) ++lowest;
        order.push_back(static_cast<int>(lowest));
        done[lowest] = true;
      }
      const auto from = static_cast<std::size_t>(order[at]);
      for (int to : next[from]) {
        const auto t = static_cast<std::size_t>(to);
        if (done[t]) continue;  // against the order: a cut edge
        result_.rank[t] = std::max(result_.rank[t], result_.rank[from] + 1);
        if (--waiting[t] == 0) order.push_back(to), done[t] = true;
      }
    }
    // Sources stand just above their first reader.
    std::vector<bool> has_input(n, false);
    for (const auto& targets : next)
      for (int to : targets) has_input[static_cast<std::size_t>(to)] = true;
    for (std::size_t i = 0; i < n; ++i) {
      if (has_input[i] || next[i].empty()) continue;
      int first = result_.rank[static_cast<std::size_t>(next[i].front())];
      for (int to : next[i]) first = std::min(first, result_.rank[static_cast<std::size_t>(to)]);
      result_.rank[i] = std::max(0, first - 1);
    }
    std::vector<int> used = result_.rank;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    for (int& r : result_.rank) r = static_cast<int>(std::lower_bound(used.begin(), used.end(), r) - used.begin());
  }

  [[nodiscard]] Span span_of(const Member& m) const {
    if (m.group >= 0) return spans_[static_cast<std::size_t>(m.group)];
    const int r = result_.rank[static_cast<std::size_t>(m.box)];
    return {r, r};
  }

  void place(int g) {
    const auto index = static_cast<std::size_t>(g);
    auto& members = members_[index];
    std::erase_if(members, [&](const Member& m) { return span_of(m).empty(); });
    if (members.empty()) return;
    Span& span = spans_[index];
    span = span_of(members.front());
    for (const Member& m : members) {
      span.first = std::min(span.first, span_of(m).first);
      span.last = std::max(span.last, span_of(m).last);
    }
    std::stable_sort(members.begin(), members.end(), [&](const Member& a, const Member& b) {
      const Span sa = span_of(a), sb = span_of(b);
      return sa.last - sa.first != sb.last - sb.first ? sa.last - sa.first > sb.last - sb.first : sa.first < sb.first;
    });
    // Long members first, at the left; each further one beside what its ranks hold already.
    const auto ranks = static_cast<std::size_t>(span.last - span.first + 1);
    std::vector<float> edge(ranks, 0);
    std::vector<int> crowd(ranks, 0);
    std::vector<float> left(members.size());
    float width = 0;
    const auto each_rank = [&](const Member& m, const std::function<void(std::size_t)>& f) {
      const Span s = span_of(m);
      for (int r = s.first; r <= s.last; ++r) f(static_cast<std::size_t>(r - span.first));
    };
    const auto width_of = [&](const Member& m) {
      return m.group >= 0 ? widths_[static_cast<std::size_t>(m.group)]
                          : request_.boxes[static_cast<std::size_t>(m.box)].across;
    };
    for (std::size_t i = 0; i < members.size(); ++i) {
      float x = 0;
      each_rank(members[i], [&](std::size_t r) { x = std::max(x, edge[r]), ++crowd[r]; });
      left[i] = x;
      const float right = x + width_of(members[i]);
      each_rank(members[i], [&](std::size_t r) { edge[r] = right + request_.box_gap; });
      width = std::max(width, right);
    }
    const float margin = g == 0 ? 0 : request_.group_margin;
    widths_[index] = width + 2 * margin;
    for (std::size_t i = 0; i < members.size(); ++i) {
      bool alone = true;
      each_rank(members[i], [&](std::size_t r) { alone = alone && crowd[r] == 1; });
      const float w = width_of(members[i]);
      const float x = margin + (alone ? (width - w) / 2 : left[i]);
      if (members[i].group >= 0)
        offsets_[static_cast<std::size_t>(members[i].group)] = x;
      else
        result_.center[static_cast<std::size_t>(members[i].box)] = x + w / 2;
    }
  }

  const LayoutRequest& request_;
  LayoutResult result_;
  std::vector<std::vector<Member>> members_;
  std::vector<Span> spans_;
  std::vector<float> widths_, offsets_;
};

}  // namespace

LayoutResult layered_layout(const LayoutRequest& request) { return Layered(request).run(); }

}  // namespace isotherm::render
