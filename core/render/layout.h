// Where boxes go: a rank (row) and a place across for each. Graphviz decides, in a program of its own that can be
// killed; our own layered layout serves where it would take too long or does not answer. Distances between rows are
// ours (flow.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/status.h"

namespace isotherm::render {

struct LayoutBox {
  float across = 0, along = 0;  ///< size across the flow (a column's width) and along it, px
  int group = 0;
};

struct LayoutEdge {
  int from = 0, to = 0;
  bool back = false;  ///< against the flow
  bool control = false;
};

struct LayoutRequest {
  std::vector<LayoutBox> boxes;
  std::vector<int> group_parent;  ///< 0 is the root, parent -1; parents before children
  std::vector<LayoutEdge> edges;
  float box_gap = 16, group_margin = 14;
};

struct LayoutResult {
  std::vector<int> rank;      ///< by box, from 0, without holes
  std::vector<float> center;  ///< by box, across, px, from 0
  /// By edge: where one that skips rows should run along, across; NaN: nothing said. May be empty.
  std::vector<float> lane;
};

/// Asks isotherm-layout; kills it after `limit` seconds, or when `cancelled` says so. Errors: cancelled; exhausted
/// (the limit); unsupported (program missing, crash, unreadable answer), each with its sentence.
Result<LayoutResult> graphviz_layout(const LayoutRequest& request, const std::string& program, double limit,
                                     const std::function<bool()>& cancelled);

/// Our own layered layout (layout_layered.h): near-linear in boxes, edges and the ranks that groups span; never fails.
/// When `cancelled` says so it stops improving; what it gives then is valid, but of no use.
LayoutResult layered_layout(const LayoutRequest& request, const std::function<bool()>& cancelled = {});

/// Who places the boxes.
enum class LayoutChoice { automatic, graphviz, layered };
/// "auto", "graphviz", "layered"; nothing for another word.
std::optional<LayoutChoice> parse_layout(std::string_view text);

/// Why Graphviz would keep everybody waiting with this request; empty where it would not. Near-linear.
std::string too_much_for_graphviz(const LayoutRequest& request);

struct LayoutSettings {
  LayoutChoice choice = LayoutChoice::automatic;
  std::string program;       ///< path of isotherm-layout; empty: beside this program
  std::string cache_folder;  ///< where Graphviz' answers are kept (layout_cache.h); empty: nowhere
  double limit = 2.5;        ///< seconds that Graphviz may take
  std::function<bool()> cancelled;
};

struct PlacedLayout {
  LayoutResult result;
  bool by_graphviz = false;
  std::string note;  ///< "laid out by Graphviz in 0.04 s", or by which other layout and why
  double seconds = 0;
};

/// Asks Graphviz or the layered layout as the settings and the size of the request demand. Where Graphviz fails or is
/// too slow, the layered layout serves and the note says so. Error: cancelled.
Result<PlacedLayout> lay_out_boxes(const LayoutRequest& request, const LayoutSettings& settings);

/// The path of isotherm-layout beside this program, or in ../libexec/isotherm; empty if it is in neither place.
std::string find_layout_program();

/// The request as isotherm-layout reads it, and its answer. Plain text, integers only (1/100 px), so that no locale
/// matters.
std::string encode_request(const LayoutRequest& request);
Result<LayoutRequest> decode_request(const std::string& text);

}  // namespace isotherm::render
