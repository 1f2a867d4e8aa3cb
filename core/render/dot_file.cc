#include <string>
#include <vector>

#include "core/render/render_file.h"
#include "core/render/theme.h"

namespace isotherm::render {
namespace {

std::string hex(Color c) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "#";
  for (const std::uint8_t v : {c.r, c.g, c.b}) out += kDigits[v >> 4U], out += kDigits[v & 15U];
  return out;
}

/// A quoted DOT string. A backslash is an escape in labels only, where `escapes` doubles it.
std::string quoted(std::string_view text, bool escapes) {
  std::string out = "\"";
  for (const char c : clean_text(text)) {
    if (c == '"')
      out += "\\\"";
    else if (c == '\\' && escapes)
      out += "\\\\";
    else
      out += c;
  }
  // A lone backslash before the closing quote would swallow it.
  if (!escapes && out.ends_with('\\')) out += ' ';
  return out + "\"";
}

class Dot {
 public:
  explicit Dot(const Scene& scene) : scene_(scene), colors_(palette(scene.options.theme, scene.options.palette)) {}

  std::string run() {
    const bool sideways = scene_.options.direction == Direction::left_right;
    out_ += "digraph isotherm {\n  graph [compound=true, fontname=\"Inter\"";
    if (sideways) out_ += ", rankdir=LR";
    if (!scene_.options.title.empty()) out_ += ", labelloc=t, label=" + quoted(scene_.options.title, true);
    out_ += ", bgcolor=\"" + hex(colors_.canvas) + "\", fontcolor=\"" + hex(colors_.text) + "\"];\n";
    out_ += "  node [shape=box, style=\"rounded,filled\", fontname=\"Inter\", fontsize=12, fontcolor=\"" +
            hex(colors_.text) + "\"];\n";
    out_ += "  edge [color=\"" + hex(colors_.edge) + "\", fontname=\"Inter\", fontsize=10, fontcolor=\"" +
            hex(colors_.muted) + "\"];\n";
    for (const Side& side : scene_.sides) {
      if (scene_.sides.size() > 1) {
        out_ += std::string("  subgraph cluster_") + (side.after ? "after" : "before") +
                " {\n  label=" + quoted(scene_.text(side.head) + ": " + scene_.text(side.head_detail), true) + ";\n";
      }
      frames(-1, side.after);
      boxes(-1, side.after);
      if (scene_.sides.size() > 1) out_ += "  }\n";
    }
    for (const Line& line : scene_.lines) edge(line);
    return out_ + "}\n";
  }

 private:
  /// The innermost frame that holds a box.
  [[nodiscard]] std::int32_t frame_of(const Box& b) const {
    std::int32_t found = -1;
    for (std::size_t f = 0; f < scene_.frames.size(); ++f) {
      const Frame& frame = scene_.frames[f];
      if (b.x >= frame.x && b.y >= frame.y && b.x + b.width <= frame.x + frame.width &&
          b.y + b.height <= frame.y + frame.height && frame.after_side == b.after_side)
        found = static_cast<std::int32_t>(f);
    }
    return found;
  }

