#include "core/render/side_places.h"

#include <algorithm>
#include <cmath>

namespace isotherm::render {
namespace {

constexpr int kUnknown = 1 << 29;

/// What the boxes are called. A copy of a leaf is called after the box that reads it.
std::vector<std::string> box_keys(const Visible& visible) {
  std::vector<std::string> keys(visible.items.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Item& item = visible.items[i];
    keys[i] = item.group >= 0 ? place_key(visible.tree.groups[static_cast<std::size_t>(item.group)])
                              : "node " + std::to_string(item.node);
  }
  for (const VisibleEdge& e : visible.edges)
    if (e.from >= 0 && e.to >= 0 && visible.items[static_cast<std::size_t>(e.from)].copy)
      keys[static_cast<std::size_t>(e.from)] += " of " + keys[static_cast<std::size_t>(e.to)];
  return keys;
}

std::vector<std::string> frame_keys(const Visible& visible) {
  std::vector<std::string> keys;
  for (const int g : visible.frames) keys.push_back(place_key(visible.tree.groups[static_cast<std::size_t>(g)]));
  return keys;
}

/// Middle of what frames hold.
std::vector<float> frame_middles(const Flow& flow, const std::vector<float>& home) {
  std::vector<float> low(flow.frames.size(), 1e9F), high(flow.frames.size(), -1e9F);
  for (std::size_t i = 0; i < flow.boxes.size(); ++i) {
    const FlowBox& b = flow.boxes[i];
    float pad_low = 0, pad_high = 0;
    for (int f = b.frame; f >= 0; f = flow.frames[static_cast<std::size_t>(f)].parent) {
      const auto k = static_cast<std::size_t>(f);
      pad_low += flow.frames[k].pad_low, pad_high += flow.frames[k].pad_high;
      low[k] = std::min(low[k], home[i] - b.across / 2 - pad_low);
      high[k] = std::max(high[k], home[i] + b.across / 2 + b.after_across + pad_high);
    }
  }
  for (std::size_t f = 0; f < low.size(); ++f) low[f] = (low[f] + high[f]) / 2;
  return low;
}

std::string edge_key(const FlowEdge& e, const std::vector<std::string>& box_key) {
  if (e.from < 0 || e.to < 0) return {};
  return box_key[static_cast<std::size_t>(e.from)] + (e.control ? " ^> " : " > ") +
         box_key[static_cast<std::size_t>(e.to)];
}

SidePlaces collect(const Flow& flow, const std::vector<std::string>& box_key, const std::vector<std::string>& frame_key,
                   const std::vector<float>& home, const std::vector<float>& frame_home,
                   const std::vector<bool>& frame_opened) {
  SidePlaces places;
  for (std::size_t i = 0; i < box_key.size(); ++i) places.boxes[box_key[i]] = {flow.boxes[i].rank, home[i]};
  for (std::size_t f = 0; f < frame_key.size(); ++f)
    places.frames[frame_key[f]] = {flow.frames[f].first_rank, flow.frames[f].last_rank, frame_home[f], frame_opened[f]};
  for (const FlowEdge& e : flow.edges)
    if (!std::isnan(e.lane_wish)) places.lanes[edge_key(e, box_key)] = e.lane_wish;
  return places;
}

}  // namespace

std::string place_key(const Group& group) {
  return group.kind == Group::Kind::segment ? "segment " + std::to_string(group.engine) : "scope " + group.path;
}

PlaceKeeper::PlaceKeeper(const SidePlaces& before, const Visible& visible, Flow& flow)
    : before_(before), visible_(visible), flow_(flow), box_key_(box_keys(visible)), frame_key_(frame_keys(visible)) {
  match();
}

bool PlaceKeeper::as_before(const SidePlaces& places) const {
  return places.boxes.size() == box_key_.size() && places.frames.size() == frame_key_.size() &&
         std::all_of(box_key_.begin(), box_key_.end(), [&](const auto& k) { return places.boxes.contains(k); }) &&
         std::all_of(frame_key_.begin(), frame_key_.end(), [&](const auto& k) { return places.frames.contains(k); });
}

void PlaceKeeper::match() {
  const std::size_t n = flow_.boxes.size();
  opened_of_.assign(n, -1);
  if (as_before(before_)) again_ = &before_;
  for (const auto& places : before_.earlier)
    if (again_ == nullptr && as_before(*places)) again_ = places.get();
  if (again_ != nullptr) {
    possible_ = true;
    return;
  }
  // Of frames that were not there, the outermost.
  std::vector<int> of(flow_.frames.size(), -1);
  for (std::size_t f = 0; f < flow_.frames.size(); ++f) {
    const int parent = flow_.frames[f].parent;
    if (parent >= 0 && of[static_cast<std::size_t>(parent)] >= 0) {
      of[f] = of[static_cast<std::size_t>(parent)];
    } else if (!before_.frames.contains(frame_key_[f])) {
      if (!before_.boxes.contains(frame_key_[f])) return;
      of[f] = static_cast<int>(opened_.size());
      opened_.push_back({static_cast<int>(f), {}, {}, {}});
    }
  }
  std::size_t lost = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (const int f = flow_.boxes[i].frame; f >= 0 && of[static_cast<std::size_t>(f)] >= 0) {
      opened_of_[i] = of[static_cast<std::size_t>(f)];
      opened_[static_cast<std::size_t>(opened_of_[i])].boxes.push_back(static_cast<int>(i));
    } else if (!before_.boxes.contains(box_key_[i]) && !before_.frames.contains(box_key_[i])) {
      ++lost;
    }
  }
  possible_ = 4 * lost <= n;
}

