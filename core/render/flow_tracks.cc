#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/render/flow.h"

namespace isotherm::render {
namespace {

constexpr float kOneLine = 5;  // pieces along nearer than this would look like one
constexpr float kApart = 6;    // between two nets of one track

/// Intervals of one track, by their begin.
using Track = std::map<float, float>;

bool takes(const Track& track, const Net& net) {
  const auto after = track.lower_bound(net.high + kApart);
  return after == track.begin() || std::prev(after)->second <= net.low - kApart;
}

}  // namespace

int stack_nets(std::vector<Net>& nets) {
  const std::size_t n = nets.size();
  if (n == 0) return 0;
  // A net joined from above at some x goes above the net that is joined from below there; else they would overlap.
  std::vector<std::pair<float, std::size_t>> joints;
  for (std::size_t b = 0; b < n; ++b)
    for (const float x : nets[b].bottoms) joints.emplace_back(x, b);
  std::sort(joints.begin(), joints.end());
  std::vector<std::vector<std::size_t>> under(n);
  std::vector<int> waiting(n, 0);
  for (std::size_t a = 0; a < n; ++a) {
    for (const float x : nets[a].tops)
      for (auto it = std::upper_bound(joints.begin(), joints.end(), std::pair(x - kOneLine, n));
           it != joints.end() && it->first < x + kOneLine; ++it)
        if (it->second != a) under[a].push_back(it->second);
    std::sort(under[a].begin(), under[a].end());
    under[a].erase(std::unique(under[a].begin(), under[a].end()), under[a].end());
    for (const std::size_t b : under[a]) ++waiting[b];
  }
  // Of those that wait for none, or for fewest where they wait for each other, the shortest first.
  using Key = std::tuple<int, float, std::size_t>;
  const auto key = [&](std::size_t i) { return Key(waiting[i], nets[i].high - nets[i].low, i); };
  std::set<Key> queue;
  for (std::size_t i = 0; i < n; ++i) queue.insert(key(i));
  std::vector<bool> done(n, false);
  std::vector<std::size_t> least(n, 0);
  std::vector<Track> tracks;
  while (!queue.empty()) {
    const std::size_t i = std::get<2>(*queue.begin());
    queue.erase(queue.begin());
    done[i] = true;
    std::size_t track = least[i];
    while (track < tracks.size() && !takes(tracks[track], nets[i])) ++track;
    if (track >= tracks.size()) tracks.resize(track + 1);
    nets[i].track = static_cast<int>(track);
    tracks[track].emplace(nets[i].low, nets[i].high);
    for (const std::size_t b : under[i]) {
      least[b] = std::max(least[b], track + 1);
      if (done[b]) continue;
      queue.erase(key(b));
      --waiting[b];
      queue.insert(key(b));
    }
  }
  return static_cast<int>(tracks.size());
}

}  // namespace isotherm::render
