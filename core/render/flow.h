// From ranks to a drawing: rows, frames and orthogonal routes. Works in flow coordinates, `across` and `along` the
// direction of the edges, so that top-down and left-to-right are one piece of code.
//
// Between two rows lies a channel: first the frames that end above it, then tracks for the pieces of edges that run
// across, then the frames that begin below it. No box ever stands in a channel, so such pieces cross no box. An edge
// that skips rows runs along in a lane that is free of boxes and of frames it has no business in.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "core/render/scene.h"

namespace isotherm::render {

struct FlowBox {
  int rank = 0;
  int frame = -1;                           ///< innermost frame, -1: none
  float center = 0;                         ///< across; of the body
  float across = 0, along = 0;              ///< size of the body
  float after_across = 0, after_along = 0;  ///< room for a note beyond the body
  float start = 0;                          ///< out: along, of the body

  [[nodiscard]] float low() const { return center - across / 2; }
  [[nodiscard]] float high() const { return center + across / 2; }
};

struct FlowFrame {
  int parent = -1;                              ///< parents come first
  float pad_low = 14, pad_high = 14;            ///< across
  float pad_start = 34, pad_end = 14;           ///< along; the title is in one of the pads
  float want_across = 0;                        ///< widened to this where nothing is in the way
  int first_rank = 0, last_rank = -1;           ///< out
  float low = 0, high = 0, start = 0, end = 0;  ///< out
};

struct FlowEdge {
  int from = -1, to = -1;              ///< boxes
  int from_frame = -1, to_frame = -1;  ///< where from or to is -1
  bool control = false;
  float label_along = 0;                          ///< straight length that a label would like; 0: no label
  float label_across = 0;                         ///< how far the label reaches to the side
  float lane_wish = std::numeric_limits<float>::quiet_NaN();  ///< across, where it skips ranks; NaN: none
  bool back = false;                              ///< out: runs against the flow
  bool labelled = false;                          ///< out: there is room for the label
  float label_at_across = 0, label_at_along = 0;  ///< out: middle of the free straight piece
  std::vector<Point> points;                      ///< out: x across, y along
};

struct Flow {
  std::vector<FlowBox> boxes;
  std::vector<FlowFrame> frames;
  std::vector<FlowEdge> edges;
  /// By rank: where the middle of its row would like to be, as long as the whole gets no longer than it would be
  /// without wishes or than `wished_along`; < 0: anywhere. May be empty.
  std::vector<float> row_wishes;
  float wished_along = 0;
  /// How many columns side by side; 0: as many as make a long drawing about as wide as it is long. Fewer where it
  /// cannot be cut: a cut needs a place that one edge alone crosses.
  int columns = 1;
  bool settled = false;         ///< centers are final: chains are not straightened
  float across = 0, along = 0;  ///< out: size of the whole; everything lies in [0, across] x [0, along]
};

/// Fills what is marked "out". Ranks and centers must be given; boxes of one rank must not overlap across.
/// When `cancelled` says so, it returns early; the flow is then of no use.
void place_and_route(Flow& flow, const std::function<bool()>& cancelled = {});

/// Fills the ranks that frames span.
void span_frames(Flow& flow);

/// A route in rank space: along at x1 out of the source, across in the channel below it to `lane`, along to the
/// channel above the target, across to x2, along into it. Channel c lies above rank c.
struct Route {
  float x1 = 0, lane = 0, x2 = 0;
  int from_rank = 0, to_rank = 0;
  int first_channel = 0, last_channel = 0;  ///< equal: one piece across, from x1 to x2
  bool side_entry = false;                  ///< enters the target's side instead of its top
  bool bus = false;                         ///< shares lane and arrow with other long edges into a box of many
  int net_first = -1, net_last = -1;        ///< tracks: index in the channel's nets, -1: no piece across
};

/// Long edges into one box: from this many on they gather in one lane, which enters the box once.
inline constexpr int kBusEdges = 8;

/// One piece (or trunk of pieces) across in a channel.
struct Net {
  float low = 0, high = 0;
  std::vector<float> tops, bottoms;  ///< where it is joined from above and below
  int track = 0;
};

/// Sets a placed and routed flow in its columns.
void set_in_columns(Flow& flow);
/// Puts chains of boxes on one line where their neighbours leave room. Frames must be fitted before, and again after.
void straighten(Flow& flow);
/// The same for a flow whose ranks and centers alone are given.
void straighten_chains(Flow& flow);
/// Chooses x1, lane, x2 and side entries; extends frames by the lanes inside them.
std::vector<Route> choose_routes(Flow& flow, int ranks, const std::function<bool()>& cancelled);
/// Gathers the pieces across, by channel, and gives each its track. `tracks`: how many each channel needs.
std::vector<std::vector<Net>> assign_tracks(const Flow& flow, std::vector<Route>& routes, int ranks,
                                            std::vector<int>& tracks);
/// Gives each net of one channel a track: nets that overlap get different ones, and a net that is joined from above
/// where another is joined from below gets the upper one. Returns how many tracks there are.
int stack_nets(std::vector<Net>& nets);
/// Across extents of frames from their boxes and inner frames; keeps what is wider already.
void fit_frames(Flow& flow);
/// Whether `inner` is `outer` or inside it.
bool frame_inside(const std::vector<FlowFrame>& frames, int inner, int outer);

}  // namespace isotherm::render