void PlaceKeeper::rank_boxes() {
  int ranks = 1;
  for (const auto& [key, box] : before_.boxes) ranks = std::max(ranks, box.rank + 1);
  // Each rank of before may now be several.
  std::vector<int> start(static_cast<std::size_t>(ranks) + 1, 1);
  start[0] = 0;
  for (const Opened& o : opened_) {
    const int most = o.rank.empty() ? 0 : *std::max_element(o.rank.begin(), o.rank.end());
    int& rows =
        start[static_cast<std::size_t>(before_.boxes.at(frame_key_[static_cast<std::size_t>(o.frame)]).rank) + 1];
    rows = std::max(rows, most + 1);
  }
  for (std::size_t r = 1; r < start.size(); ++r) start[r] += start[r - 1];
  const std::size_t n = flow_.boxes.size();
  rank_.assign(n, kUnknown);
  home_.assign(n, 0);
  frame_home_.assign(flow_.frames.size(), 0);
  frame_opened_.assign(flow_.frames.size(), false);
  for (std::size_t i = 0; i < n; ++i) {
    const auto known = before_.boxes.find(box_key_[i]);
    if (opened_of_[i] >= 0 || known == before_.boxes.end()) continue;
    rank_[i] = start[static_cast<std::size_t>(known->second.rank)];
    home_[i] = known->second.home;
  }
  for (std::size_t f = 0; f < frame_key_.size(); ++f)
    if (const auto known = before_.frames.find(frame_key_[f]); known != before_.frames.end()) {
      frame_home_[f] = known->second.home;
      frame_opened_[f] = known->second.opened;
    }
  for (const Opened& o : opened_) {
    const SidePlaces::Box& was = before_.boxes.at(frame_key_[static_cast<std::size_t>(o.frame)]);
    std::vector<float> wish(n, 0);
    for (std::size_t k = 0; k < o.boxes.size(); ++k) wish[static_cast<std::size_t>(o.boxes[k])] = o.center[k];
    const std::vector<float> middles = frame_middles(flow_, wish);
    const float move = was.home - middles[static_cast<std::size_t>(o.frame)];
    for (std::size_t k = 0; k < o.boxes.size(); ++k) {
      const auto b = static_cast<std::size_t>(o.boxes[k]);
      rank_[b] = start[static_cast<std::size_t>(was.rank)] + o.rank[k];
      home_[b] = o.center[k] + move;
    }
    for (std::size_t f = 0; f < flow_.frames.size(); ++f)
      if (frame_inside(flow_.frames, static_cast<int>(f), o.frame))
        frame_home_[f] = middles[f] + move, frame_opened_[f] = true;
  }
  // A scope that was closed: below what it reads, above what reads it, as high as may be.
  for (std::size_t i = 0; i < n; ++i) {
    const auto was = before_.frames.find(box_key_[i]);
    if (rank_[i] != kUnknown || was == before_.frames.end() || was->second.last < 0) continue;
    const int first = start[static_cast<std::size_t>(was->second.first)],
              last = start[static_cast<std::size_t>(was->second.last) + 1] - 1;
    int above = -1, below = kUnknown;
    for (const VisibleEdge& e : visible_.edges) {
      if (e.from < 0 || e.to < 0 || e.back) continue;
      const int from = rank_[static_cast<std::size_t>(e.from)], to = rank_[static_cast<std::size_t>(e.to)];
      if (e.to == static_cast<int>(i) && from != kUnknown && from < last) above = std::max(above, from);
      if (e.from == static_cast<int>(i) && to != kUnknown && to > first) below = std::min(below, to);
    }
    rank_[i] = std::clamp(std::min(above + 1, below - 1), first, last);
    home_[i] = was->second.home;
  }
}

