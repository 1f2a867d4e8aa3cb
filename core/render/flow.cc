#include "core/render/flow.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace isotherm::render {
namespace {

constexpr float kRankGap = 18;
constexpr float kTrackGap = 8;
constexpr float kBeforeTracks = 10, kAfterTracks = 16;  // an arrowhead and its corner need the latter

/// Room that frames beginning (or ending) at each rank need, one inside the other.
std::vector<float> nested_room(const Flow& flow, int ranks, bool opening) {
  std::vector<float> room(static_cast<std::size_t>(ranks), 0);
  std::vector<float> own(flow.frames.size(), 0);
  for (std::size_t f = flow.frames.size(); f-- > 0;) {
    const FlowFrame& g = flow.frames[f];
    if (g.last_rank < 0) continue;
    own[f] += opening ? g.pad_start : g.pad_end;
    const int rank = opening ? g.first_rank : g.last_rank;
    room[static_cast<std::size_t>(rank)] = std::max(room[static_cast<std::size_t>(rank)], own[f]);
    if (g.parent < 0) continue;
    const auto p = static_cast<std::size_t>(g.parent);
    if ((opening ? flow.frames[p].first_rank : flow.frames[p].last_rank) == rank) own[p] = std::max(own[p], own[f]);
  }
  return room;
}

struct Rows {
  std::vector<float> start, end;  ///< of each rank's bodies and notes
  std::vector<float> tracks;      ///< by channel: where its first track lies
  std::vector<float> middles;     ///< by channel: the middle of what is free of frames
  float total = 0;
};

Rows place_rows(Flow& flow, const std::vector<Route>& routes, int ranks, const std::vector<int>& tracks) {
  const auto n = static_cast<std::size_t>(ranks);
  std::vector<float> half(n, 0), below(n, 0);
  for (const FlowBox& b : flow.boxes) {
    const auto r = static_cast<std::size_t>(b.rank);
    half[r] = std::max(half[r], b.along / 2);
    below[r] = std::max(below[r], b.along / 2 + b.after_along);
  }
  std::vector<float> zone(n + 1, kRankGap);
  zone.front() = zone.back() = 0;
  for (std::size_t c = 0; c <= n; ++c)
    if (tracks[c] > 0)
      zone[c] = std::max(zone[c], kBeforeTracks + kTrackGap * static_cast<float>(tracks[c] - 1) + kAfterTracks);
  for (std::size_t i = 0; i < routes.size(); ++i)
    if (flow.edges[i].labelled)
      zone[static_cast<std::size_t>(routes[i].to_rank)] =
          std::max(zone[static_cast<std::size_t>(routes[i].to_rank)], flow.edges[i].label_along);
  const std::vector<float> opening = nested_room(flow, ranks, true), closing = nested_room(flow, ranks, false);
  Rows rows;
  rows.start.resize(n);
  rows.end.resize(n);
  rows.tracks.resize(n + 1);
  rows.middles.resize(n + 1);
  std::vector<std::vector<FlowBox*>> boxes(n);
  for (FlowBox& b : flow.boxes) boxes[static_cast<std::size_t>(b.rank)].push_back(&b);
  // Rows with a wish wait for it, but never so long that the rest would reach beyond the end.
  std::vector<float> rest(n + 1, 0);
  for (std::size_t r = n; r-- > 0;)
    rest[r] = rest[r + 1] + zone[r] + opening[r] + half[r] + below[r] + closing[r];
  const float end = std::max(rest[0] + zone[n], flow.wished_along);
  float y = 0;
  for (std::size_t r = 0; r < n; ++r) {
    if (r < flow.row_wishes.size() && flow.row_wishes[r] >= 0) {
      const float wanted = flow.row_wishes[r] - half[r] - zone[r] - opening[r];
      y = std::max(y, std::min(wanted, end - zone[n] - rest[r]));
    }
    rows.tracks[r] = y + (tracks[r] > 0 ? kBeforeTracks : zone[r] / 2);
    rows.middles[r] = y + zone[r] / 2;
    y += zone[r] + opening[r];
    rows.start[r] = y;
    const float middle = y + half[r];
    for (FlowBox* b : boxes[r]) b->start = middle - b->along / 2;
    y = middle + below[r];
    rows.end[r] = y;
    y += closing[r];
  }
  rows.tracks[n] = y + kBeforeTracks;
  y += zone[n];
  rows.total = y;
  return rows;
}

void frame_extents(Flow& flow) {
  for (FlowFrame& f : flow.frames) f.start = 1e9F, f.end = -1e9F;
  for (const FlowBox& b : flow.boxes) {
    if (b.frame < 0) continue;
    FlowFrame& f = flow.frames[static_cast<std::size_t>(b.frame)];
    f.start = std::min(f.start, b.start - f.pad_start);
    f.end = std::max(f.end, b.start + b.along + b.after_along + f.pad_end);
  }
  for (std::size_t i = flow.frames.size(); i-- > 0;) {
    const FlowFrame& f = flow.frames[i];
    if (f.parent < 0) continue;
    FlowFrame& p = flow.frames[static_cast<std::size_t>(f.parent)];
    p.start = std::min(p.start, f.start - p.pad_start);
    p.end = std::max(p.end, f.end + p.pad_end);
  }
}

/// A label needs its channel's straight piece to itself.
void grant_labels(Flow& flow, const std::vector<Route>& routes, const std::vector<std::vector<Net>>& nets) {
  // By channel: where edges run along in it. Very long edges in very large flows would be more than labels are worth.
  constexpr std::size_t kMostPieces = 4000000;
  std::vector<std::vector<float>> along(nets.size());
  std::size_t pieces = 0;
  for (const Route& r : routes) {
    const int first = std::min(r.from_rank + 1, r.to_rank), last = std::max(r.from_rank + 1, r.to_rank);
    pieces += static_cast<std::size_t>(last - first) + 3;
    if (pieces > kMostPieces) break;
    for (int c = first; c <= last; ++c) along[static_cast<std::size_t>(c)].push_back(r.lane);
    along[static_cast<std::size_t>(r.first_channel)].push_back(r.x1);
    along[static_cast<std::size_t>(r.last_channel)].push_back(r.x2);
  }
  for (auto& list : along) std::sort(list.begin(), list.end());
  for (std::size_t i = 0; i < routes.size(); ++i) {
    FlowEdge& e = flow.edges[i];
    const Route& r = routes[i];
    e.labelled = pieces <= kMostPieces && e.label_along > 0 && !e.back && !r.side_entry && !r.bus &&
                 std::abs(r.lane - r.x2) < 0.5F && e.to >= 0;
    if (!e.labelled) continue;
    // Its own piece lies just below `low`.
    const float low = r.x2 + 1, high = r.x2 + 8 + e.label_across;
    for (const Net& net : nets[static_cast<std::size_t>(r.to_rank)])
      if (net.low < high && net.high > low - 2) e.labelled = false;
    const auto& list = along[static_cast<std::size_t>(r.to_rank)];
    const auto next = std::upper_bound(list.begin(), list.end(), low);
    if (next != list.end() && *next < high) e.labelled = false;
  }
}

void make_points(Flow& flow, const std::vector<Route>& routes, const std::vector<std::vector<Net>>& nets,
                 const Rows& rows) {
  const auto track = [&](int channel, int net) {
    return rows.tracks[static_cast<std::size_t>(channel)] +
           kTrackGap * static_cast<float>(nets[static_cast<std::size_t>(channel)][static_cast<std::size_t>(net)].track);
  };
  for (std::size_t i = 0; i < routes.size(); ++i) {
    FlowEdge& e = flow.edges[i];
    const Route& r = routes[i];
    const auto add = [&](float x, float y) {
      if (!e.points.empty() && std::abs(e.points.back().x - x) < 0.01F && std::abs(e.points.back().y - y) < 0.01F)
        return;
      e.points.push_back({x, y});
    };
    e.points.clear();
    add(r.x1, e.from >= 0 ? flow.boxes[static_cast<std::size_t>(e.from)].start +
                                flow.boxes[static_cast<std::size_t>(e.from)].along
                          : flow.frames[static_cast<std::size_t>(e.from_frame)].end);
    if (r.net_first >= 0) {
      const float y = track(r.first_channel, r.net_first);
      const float x = r.first_channel == r.last_channel ? r.x2 : r.lane;
      add(r.x1, y);
      add(x, y);
    }
    if (r.side_entry) {
      const FlowBox& to = flow.boxes[static_cast<std::size_t>(e.to)];
      add(r.lane, to.start + to.along / 2);
      add(r.lane > to.center ? to.high() : to.low(), to.start + to.along / 2);
      continue;
    }
    if (r.net_last >= 0) {
      const float y = track(r.last_channel, r.net_last);
      add(r.lane, y);
      add(r.x2, y);
    }
    const float tip = e.to >= 0 ? flow.boxes[static_cast<std::size_t>(e.to)].start
                                : flow.frames[static_cast<std::size_t>(e.to_frame)].start;
    add(r.x2, tip);
    if (e.labelled) {
      e.label_at_across = r.x2 + 7;
      e.label_at_along = rows.middles[static_cast<std::size_t>(r.to_rank)];
    }
  }
}

void move_to_origin(Flow& flow) {
  float low = 1e9F, high = -1e9F, start = 1e9F, end = -1e9F;
  const auto grow = [&](float a, float b, float c, float d) {
    low = std::min(low, a), high = std::max(high, b), start = std::min(start, c), end = std::max(end, d);
  };
  for (const FlowBox& b : flow.boxes)
    grow(b.low(), b.high() + b.after_across, b.start, b.start + b.along + b.after_along);
  for (const FlowFrame& f : flow.frames)
    if (f.last_rank >= 0) grow(f.low, f.high, f.start, f.end);
  for (const FlowEdge& e : flow.edges) {
    for (const Point& p : e.points) grow(p.x - 3, p.x + 3, p.y, p.y);
    if (e.labelled) grow(e.label_at_across, e.label_at_across + e.label_across, e.label_at_along, e.label_at_along);
  }
  if (low > high) return;
  // Wishes are places in the finished drawing.
  if (!flow.row_wishes.empty()) start = std::min(start, 0.0F);
  for (FlowBox& b : flow.boxes) b.center -= low, b.start -= start;
  for (FlowFrame& f : flow.frames) f.low -= low, f.high -= low, f.start -= start, f.end -= start;
  for (FlowEdge& e : flow.edges) {
    for (Point& p : e.points) p.x -= low, p.y -= start;
    e.lane_wish -= low;
    e.label_at_across -= low;
    e.label_at_along -= start;
  }
  flow.across = high - low;
  flow.along = end - start;
}

/// Frames as large as what they hold.
void measure_frames(Flow& flow) {
  for (FlowFrame& f : flow.frames) f.low = 1e9F, f.high = -1e9F;
  fit_frames(flow);
}

}  // namespace

