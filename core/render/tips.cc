#include "core/render/tips.h"

#include <algorithm>
#include <map>

#include "core/render/node_text.h"
#include "core/render/overlay_words.h"
#include "core/render/paint_value.h"
#include "core/render/side_words.h"

namespace isotherm::render {
namespace {

constexpr std::size_t kMostOutputs = 4;

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

/// "float32 1×112×112×64, 3.1 MiB"
std::string tensor_words(const TensorInfo& tensor) {
  std::string out(tensor.dtype == DType::invalid ? "unknown dtype" : dtype_name(tensor.dtype));
  if (!tensor.shape.has_rank()) return out + " of unknown rank";
  double bytes = static_cast<double>(dtype_size(tensor.dtype));
  bool known = bytes > 0;
  std::string dims;
  for (const std::int64_t d : tensor.shape.dims()) {
    dims += (dims.empty() ? "" : "×") + (d < 0 ? std::string("?") : std::to_string(d));
    known &= d >= 0;
    bytes *= static_cast<double>(std::max<std::int64_t>(d, 0));
  }
  out += dims.empty() ? " scalar" : " " + dims;
  return known ? out + ", " + byte_words(bytes).together() : out;
}

void add_outputs(const Scene& scene, const Box& b, std::vector<std::string>& lines) {
  const GraphShapes& shapes = b.after_side ? scene.conversion->shapes_after : scene.conversion->shapes_before;
  if (shapes.empty()) return;
  const auto outputs = shapes.outputs(b.node);
  for (std::size_t i = 0; i < outputs.size() && i < kMostOutputs; ++i)
    lines.push_back((outputs.size() == 1 ? std::string("output ") : "output " + std::to_string(i) + ": ") +
                    tensor_words(outputs[i]));
  if (outputs.size() > kMostOutputs)
    lines.push_back("and " + plural(static_cast<int>(outputs.size() - kMostOutputs), "more output"));
}

void add_value(const Scene& scene, const Box& b, std::vector<std::string>& lines) {
  if (!shows_values(scene, b)) return;
  const Overlay& overlay = scene.overlay;
  std::string what = overlay.title.empty() ? std::string() : clean_text(overlay.title) + ": ";
  if (b.value_word >= 0 && b.measured())
    what += scene.text(b.value_word);
  else
    what += clean_text(exact_value(overlay, b.value));
  if (b.form == Box::Form::scope && b.measured() && overlay.kind != Overlay::Kind::precision)
    what += overlay.combine == Overlay::Combine::sum ? ", sum of its nodes" : ", largest of its nodes";
  lines.push_back(std::move(what));
  const std::vector<std::string>& words = b.after_side ? overlay.words_after : overlay.words_before;
  if (b.node >= 0 && at(b.node) < words.size() && !words[at(b.node)].empty())
    lines.push_back(clean_text(words[at(b.node)]));
}

std::string end_name(const Scene& scene, std::int32_t box, std::int32_t frame) {
  if (box >= 0) return clean_text(scene.text(scene.boxes[at(box)].full_name));
  if (frame < 0) return {};
  const Frame& f = scene.frames[at(frame)];
  return f.form == Frame::Form::segment ? "segment " + std::to_string(f.engine)
                                        : clean_text(scene.scope_paths[at(f.scope)]);
}

class Links {
 public:
  explicit Links(const Scene& scene) : scene_(scene) {
    if (scene.options.view != View::both) return;
    for (std::size_t i = 0; i < scene.boxes.size(); ++i) {
      const Box& b = scene.boxes[i];
      if (b.after_side && b.form == Box::Form::engine && b.engine >= 0) engine_.try_emplace(b.engine, i);
      if (!b.after_side && b.engine >= 0) member_.try_emplace(b.engine, i);
    }
    for (std::size_t i = 0; i < scene.frames.size(); ++i)
      if (const Frame& f = scene.frames[i]; f.form == Frame::Form::segment) outline_.try_emplace(f.engine, i);
  }

  [[nodiscard]] std::string of_box(const Box& b) const {
    if (scene_.options.view != View::both) return {};
    if (!b.after_side && b.engine >= 0) return box_id(find(engine_, b.engine));
    if (b.form == Box::Form::engine) {
      const std::int32_t outline = find(outline_, b.engine);
      return outline >= 0 ? "clust" + std::to_string(outline + 1) : box_id(find(member_, b.engine));
    }
    if (b.node < 0) return {};
    const NodeMap& map = scene_.conversion->map;
    NodeId other = kNoNode;
    if (!b.after_side && at(b.node) < map.after_of.size()) other = map.after_of[at(b.node)];
    if (b.after_side && at(b.node) < map.before_of.size() && !map.before_of[at(b.node)].empty())
      other = map.before_of[at(b.node)].front();
    const std::vector<std::int32_t>& shown = b.after_side ? scene_.box_of_before : scene_.box_of_after;
    return other < 0 || at(other) >= shown.size() ? std::string() : box_id(shown[at(other)]);
  }

