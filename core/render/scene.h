// What is drawn: flat arrays of boxes, lines and frames with positions. The same scene feeds the files (SVG, PNG, PDF)
// and the window; there is no object per node.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/convert/converter.h"
#include "core/graph/graph.h"
#include "core/ops/op_def.h"
#include "core/render/layout.h"

namespace isotherm::render {

enum class View { before, after, both };
enum class Theme { light, dark, print };
enum class Direction { top_bottom, left_right };
/// Colours of op classes and precisions: the look's own, safe for the colour-blind; those of NVIDIA's TREx; those of
/// TensorBoard. Glyphs and words say the same without colour. Print is grey in all.
enum class PaletteChoice { standard, trex, tensorboard };

/// "before", "after", "both"; "light", "dark", "print"; "tb", "lr": nothing for another word.
std::optional<View> parse_view(std::string_view text);
std::optional<Theme> parse_theme(std::string_view text);
std::optional<Direction> parse_direction(std::string_view text);
/// "default", "trex", "tensorboard"; nothing for another word.
std::optional<PaletteChoice> parse_palette(std::string_view text);

/// What the bodies of the nodes show. Measured values come from a session.
struct Overlay {
  enum class Kind {
    none,
    engine,
    op_class,
    time,
    memory,     ///< bytes, or KiB, MiB, GiB, TiB where `unit` says so
    precision,  ///< as executed: values are 0 FP32, 1 FP16, 2 INT8, 3 another type (integers, strings)
    error,      ///< numeric error of what an engine run computes against the native run; NaN: NaN or infinities differ
  } kind = Kind::engine;
  std::string title;  ///< "CPU time"
  std::string unit = "µs";
  std::string per = "per run";  ///< said after the unit in the legend
  /// By node id of the graph drawn; a negative value or a missing entry: not measured. Native runs fill `before`,
  /// engine runs `after`. A missing vector: that side shows no values.
  std::vector<double> before, after;
  /// What a box that stands for several nodes shows.
  enum class Combine { sum, maximum } combine = Combine::sum;
  /// Further words of a node's tooltip, by node id ("arena at this node 12.4 MiB"); may be shorter than the graph.
  std::vector<std::string> words_before, words_after;
  /// Further numbers of the legend: {"arena peak", "12.4 MiB"}.
  std::vector<std::pair<std::string, std::string>> facts;
  double bound = -1;  ///< error: nodes over it are marked, the first one with a triangle; < 0: none
  /// What the value of an engine of the converted graph is made of: its layers, longest first, each followed by its
  /// kernels. Shown in the engine's box when it is open.
  struct Part {
    std::string name;
    double value = -1;   ///< unit of the values
    bool kernel = false;
  };
  std::map<NodeId, std::vector<Part>> parts_after;
  double whole_run = 0;        ///< what a whole run of the graph before took, unit of the values; 0: not said
  double whole_run_after = 0;  ///< the same of the converted graph
  bool logarithmic = true;