void span_frames(Flow& flow) {
  for (FlowFrame& f : flow.frames) f.first_rank = 1 << 30, f.last_rank = -1;
  for (const FlowBox& b : flow.boxes) {
    for (int f = b.frame; f >= 0; f = flow.frames[static_cast<std::size_t>(f)].parent) {
      FlowFrame& g = flow.frames[static_cast<std::size_t>(f)];
      g.first_rank = std::min(g.first_rank, b.rank);
      g.last_rank = std::max(g.last_rank, b.rank);
    }
  }
}

void straighten_chains(Flow& flow) {
  span_frames(flow);
  measure_frames(flow);
  straighten(flow);
}

void fit_frames(Flow& flow) {
  for (const FlowBox& b : flow.boxes) {
    if (b.frame < 0) continue;
    FlowFrame& f = flow.frames[static_cast<std::size_t>(b.frame)];
    f.low = std::min(f.low, b.low() - f.pad_low);
    f.high = std::max(f.high, b.high() + b.after_across + f.pad_high);
  }
  for (std::size_t i = flow.frames.size(); i-- > 0;) {
    const FlowFrame& f = flow.frames[i];
    if (f.parent < 0 || f.last_rank < 0) continue;
    FlowFrame& p = flow.frames[static_cast<std::size_t>(f.parent)];
    p.low = std::min(p.low, f.low - p.pad_low);
    p.high = std::max(p.high, f.high + p.pad_high);
  }
}

