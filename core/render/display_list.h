// How it is drawn: a flat list of paint commands, made once from a scene and played by every back end (SVG, Cairo, Qt).
// Coordinates are px in the picture, y down. Nothing is measured or decided any more when a list is played.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/theme.h"

namespace isotherm::render {

enum class FontRole : std::uint8_t { sans, mono };

struct Font {
  FontRole role = FontRole::sans;
  int weight = 400;  ///< 400, 500, 600, 700
  float size = 12;   ///< px
};

enum class Anchor : std::uint8_t { start, middle, end };

/// A line's look. Width 0: no line.
struct Stroke {
  Color color;
  float width = 0;
  float dash = 0, gap = 0;  ///< 0: solid
  bool round = false;       ///< round caps and joins
};

struct Command {
  enum class Kind : std::uint8_t {
    rect,         ///< x, y, w, h with corner radius `radius`: fill, then stroke
    path,         ///< verbs [first, first + count) with their numbers from `numbers`: fill, then stroke
    text,         ///< string `text` at baseline x, y
    ramp,         ///< rect filled with a horizontal gradient of colours [first, first + count) in `colors`
    begin_group,  ///< of `group`, titled `text`; a legend's entries are groups inside of its group
    end_group,
  } kind = Kind::rect;
  /// A reference is a box that only names another one of the picture.
  enum class Group : std::uint8_t { node, edge, cluster, legend, page, reference } group = Group::page;
  Anchor anchor = Anchor::start;
  Font font;
  float x = 0, y = 0, w = 0, h = 0, radius = 0;
  Color fill;  ///< alpha 0: none; the colour of a text
  Stroke stroke;
  std::int32_t first = 0, count = 0;  ///< path: in `verbs`; ramp: in `colors`
  std::int32_t number = 0;            ///< path: where its numbers begin
  std::int32_t text = -1;             ///< in `strings`
  std::int32_t box = -1;              ///< begin_group: index in Scene::boxes (node), lines (edge), frames (cluster, page)
  std::int32_t tip = -1;              ///< begin_group: tooltip in `strings`, its lines parted by '\n'; -1: none
  std::int32_t link = -1;             ///< begin_group: group_id() of the group that it leads to, in `strings`; -1: none
};

struct DisplayList {
  float width = 0, height = 0;
  Color background;
  Color highlight;       ///< of what a link leads to
  std::string title;     ///< document title
  std::string keywords;  ///< of the document: "before and after, CPU time"; may be empty
  std::vector<Command> commands;
  std::vector<char> verbs;  ///< 'M' 2 numbers, 'L' 2, 'Q' 4, 'C' 6, 'Z' 0; absolute
  std::vector<float> numbers;
  std::vector<Color> colors;
  std::vector<std::string> strings;  ///< valid UTF-8; no control characters but a tip's newlines

  void rect(float x, float y, float w, float h, float radius, Color fill, const Stroke& stroke = {});
  void text(float x, float y, std::string_view s, const Font& font, Color color, Anchor anchor = Anchor::start);
  void ramp(float x, float y, float w, float h, float radius, const std::vector<Color>& stops);
  void begin_group(Command::Group group, std::string_view title, std::int32_t index);
  void end_group();
  /// A tooltip, and where a click leads, of a begin_group of this list. Nothing is set where there is nothing to say.
  void set_tip(Command& group, const std::vector<std::string>& lines);
  void set_link(Command& group, std::string_view id);
  /// Adds what another list holds, moved.
  void append(const DisplayList& other, float dx, float dy);

  /// Building a path: begin_path, then moves, then end_path.
  void begin_path();
  void move(float x, float y);
  void line(float x, float y);
  void quad(float cx, float cy, float x, float y);
  void cubic(float ax, float ay, float bx, float by, float x, float y);
  void close();
  void end_path(Color fill, const Stroke& stroke);
  /// A path from SVG path data of the absolute verbs M L H V Q C Z, placed at (x, y) and scaled.
  void path_data(std::string_view data, float x, float y, float scale, Color fill, const Stroke& stroke);

 private:
  std::int32_t path_verb_ = 0, path_number_ = 0;
};

/// The name of a group in a file: "node7", "edge3", "clust2", counted from 1; empty for groups without one.
std::string group_id(Command::Group group, std::int32_t index);

/// UTF-8 made safe for any output: invalid bytes become U+FFFD, control characters (newlines too) U+2423 or a space.
std::string clean_text(std::string_view text);

}  // namespace isotherm::render