  /// Whether bodies show values: time, memory, precision or error.
  [[nodiscard]] bool measured() const { return kind >= Kind::time; }
};

/// "engine", "op", "time", "memory", "precision", "error", "none"; nothing for another word.
std::optional<Overlay::Kind> parse_overlay(std::string_view text);

struct SceneOptions {
  View view = View::before;
  Theme theme = Theme::light;
  Direction direction = Direction::top_bottom;
  int depth = -1;                   ///< scopes deeper than this are drawn collapsed; -1: as max_nodes allows
  /// Scope paths ("resnet50/conv2_block1") opened in any case, and names of engines whose boxes show their parts.
  std::set<std::string> expanded;
  std::set<std::string> collapsed;  ///< scope paths closed in any case
  int max_nodes = 120;              ///< budget of drawn boxes; scopes collapse to keep it
  bool page = false;                ///< a graph that exceeds the budget is drawn with so few boxes that it fits a page
  /// Blocks that repeat are drawn once with their count, and one of them opened beside it (not with measured values).
  bool repeats = true;
  int columns = 1;  ///< side by side, of a drawing much longer than wide; 0: as many as make it fit a page
  std::string focus;                ///< a node, a scope or an engine: only what lies within `hops` of it is drawn
  int hops = 2;
  std::string path_from, path_to;  ///< both given: only nodes on a way from one to the other are drawn
  PaletteChoice palette = PaletteChoice::standard;
  bool edge_bytes = false;  ///< edges as wide as what they carry, 1 to 6 px; unknown dimensions count 1
  std::string title;        ///< of the picture; empty: none
  std::string subtitle;     ///< settings in force, after the title
  bool legend = true;
  bool op_histogram = true;  ///< engines without values show which ops they hold
  LayoutChoice layout = LayoutChoice::automatic;
  double layout_limit = 2.5;        ///< seconds that Graphviz may take per graph; then the own layout serves
  std::string layout_program;       ///< path of isotherm-layout; empty: beside this program
  std::string layout_cache;         ///< folder for Graphviz' answers (layout_cache_folder()); empty: none are kept
  /// The picture that this one replaces, after scopes were opened or closed: what both draw keeps its order and, as far
  /// as the new room allows, its place; scopes that were open stay open, closed ones closed, unless they are named or
  /// the boxes would be more than three times the budget. One of another graph, part, direction or budget is not
  /// regarded. Null: none. The scene does not keep it.
  std::shared_ptr<const struct Scene> previous;
  std::function<bool()> cancelled;  ///< asked between steps and while Graphviz works; true stops
};

/// A rounded box: a node, a collapsed scope, an engine.
struct Box {
  enum class Form : std::uint8_t { node, io, engine, scope } form = Form::node;
  float x = 0, y = 0, width = 0, height = 0;  ///< px, top left; a note under the box is not counted
  NodeId node = kNoNode;                      ///< in the drawn graph; kNoNode for a scope
  std::int32_t scope = -1;                    ///< index in Scene::scope_paths for a collapsed scope
  OpClass op_class = OpClass::unknown;
  bool native = false;                   ///< stays native: broken border and reason
  bool copy = false;                     ///< a further copy of a leaf that many nodes read
  bool after_side = false;               ///< drawn in the after half of View::both
  std::int32_t refers_to = -1;           ///< beside an opened example: a pill that only names this box
  bool badge = false;                    ///< wears its engine's number, because no outline of the segment is drawn
  int engine = -1;                       ///< index of engine or segment (colour and badge); -1: none
  int count = 1;                         ///< nodes that the box stands for
  int repeats = 1;                       ///< of a scope: blocks of one structure that it stands for
  int precision = -1;                    ///< of an engine: 0 FP32, 1 FP16, 2 INT8; -1: not said
  double value = -1;                     ///< overlay value; < 0: not measured; NaN, infinity: an error that failed
  bool first_over_bound = false;         ///< the first in topological order whose error is over the overlay's bound
  std::int32_t value_word = -1;          ///< in place of the value's own words: "int32"; -1: none
  std::int32_t title = -1;               ///< indices in Scene::texts; -1: none. Already elided to fit.
  std::int32_t subtitle = -1;            ///< second line, left (two-line boxes)
  std::int32_t detail = -1;              ///< right: op and sizes; in two-line boxes the output shape
  std::int32_t note = -1;                ///< under the box: "native: excluded"
  std::int32_t full_name = -1;           ///< node name or scope path
  std::int32_t reason = -1;              ///< the whole sentence why it stays native
  std::int32_t first_row = 0, rows = 0;  ///< engine: op histogram, or measured parts, in Scene::rows