std::vector<std::vector<Net>> assign_tracks(const Flow& flow, std::vector<Route>& routes, int ranks,
                                            std::vector<int>& tracks) {
  const auto channels = static_cast<std::size_t>(ranks) + 1;
  std::vector<std::vector<Net>> nets(channels);
  std::map<std::pair<int, int>, int> trunks;             // channel, source -> net
  std::map<std::tuple<int, int, float>, int> buses;  // channel, target, lane -> net
  const auto join = [](Net& net, float top, float bottom) {
    net.low = std::min({net.low, top, bottom});
    net.high = std::max({net.high, top, bottom});
    net.tops.push_back(top);
    net.bottoms.push_back(bottom);
  };
  const auto fresh = [&](int channel) {
    auto& list = nets[static_cast<std::size_t>(channel)];
    list.push_back({1e9F, -1e9F, {}, {}, 0});
    return static_cast<int>(list.size()) - 1;
  };
  for (std::size_t i = 0; i < routes.size(); ++i) {
    Route& r = routes[i];
    const FlowEdge& e = flow.edges[i];
    const bool one = r.first_channel == r.last_channel;
    const float first_end = one ? r.x2 : r.lane;
    if (std::abs(r.x1 - first_end) > 0.5F) {
      const int source = e.from >= 0 ? e.from * 2 + (e.control ? 1 : 0) : -1 - static_cast<int>(i);
      const auto [it, added] = trunks.try_emplace({r.first_channel, source}, -1);
      if (added) it->second = fresh(r.first_channel);
      r.net_first = it->second;
      join(nets[static_cast<std::size_t>(r.first_channel)][static_cast<std::size_t>(r.net_first)], r.x1, first_end);
    }
    if (!one && !r.side_entry && std::abs(r.lane - r.x2) > 0.5F) {
      // Edges that share the lane enter as one.
      int shared = -1;
      if (r.bus) shared = buses.try_emplace({r.last_channel, e.to, r.lane}, -1).first->second;
      r.net_last = shared >= 0 ? shared : fresh(r.last_channel);
      if (r.bus) buses[{r.last_channel, e.to, r.lane}] = r.net_last;
      Net& net = nets[static_cast<std::size_t>(r.last_channel)][static_cast<std::size_t>(r.net_last)];
      join(net, r.lane, r.x2);
      // A back edge reaches the channel above its target from below, and leaves the one below its source downwards.
      if (e.back) net.tops.clear();
    }
    if (e.back && r.net_first >= 0)
      nets[static_cast<std::size_t>(r.first_channel)][static_cast<std::size_t>(r.net_first)].bottoms.clear();
  }
  tracks.assign(channels, 0);
  for (std::size_t c = 0; c < channels; ++c) tracks[c] = stack_nets(nets[c]);
  return nets;
}

void place_and_route(Flow& flow, const std::function<bool()>& cancelled) {
  int ranks = 0;
  for (const FlowBox& b : flow.boxes) ranks = std::max(ranks, b.rank + 1);
  if (ranks == 0) return;
  if (flow.settled)
    span_frames(flow);
  else
    straighten_chains(flow);
  measure_frames(flow);
  std::vector<Route> routes = choose_routes(flow, ranks, cancelled);
  if (cancelled && cancelled()) return;
  std::vector<int> tracks;
  const auto nets = assign_tracks(flow, routes, ranks, tracks);
  if (cancelled && cancelled()) return;
  grant_labels(flow, routes, nets);
  if (cancelled && cancelled()) return;
  const Rows rows = place_rows(flow, routes, ranks, tracks);
  frame_extents(flow);
  if (cancelled && cancelled()) return;
  make_points(flow, routes, nets, rows);
  set_in_columns(flow);
  move_to_origin(flow);
}

}  // namespace isotherm::render
