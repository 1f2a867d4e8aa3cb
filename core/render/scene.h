// What is drawn: flat arrays of boxes, edges, frames and labels with positions. The same scene feeds the files (SVG,
// PNG, PDF) and the window; there is no object per node.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/convert/converter.h"
#include "core/graph/graph.h"
#include "core/ops/op_def.h"

namespace isotherm::render {

enum class View { before, after, both };
enum class Theme { light, dark, print };
enum class Direction { top_bottom, left_right };

/// A measured value per node, from a session. Unit of `value`: nanoseconds per run for time.
struct Overlay {
  enum class Kind { none, engine, op_class, time } kind = Kind::engine;
  std::string title;                       ///< "CPU time per run"
  std::string unit = "µs";
  /// By node id of the graph drawn; a negative value or a missing entry: not measured. Native runs fill `before`,
  /// engine runs `after`.
  std::vector<double> before, after;
  double whole_run = 0;                    ///< what a whole run took, same unit as the values
  bool logarithmic = true;
};

struct SceneOptions {
  View view = View::before;
  Theme theme = Theme::light;
  Direction direction = Direction::top_bottom;
  int depth = -1;                          ///< scopes deeper than this are drawn collapsed; -1: as max_nodes allows
  std::set<std::string> expanded;          ///< scope paths ("resnet50/conv2_block1") opened in any case
  std::set<std::string> collapsed;         ///< scope paths closed in any case
  int max_nodes = 400;                     ///< budget of drawn boxes; scopes collapse to keep it
  std::string title;
  bool legend = true;
};

/// A rounded box: a node, a collapsed scope, an engine.
struct Box {
  enum class Form : std::uint8_t { node, io, engine, scope } form = Form::node;
  float x = 0, y = 0, width = 0, height = 0;  ///< px, top left
  NodeId node = kNoNode;                   ///< in the drawn graph; kNoNode for a scope
  std::int32_t scope = -1;                 ///< index in Scene::scope_paths for a collapsed scope
  OpClass op_class = OpClass::unknown;
  bool native = false;                     ///< stays native: broken border and reason
  int engine = -1;                         ///< segment index (colour and badge); -1: none
  int count = 1;                           ///< nodes that the box stands for
  double value = -1;                       ///< overlay value; < 0: not measured
  std::int32_t title = -1, subtitle = -1, detail = -1, note = -1;  ///< indices in Scene::texts; -1: none
  std::int32_t full_name = -1;
  bool after_side = false;                 ///< drawn in the after half of View::both
};

/// A polyline with rounded corners from one box to another.
struct Line {
  std::int32_t from = -1, to = -1;         ///< boxes
  std::int32_t first_point = 0, points = 0;  ///< in Scene::points
  bool control = false;
  std::int32_t label = -1;
  std::int32_t tensors = 1;                ///< edges of the graph that it stands for
};

/// A frame: an open scope or a segment's outline.
struct Frame {
  enum class Form : std::uint8_t { scope, segment } form = Form::scope;
  float x = 0, y = 0, width = 0, height = 0;
  std::int32_t scope = -1;                 ///< index in scope_paths
  int engine = -1;
  std::int32_t title = -1, detail = -1;
  int depth = 0;
  bool after_side = false;
};

struct Point {
  float x = 0, y = 0;
};

struct Scene {
  float width = 0, height = 0;
  std::vector<Box> boxes;
  std::vector<Line> lines;
  std::vector<Frame> frames;
  std::vector<Point> points;
  std::vector<std::string> texts;
  std::vector<std::string> scope_paths;
  SceneOptions options;
  Overlay overlay;
  double overlay_min = 0, overlay_max = 0;
  int measured = 0, measurable = 0;
  std::string title, subtitle;             ///< picture head
  std::string before_head, after_head;     ///< "877 nodes; 643 constants and weight reads not drawn"
  std::string layout_note;                 ///< "Graphviz layout 0.04 s"
  std::shared_ptr<const Conversion> conversion;
};

}  // namespace isotherm::render