/// What was not drawn before, such as one more copy of a leaf: beside the box that reads it, or that it reads.
void PlaceKeeper::place_others() {
  for (int pass = 0; pass < 4; ++pass) {
    std::vector<int> rank(rank_.size(), kUnknown);
    std::vector<float> sum(rank_.size(), 0);
    std::vector<int> count(rank_.size(), 0);
    const auto beside = [&](int box, int other, int step) {
      const auto i = static_cast<std::size_t>(box), o = static_cast<std::size_t>(other);
      if (rank_[i] != kUnknown || rank_[o] == kUnknown) return;
      const int wish = rank_[o] + step;
      if (rank[i] == kUnknown || (step < 0 ? wish < rank[i] : wish > rank[i])) rank[i] = wish;
      sum[i] += home_[o];
      ++count[i];
    };
    for (const VisibleEdge& e : visible_.edges) {
      if (e.from < 0 || e.to < 0) continue;
      beside(e.from, e.to, -1);
      beside(e.to, e.from, 1);
    }
    bool any = false;
    for (std::size_t i = 0; i < rank_.size(); ++i) {
      if (count[i] == 0) continue;
      rank_[i] = rank[i];
      home_[i] = sum[i] / static_cast<float>(count[i]);
      any = true;
    }
    if (!any) break;
  }
  for (int& r : rank_)
    if (r == kUnknown) r = 0;
}

void PlaceKeeper::close_ranks() {
  std::vector<int> used = rank_;
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  for (std::size_t i = 0; i < rank_.size(); ++i)
    flow_.boxes[i].rank = static_cast<int>(std::lower_bound(used.begin(), used.end(), rank_[i]) - used.begin());
}

SidePlaces PlaceKeeper::place() {
  if (again_ != nullptr) {
    for (const std::string& key : box_key_) {
      const SidePlaces::Box& place = again_->boxes.at(key);
      rank_.push_back(place.rank);
      home_.push_back(place.home);
    }
    for (const std::string& key : frame_key_) {
      const SidePlaces::Frame& place = again_->frames.at(key);
      frame_home_.push_back(place.home);
      frame_opened_.push_back(place.opened);
    }
  } else {
    rank_boxes();
    place_others();
  }
  close_ranks();
  span_frames(flow_);
  settle_homes(flow_, home_, frame_home_, frame_opened_);
  const auto& lanes = (again_ != nullptr ? *again_ : before_).lanes;
  for (FlowEdge& e : flow_.edges)
    if (const auto lane = lanes.find(edge_key(e, box_key_)); lane != lanes.end()) e.lane_wish = lane->second;
  return remember();
}

SidePlaces PlaceKeeper::remember() const {
  SidePlaces places = collect(flow_, box_key_, frame_key_, home_, frame_home_, frame_opened_);
  places.segments = before_.segments;
  auto last = std::make_shared<SidePlaces>(before_);
  last->earlier.clear();
  places.earlier.push_back(std::move(last));
  for (const auto& earlier : before_.earlier) {
    if (places.earlier.size() >= SidePlaces::kMostEarlier) break;
    // One that this picture is again is not earlier any more.
    if (earlier.get() != again_) places.earlier.push_back(earlier);
  }
  return places;
}

SidePlaces fresh_places(const Visible& visible, const Flow& flow) {
  std::vector<float> home;
  for (const FlowBox& b : flow.boxes) home.push_back(b.center);
  return collect(flow, box_keys(visible), frame_keys(visible), home, frame_middles(flow, home),
                 std::vector<bool>(flow.frames.size(), false));
}

}  // namespace isotherm::render
