#include <algorithm>
#include <cmath>
#include <limits>

#include "core/render/build_side.h"
#include "core/render/example.h"
#include "core/render/overlay_words.h"
#include "core/render/scene.h"
#include "core/render/side_places.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

constexpr float kHeadHeight = 40;  // above a side that has a head
constexpr float kSideGap = 72;     // between before and after

void move_side(Scene& scene, const Side& side, std::size_t box, std::size_t frame, std::size_t line, float dx,
               float dy) {
  for (std::size_t i = box; i < scene.boxes.size(); ++i) scene.boxes[i].x += dx, scene.boxes[i].y += dy;
  for (std::size_t i = frame; i < scene.frames.size(); ++i) {
    Frame& f = scene.frames[i];
    f.x += dx, f.y += dy, f.title_x += dx;
    if (f.detail_x >= 0) f.detail_x += dx;
  }
  for (std::size_t i = line; i < scene.lines.size(); ++i) {
    Line& l = scene.lines[i];
    l.label_x += dx, l.label_y += dy;
    for (std::int32_t p = l.first_point; p < l.first_point + l.points; ++p)
      scene.points[static_cast<std::size_t>(p)].x += dx, scene.points[static_cast<std::size_t>(p)].y += dy;
  }
  (void)side;
}

void summarize_overlay(Scene& scene) {
  const Overlay& overlay = scene.overlay;
  const bool precision = overlay.kind == Overlay::Kind::precision;
  double low = std::numeric_limits<double>::infinity(), high = 0, least = low;
  for (const Box& b : scene.boxes) {
    if (b.copy) continue;
    ++scene.measurable;
    if (!b.measured()) continue;
    ++scene.measured;
    scene.over_bound += is_over_bound(overlay, b.value) ? 1 : 0;
    if (is_failed(overlay, b.value)) {
      ++scene.failed;
      continue;
    }
    scene.drawn_sum += b.value;
    // An engine shows its share of the time, not a colour of the ramp.
    if (precision || (b.form == Box::Form::engine && overlay.kind == Overlay::Kind::time)) continue;
    low = std::min(low, b.value);
    high = std::max(high, b.value);
    if (b.value > 0) least = std::min(least, b.value);
  }
  if (std::isfinite(low)) {
    scene.overlay_min = low;
    scene.overlay_max = high;
    scene.overlay_least = std::isfinite(least) ? least : 0;
  }
  if (!precision) return;
  for (const bool after : {false, true}) {
    const std::vector<std::int32_t>& box = after ? scene.box_of_after : scene.box_of_before;
    for (std::size_t i = 0; i < box.size(); ++i)
      if (const double v = read_value(overlay, after ? overlay.after : overlay.before, static_cast<NodeId>(i));
          v >= 0 && box[i] >= 0)
        ++scene.precisions[static_cast<std::size_t>(std::clamp(v + 0.5, 0.0, kMixedPrecision))];
  }
}

/// The places of a side in the picture that is replaced, if it is comparable.
const SidePlaces* places_before(const SceneOptions& options, const Graph& graph, bool after) {
  if (options.previous == nullptr || options.previous->conversion == nullptr) return nullptr;
  const Scene& previous = *options.previous;
  const SceneOptions& was = previous.options;
  const Conversion& conversion = *previous.conversion;
  if ((after ? conversion.after : conversion.before).get() != &graph || was.direction != options.direction ||
      was.columns != 1 || options.columns != 1 || was.page != options.page || was.depth != options.depth || was.max_nodes != options.max_nodes || was.repeats != options.repeats ||
      was.focus != options.focus || was.hops != options.hops || was.path_from != options.path_from ||
      was.path_to != options.path_to || was.layout != options.layout)
    return nullptr;
  for (const Side& side : previous.sides)
    if (side.after == after) return side.places.get();
  return nullptr;
}

}  // namespace

std::optional<View> parse_view(std::string_view text) {
  if (text == "before") return View::before;
  if (text == "after") return View::after;
  if (text == "both") return View::both;
  return std::nullopt;
}

std::optional<Theme> parse_theme(std::string_view text) {
  if (text == "light") return Theme::light;
  if (text == "dark") return Theme::dark;
  if (text == "print") return Theme::print;
  return std::nullopt;
}