  void boxes(std::int32_t frame, bool after) {
    if (inside_.empty()) {
      inside_.resize(scene_.frames.size() + 1);
      for (std::size_t i = 0; i < scene_.boxes.size(); ++i)
        inside_[static_cast<std::size_t>(frame_of(scene_.boxes[i]) + 1)].push_back(i);
    }
    for (const std::size_t i : inside_[static_cast<std::size_t>(frame + 1)]) {
      const Box& b = scene_.boxes[i];
      if (b.after_side != after) continue;
      std::string label = scene_.text(b.title);
      if (b.form == Box::Form::engine)
        label += "\n" + std::to_string(b.count) + " nodes";
      else if (b.detail >= 0)
        label += "\n" + scene_.text(b.detail);
      std::string lines;
      for (const char c : label) lines += c == '\n' ? std::string("\x01") : std::string(1, c);
      std::string text;
      for (std::size_t from = 0;;) {
        const std::size_t cut = lines.find('\x01', from);
        const std::string piece = quoted(lines.substr(from, cut == std::string::npos ? cut : cut - from), true);
        text += piece.substr(1, piece.size() - 2);
        if (cut == std::string::npos) break;
        text += "\\n";
        from = cut + 1;
      }
      const EngineColors engine = colors_.engine(b.engine);
      const bool of_engine = b.form == Box::Form::engine;
      const Color line = of_engine ? engine.line : b.native ? colors_.native : colors_.node_border;
      const Color fill = of_engine ? engine.tint : b.engine >= 0 ? colors_.raised : colors_.of(b.op_class).fill;
      out_ += "  n" + std::to_string(i) + " [label=\"" + text +
              "\", tooltip=" + quoted(scene_.text(b.full_name), true) + ", color=\"" + hex(line) + "\", fillcolor=\"" +
              hex(fill) + "\"" + (b.native ? ", style=\"rounded,filled,dashed\"" : "") +
              (of_engine ? ", penwidth=2.25" : "") + "];\n";
      if (frame >= 0 && anchors_.size() < scene_.frames.size()) anchors_.resize(scene_.frames.size(), -1);
      for (std::int32_t f = frame; f >= 0; f = scene_.frames[static_cast<std::size_t>(f)].parent)
        if (anchors_[static_cast<std::size_t>(f)] < 0)
          anchors_[static_cast<std::size_t>(f)] = static_cast<std::int32_t>(i);
    }
  }

  void frames(std::int32_t parent, bool after) {
    for (std::size_t f = 0; f < scene_.frames.size(); ++f) {
      const Frame& frame = scene_.frames[f];
      if (frame.parent != parent || frame.after_side != after) continue;
      const bool segment = frame.form == Frame::Form::segment;
      const EngineColors engine = colors_.engine(frame.engine);
      out_ +=
          "  subgraph cluster_" + std::to_string(f) + " {\n  label=" + quoted(scene_.text(frame.title), true) +
          "; style=\"rounded,filled\"; color=\"" + hex(segment ? engine.line : colors_.cluster_frame) +
          "\"; fillcolor=\"" +
          hex(segment ? blend(engine.tint.with_alpha(colors_.segment_fill), colors_.canvas) : colors_.cluster_fill) +
          "\";\n";
      frames(static_cast<std::int32_t>(f), after);
      boxes(static_cast<std::int32_t>(f), after);
      out_ += "  }\n";
    }
  }

  void edge(const Line& line) {
    if (anchors_.size() < scene_.frames.size()) anchors_.resize(scene_.frames.size(), -1);
    const std::int32_t from = line.from >= 0         ? line.from
                              : line.from_frame >= 0 ? anchors_[static_cast<std::size_t>(line.from_frame)]
                                                     : -1;
    const std::int32_t to = line.to >= 0         ? line.to
                            : line.to_frame >= 0 ? anchors_[static_cast<std::size_t>(line.to_frame)]
                                                 : -1;
    if (from < 0 || to < 0) return;
    out_ += "  n" + std::to_string(from) + " -> n" + std::to_string(to);
    std::vector<std::string> attributes;
    if (line.leader) attributes.emplace_back("style=dotted, arrowhead=none, constraint=false");
    if (line.control) attributes.emplace_back("style=dashed");
    if (line.label >= 0) attributes.push_back("label=" + quoted(scene_.text(line.label), true));
    if (line.from < 0) attributes.push_back("ltail=cluster_" + std::to_string(line.from_frame));
    if (line.to < 0) attributes.push_back("lhead=cluster_" + std::to_string(line.to_frame));
    for (std::size_t i = 0; i < attributes.size(); ++i) out_ += (i == 0 ? " [" : ", ") + attributes[i];
    out_ += attributes.empty() ? ";\n" : "];\n";
  }

  const Scene& scene_;
  const Palette& colors_;
  std::string out_;
  std::vector<std::int32_t> anchors_;
  std::vector<std::vector<std::size_t>> inside_;  ///< by frame + 1: its own boxes
};

}  // namespace

std::string dot_bytes(const Scene& scene) { return Dot(scene).run(); }

}  // namespace isotherm::render
