#include "ui/view_link.h"

#include <algorithm>
#include <map>

namespace isotherm::ui {
namespace {

struct Stretch {
  double low = 1e30, high = -1e30;
};

}  // namespace

ViewLink::ViewLink(const render::Scene& before, const render::Scene& after) {
  if (!before.conversion || !after.conversion) return;
  const bool sideways = before.options.direction == render::Direction::left_right;
  const auto ends = [sideways](const render::Box& b) { return sideways ? Stretch{b.x, b.x + b.width} : Stretch{b.y, b.y + b.height}; };
  const NodeMap& map = after.conversion->map;
  // Of each box after: from where to where its nodes lie before.
  std::map<std::int32_t, Stretch> stretches;
  for (std::size_t node = 0; node < map.after_of.size() && node < before.box_of_before.size(); ++node) {
    const NodeId other = map.after_of[node];
    const std::int32_t from = before.box_of_before[node];
    if (from < 0 || other < 0 || static_cast<std::size_t>(other) >= after.box_of_after.size()) continue;
    const std::int32_t to = after.box_of_after[static_cast<std::size_t>(other)];
    if (to < 0) continue;
    const Stretch here = ends(before.boxes[static_cast<std::size_t>(from)]);
    Stretch& all = stretches[to];
    all.low = std::min(all.low, here.low);
    all.high = std::max(all.high, here.high);
  }
  for (const auto& [box, from] : stretches) {
    const Stretch to = ends(after.boxes[static_cast<std::size_t>(box)]);
    by_before_.push_back({from.low, to.low});
    by_before_.push_back({(from.low + from.high) / 2, (to.low + to.high) / 2});
    by_before_.push_back({from.high, to.high});
  }
  for (const Pair& pair : by_before_) by_after_.push_back({pair.to, pair.from});
  tidy(by_before_);
  tidy(by_after_);
}

void ViewLink::tidy(std::vector<Pair>& pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.from < b.from; });
  // Boxes of one row: one place, in the middle of what they stand for.
  std::vector<Pair> out;
  for (std::size_t i = 0; i < pairs.size();) {
    std::size_t end = i;
    double sum = 0;
    while (end < pairs.size() && pairs[end].from - pairs[i].from < 0.5) sum += pairs[end++].to;
    out.push_back({pairs[i].from, sum / static_cast<double>(end - i)});
    i = end;
  }
  pairs = std::move(out);
}

double ViewLink::look_up(const std::vector<Pair>& pairs, double at) {
  if (pairs.empty()) return at;
  const auto above = std::lower_bound(pairs.begin(), pairs.end(), at, [](const Pair& p, double value) { return p.from < value; });
  // Beyond the ends both move alike.
  if (above == pairs.begin()) return pairs.front().to + (at - pairs.front().from);
  if (above == pairs.end()) return pairs.back().to + (at - pairs.back().from);
  const Pair& low = *(above - 1);
  const double t = (at - low.from) / std::max(1e-9, above->from - low.from);
  return low.to + t * (above->to - low.to);
}

double ViewLink::after_of(double before) const { return look_up(by_before_, before); }
double ViewLink::before_of(double after) const { return look_up(by_after_, after); }

}  // namespace isotherm::ui