  [[nodiscard]] bool measured() const { return !(value < 0); }
};

/// One line of an engine's op histogram, or one of its measured parts.
struct HistogramRow {
  std::int32_t op = -1;  ///< index in Scene::texts
  OpClass op_class = OpClass::unknown;
  int count = 0;
  bool summary = false;  ///< below the rule: "weights (Const)", a number without a bar
  double value = -1;     ///< a part's; < 0: a line of the histogram
  bool kernel = false;   ///< a kernel of the part above
};

/// A polyline with rounded corners from one box (or frame) to another.
struct Line {
  std::int32_t from = -1, to = -1;              ///< boxes; -1 where a frame is the end
  std::int32_t from_frame = -1, to_frame = -1;  ///< frames
  std::int32_t first_point = 0, points = 0;     ///< in Scene::points; the last one is the arrow's tip
  bool control = false;
  bool back = false;               ///< against the flow: a loop's back edge
  bool leader = false;             ///< no edge: leads from a repeated block to the one that is opened beside it
  std::int32_t label = -1;         ///< shape; index in texts
  float label_x = 0, label_y = 0;  ///< baseline start of the label
  std::int32_t tensors = 1;        ///< edges of the graph that it stands for
  float width = 0;                 ///< px, where edges are as wide as what they carry; 0: as all others
  double bytes = -1;               ///< of the tensors that it carries; < 0: not known
  std::int32_t tensor = -1;        ///< "conv1/Conv2D:0 112×112×64 float32"; index in texts; -1: control
};

/// A frame: an open scope or a segment's outline.
struct Frame {
  enum class Form : std::uint8_t { scope, segment } form = Form::scope;
  float x = 0, y = 0, width = 0, height = 0;
  std::int32_t parent = -1;              ///< enclosing frame; parents come first
  std::int32_t scope = -1;               ///< index in scope_paths
  int engine = -1;                       ///< of a segment
  int count = 0;                         ///< nodes inside, constants and weight reads counted
  double value = -1;                     ///< the overlay's values inside combined; < 0: nothing measured
  std::int32_t title = -1, detail = -1;  ///< a segment's title is the text of its pill
  float title_x = 0;                     ///< where the title (scope) or the pill (segment) begins
  float title_width = 0;                 ///< of the pill, or of title and detail
  float detail_x = -1;                   ///< where the detail ends, at the right; < 0: it follows the title
  int depth = 0;
  bool after_side = false;
  bool example = false;                  ///< round a block opened beside its repeats
};

struct Point {
  float x = 0, y = 0;
};

/// One half of the picture.
struct Side {
  bool after = false;
  float x = 0, y = 0, width = 0, height = 0;  ///< of the drawing, head not counted
  std::int32_t head = -1, head_detail = -1;   ///< "Before", "877 nodes; 643 constants and weight reads not drawn"
  int nodes = 0, folded = 0, engines = 0;
  bool by_graphviz = true;  ///< false: the own layout placed it (limit, crash, program missing)
  /// Where its boxes and frames stand, for the picture that replaces this one (side_places.h).
  std::shared_ptr<const struct SidePlaces> places;
};

struct Scene {
  float width = 0, height = 0;  ///< of all sides with their heads
  std::vector<Side> sides;      ///< one, or before and after
  std::vector<Box> boxes;
  std::vector<Line> lines;
  std::vector<Frame> frames;
  std::vector<Point> points;
  std::vector<HistogramRow> rows;
  std::vector<std::string> texts;
  std::vector<std::string> scope_paths;
  SceneOptions options;
  Overlay overlay;
  double overlay_min = 0, overlay_max = 0;  ///< of the values on the ramp, real ones
  double overlay_least = 0;                 ///< least of them above zero, where a logarithmic ramp begins; 0: none
  int failed = 0, over_bound = 0;           ///< boxes whose error failed, or is over the bound (failed ones too)
  std::array<int, 5> precisions{};          ///< nodes shown by precision, as in Overlay's values; 4: mixed engines
  double drawn_sum = 0;                     ///< of all values of the sides drawn
  int measured = 0, measurable = 0;         ///< boxes with a value, boxes that could have one
  std::string layout_note;                  ///< "laid out by Graphviz in 0.04 s", or by what else and why; by side
  double layout_seconds = 0;
  std::shared_ptr<const Conversion> conversion;
  std::vector<std::int32_t> box_of_before, box_of_after;  ///< by node id: the box that shows it, -1: folded away

  [[nodiscard]] const std::string& text(std::int32_t index) const {
    static const std::string kEmpty;
    return index < 0 ? kEmpty : texts[static_cast<std::size_t>(index)];
  }
  /// Topmost box at a point of the scene, -1: none. Linear; for a hit test per click.
  [[nodiscard]] std::int32_t box_at(float px, float py) const;
  /// Innermost frame at a point, -1: none.
  [[nodiscard]] std::int32_t frame_at(float px, float py) const;
};

/// Lays out and draws up one picture. Errors: cancelled; a focus or an end of a path that no graph drawn has; no path;
/// an overlay of values where the conversion's graphs have other node counts; an empty graph is a scene without boxes,
/// no error. `conversion` must hold `before`, and for View::after and View::both `after` with its map. A conversion
/// without segmentation (plain_conversion) is drawn plainly: nothing is called native.
Result<Scene> build_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options);

/// A graph alone, as the `before` of a conversion that never took place.
std::shared_ptr<const Conversion> plain_conversion(std::shared_ptr<const Graph> graph, GraphShapes shapes);

}  // namespace isotherm::render
