#include <algorithm>
#include <limits>

#include "core/render/layout_layered.h"
#include "core/render/layout_rows.h"

namespace isotherm::render {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();

class Placer {
 public:
  Placer(const LayerGraph& g, const std::function<bool()>& cancelled)
      : g_(g),
        cancelled_(cancelled),
        inner_(g.first.size()),
        width_(g.first.size(), 0),
        offset_(g.first.size(), 0),

        center_(g.rank.size(), 0),
        member_(g.rank.size(), -1) {}

  std::vector<float> run() {
    gather();
    for (std::size_t g = inner_.size(); g-- > 0;) {
      if (cancelled_ && cancelled_()) break;
      if (g_.last[g] >= 0) place(static_cast<int>(g));
    }
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
      rows.links.push_back({upper.member, lower.member, upper.offset - lower.offset,
                            !segment.data                                          ? 1
                            : g_.is_box(segment.upper) && g_.is_box(segment.lower) ? 4
                                                                                   : 2});
    }
    rows.boxes = g_.boxes;
    std::vector<float> x = align_rows(rows, *g_.request);
    if (!cancelled_ || !cancelled_()) settle_rows(rows, *g_.request, x, cancelled_);
    float low = kInfinite, high = -kInfinite;
    for (std::size_t m = 0; m < n; ++m) {
      low = std::min(low, x[m] - rows.half[m]);
      high = std::max(high, x[m] + rows.half[m]);
    }
    const float margin = group == 0 ? 0 : g_.request->group_margin;
    width_[g] = high - low + 2 * margin;
    for (std::size_t m = 0; m < n; ++m) {
      const int v = rows.members[m].vertex;
      const float center = x[m] - low + margin;
      if (v >= 0)
        center_[static_cast<std::size_t>(v)] = center;
      else
        offset_[static_cast<std::size_t>(~v)] = center - width_[static_cast<std::size_t>(~v)] / 2;
    }
    rows = {};
  }

  const LayerGraph& g_;
  const std::function<bool()>& cancelled_;
  std::vector<Rows> inner_;
  std::vector<float> width_, offset_;         ///< by group: across, and its left side inside its parent
  std::vector<float> center_;                 ///< by vertex, inside its group until the end
  std::vector<int> member_;                   ///< by vertex: member of its group
  std::vector<std::vector<int>> slice_;       ///< by group and rank: member of its parent
  std::vector<std::vector<std::size_t>> at_;  ///< by group: segments between two of its members
};

}  // namespace

std::vector<float> place_across(const LayerGraph& graph, const std::function<bool()>& cancelled) {
  if (graph.ranks == 0) return {};
  return Placer(graph, cancelled).run();
}

}  // namespace isotherm::render