std::optional<Direction> parse_direction(std::string_view text) {
  if (text == "tb" || text == "top-bottom") return Direction::top_bottom;
  if (text == "lr" || text == "left-right") return Direction::left_right;
  return std::nullopt;
}

std::optional<PaletteChoice> parse_palette(std::string_view text) {
  if (text == "default") return PaletteChoice::standard;
  if (text == "trex") return PaletteChoice::trex;
  if (text == "tensorboard") return PaletteChoice::tensorboard;
  return std::nullopt;
}

std::optional<Overlay::Kind> parse_overlay(std::string_view text) {
  if (text == "none") return Overlay::Kind::none;
  if (text == "engine") return Overlay::Kind::engine;
  if (text == "op") return Overlay::Kind::op_class;
  if (text == "time") return Overlay::Kind::time;
  if (text == "memory") return Overlay::Kind::memory;
  if (text == "precision") return Overlay::Kind::precision;
  if (text == "error") return Overlay::Kind::error;
  return std::nullopt;
}

std::int32_t Scene::box_at(float px, float py) const {
  for (std::size_t i = boxes.size(); i-- > 0;) {
    const Box& b = boxes[i];
    if (px >= b.x && px <= b.x + b.width && py >= b.y && py <= b.y + b.height) return static_cast<std::int32_t>(i);
  }
  return -1;
}

std::int32_t Scene::frame_at(float px, float py) const {
  for (std::size_t i = frames.size(); i-- > 0;) {
    const Frame& f = frames[i];
    if (px >= f.x && px <= f.x + f.width && py >= f.y && py <= f.y + f.height) return static_cast<std::int32_t>(i);
  }
  return -1;
}

std::shared_ptr<const Conversion> plain_conversion(std::shared_ptr<const Graph> graph, GraphShapes shapes) {
  auto plain = std::make_shared<Conversion>();
  plain->before = std::move(graph);
  plain->shapes_before = std::move(shapes);
  return plain;
}

Result<Scene> build_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options) {
  if (conversion == nullptr || conversion->before == nullptr)
    return internal_error("a picture was asked for without a graph");
  const bool want_before = options.view != View::after, want_after = options.view != View::before;
  if (want_after && conversion->after == nullptr)
    return invalid_input("the picture after conversion was asked for, but this graph was not converted");
  const bool valued = overlay.measured();
  const auto check = [&](const std::vector<double>& values, const Graph& graph, const char* side) -> Status {
    if (values.empty() || values.size() <= static_cast<std::size_t>(graph.size())) return {};
    return invalid_input(std::string("the overlay holds ") + std::to_string(values.size()) + " values for the graph " +
                         side + " conversion, which has " + std::to_string(graph.size()) + " nodes");
  };
  if (valued) {
    ISO_TRY(check(overlay.before, *conversion->before, "before"));
    if (conversion->after != nullptr) ISO_TRY(check(overlay.after, *conversion->after, "after"));
  }

  Scene scene;
  scene.conversion = conversion;
  scene.options = options;
  scene.options.previous.reset();
  scene.overlay = std::move(overlay);
  const bool converted = !conversion->segmentation.segment_of.empty();
  float x = 0;
  for (const bool after : {false, true}) {
    if (after ? !want_after : !want_before) continue;
    SideSource source;
    source.conversion = conversion.get();
    source.graph = after ? conversion->after.get() : conversion->before.get();
    source.shapes = after ? &conversion->shapes_after : &conversion->shapes_before;
    const std::vector<double>& values = after ? scene.overlay.after : scene.overlay.before;
    source.values = valued && !values.empty() ? &values : nullptr;
    source.after = after;
    source.converted = converted;
    source.before = places_before(options, *source.graph, after);
    const std::size_t box = scene.boxes.size(), frame = scene.frames.size(), line = scene.lines.size();
    ISO_ASSIGN(const Visible drawn, append_side(source, options, scene));
    ISO_TRY(open_example(source, options, drawn, scene));
    Side& side = scene.sides.back();
    side.x = x;
    side.y = kHeadHeight;
    move_side(scene, side, box, frame, line, side.x, side.y);
    x += side.width + kSideGap;
    scene.width = std::max(scene.width, side.x + side.width);
    scene.height = std::max(scene.height, side.y + side.height);
  }
  summarize_overlay(scene);
  return scene;
}

}  // namespace isotherm::render
