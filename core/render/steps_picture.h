// One step of a replayed segmentation as a picture: chosen nodes with places, and how every line of it is to be read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/render/display_list.h"
#include "core/render/fold.h"
#include "core/render/scene.h"
#include "core/render/steps.h"

namespace isotherm::render {

struct StepOptions {
  Theme theme = Theme::light;
  Direction direction = Direction::left_right;
  /// A graph of at most so many nodes is drawn whole, every node in the same place in every step; of a larger one the
  /// nodes nearest to the edge under test, without weights.
  int max_nodes = 32;
  bool legend = true;
  std::string title;                ///< before the step's number; empty: none
  double layout_limit = 2.5;        ///< as in SceneOptions
  std::string layout_program;       ///< as in SceneOptions
  std::function<bool()> cancelled;  ///< asked by create() while Graphviz works, not kept; true stops
};

/// What a line of the picture is.
struct StepLine {
  enum class Role : std::uint8_t { outside, inside, merged, test, refused } role = Role::outside;
  int number = 0;     ///< of a refused path's piece, from 1
  bool tick = false;  ///< contracted by a step shown so far
};

/// The border of a segment so far.
struct StepOutline {
  NodeId leader = kNoNode;
  int color = 0;
  int members = 0;
  bool leaves = false;  ///< dropped by this step or an earlier one
  bool stands = false;
  std::string pill;            ///< "segment so far: 4 nodes"
  std::vector<Point> corners;  ///< closed loops of corners, one after the other
  std::vector<int> loops;      ///< corners of each loop
  float left = 0, top = 0, right = 0, bottom = 0;
};

/// The scene holds boxes (two lines of text), lines, points and texts, so that a click finds its node. Its options'
/// theme is the picture's.
struct StepScene {
  Scene scene;
  int first = 0, last = 0;      ///< steps drawn
  std::vector<StepLine> lines;  ///< by line of the scene
  std::vector<StepOutline> outlines;
  std::string drawn;  ///< what of a larger graph is drawn; empty: all
  StepOptions options;
};

/// Makes the pictures of one replay. Immutable, so that threads may share it.
class StepPictures {
 public:
  /// Lays a small graph out once for all steps. Errors: cancelled.
  static Result<StepPictures> create(std::shared_ptr<const Replay> replay, const StepOptions& options);
  /// Steps first to last as one picture: what holds after `last`, with its edge under test.
  /// `cancelled`: asked while Graphviz works. Errors: cancelled.
  [[nodiscard]] Result<StepScene> scene(int first, int last, const std::function<bool()>& cancelled = {}) const;
  [[nodiscard]] const Replay& replay() const { return *replay_; }
  [[nodiscard]] const std::shared_ptr<const Replay>& shared_replay() const { return replay_; }
  [[nodiscard]] const StepOptions& options() const { return options_; }

  struct Plan;  // nodes, lines and places

 private:
  std::shared_ptr<const Replay> replay_;
  StepOptions options_;
  std::shared_ptr<const std::vector<Fold>> fold_;
  std::shared_ptr<const Plan> whole_;  ///< of a small graph
};

/// The drawing alone, in the scene's coordinates.
DisplayList paint_step(const StepScene& step);
/// "Step 14 of 31", verdict, sentence and the strip of all steps, `width` px wide; its height is the list's.
DisplayList paint_step_head(const Replay& replay, int first, int last, Theme theme, float width,
                            const std::string& title = {});
/// The strip alone.
DisplayList paint_step_strip(const Replay& replay, int first, int last, Theme theme, float width);
/// The step whose cell is at `x` of a strip `width` px wide; clamped to the first and last.
int strip_step_at(int steps, float width, float x);
/// What the picture's lines mean, and which part of a larger graph is drawn.
DisplayList paint_step_legend(const StepScene& step, float width);
/// The whole picture of a file.
DisplayList paint_step_picture(const Replay& replay, const StepScene& step);

}  // namespace isotherm::render