  [[nodiscard]] std::string of_frame(const Frame& f) const {
    return f.form == Frame::Form::segment ? box_id(find(engine_, f.engine)) : std::string();
  }

 private:
  static std::string box_id(std::int32_t box) { return box < 0 ? std::string() : group_id(Command::Group::node, box); }
  static std::int32_t find(const std::map<int, std::size_t>& map, int engine) {
    const auto it = map.find(engine);
    return it == map.end() ? -1 : static_cast<std::int32_t>(it->second);
  }

  const Scene& scene_;
  std::map<int, std::size_t> engine_, member_, outline_;
};

}  // namespace

std::vector<std::string> box_tip(const Scene& scene, std::size_t index) {
  const Box& b = scene.boxes[index];
  std::vector<std::string> lines = {clean_text(scene.text(b.full_name))};
  const Graph& graph = b.after_side ? *scene.conversion->after : *scene.conversion->before;
  if (b.form == Box::Form::scope) {
    if (b.repeats > 1) lines.push_back(plural(b.repeats, "block") + " of one structure");
    lines.push_back(plural(b.count, "node"));
  } else if (b.node >= 0 && b.node < graph.size()) {
    const NodeWords words = node_words(graph, nullptr, b.node, "");
    std::string op = clean_text(graph[b.node].op);
    if (!words.sizes.empty()) op += " " + words.sizes;
    if (b.form == Box::Form::engine) op += ", " + plural(b.count, "node");
    lines.push_back(std::move(op));
    add_outputs(scene, b, lines);
  }
  if (b.native)
    lines.push_back(b.reason >= 0 ? "stays native: " + clean_text(scene.text(b.reason))
                                  : clean_text(scene.text(b.note)));
  else if (b.engine >= 0 && !b.after_side && b.form != Box::Form::engine)
    lines.push_back("becomes part of engine " + std::to_string(b.engine));
  add_value(scene, b, lines);
  return lines;
}

std::vector<std::string> line_tip(const Scene& scene, std::size_t index) {
  const Line& line = scene.lines[index];
  std::vector<std::string> lines = {end_name(scene, line.from, line.from_frame) + " → " +
                                    end_name(scene, line.to, line.to_frame)};
  if (line.control) {
    lines.push_back(line.tensors > 1 ? plural(line.tensors, "control edge") : "control edge");
    return lines;
  }
  if (line.tensor >= 0) lines.push_back(scene.text(line.tensor));
  std::string size = line.tensors > 1 ? plural(line.tensors, "edge") + " of the graph" : "";
  // Dimensions that are not known count as one.
  if (line.bytes >= 0) size += (size.empty() ? "" : ", ") + byte_words(line.bytes).together();
  if (!size.empty()) lines.push_back(std::move(size));
  return lines;
}

std::vector<std::string> frame_tip(const Scene& scene, std::size_t index) {
  const Frame& f = scene.frames[index];
  std::vector<std::string> lines = {end_name(scene, -1, static_cast<std::int32_t>(index)), plural(f.count, "node")};
  if (scene.overlay.measured() && !(f.value < 0)) {
    std::string value = clean_text(exact_value(scene.overlay, f.value));
    if (scene.overlay.kind != Overlay::Kind::precision)
      value += scene.overlay.combine == Overlay::Combine::sum ? ", sum of its nodes" : ", largest of its nodes";
    lines.push_back(std::move(value));
  }
  return lines;
}

void add_tips(const Scene& scene, DisplayList& list) {
  const Links links(scene);
  for (Command& c : list.commands) {
    if (c.kind != Command::Kind::begin_group || c.box < 0) continue;
    const std::size_t i = at(c.box);
    switch (c.group) {
      case Command::Group::node:
        list.set_tip(c, box_tip(scene, i));
        list.set_link(c, links.of_box(scene.boxes[i]));
        break;
      case Command::Group::reference:
        list.set_tip(c, box_tip(scene, i));
        list.set_link(c, group_id(Command::Group::node, scene.boxes[i].refers_to));
        break;
      case Command::Group::edge:
        list.set_tip(c, line_tip(scene, i));
        break;
      case Command::Group::cluster:
        list.set_tip(c, frame_tip(scene, i));
        break;
      case Command::Group::page:  // a frame's title
        list.set_tip(c, frame_tip(scene, i));
        list.set_link(c, links.of_frame(scene.frames[i]));
        break;
      case Command::Group::legend:
        break;
    }
  }
}

}  // namespace isotherm::render
