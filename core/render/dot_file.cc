#include <string>
#include <vector>

#include "core/render/overlay_words.h"
#include "core/render/paint_value.h"
#include "core/render/render_file.h"
#include "core/render/theme.h"
#include "core/render/tips.h"

namespace isotherm::render {
namespace {

std::string hex(Color c) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "#";
  for (const std::uint8_t v : {c.r, c.g, c.b}) out += kDigits[v >> 4U], out += kDigits[v & 15U];
  return out;
}

/// A quoted DOT string in which a backslash is an escape, as in labels and tooltips. Lines are parted by its "\n".
/// Graphviz reads no more than 16384 bytes between quotes; a longer string is a sum of such.
std::string quoted(const std::vector<std::string>& lines) {
  constexpr std::size_t kMostBetweenQuotes = 12000;
  std::string out = "\"";
  std::size_t since = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\\n";
    for (const char c : clean_text(lines[i])) {
      const bool starts_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      if (since >= kMostBetweenQuotes && starts_character) out += "\" + \"", since = 0;
      if (c == '"' || c == '\\') out += '\\';
      out += c;
      since += 2;
    }
  }
  return out + "\"";
}

std::string quoted(const std::string& text) { return quoted(std::vector<std::string>{text}); }

/// Text of an HTML-like label, where backslashes mean nothing.
std::string html(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

class Dot {
 public:
  Dot(const Scene& scene, const FileOptions& options)
      : scene_(scene), options_(options), colors_(palette(scene.options.theme, scene.options.palette)) {
    inside_.resize(scene.frames.size() + 1);
    anchors_.resize(scene.frames.size(), -1);
    for (std::size_t i = 0; i < scene.boxes.size(); ++i)
      inside_[static_cast<std::size_t>(frame_of(scene.boxes[i]) + 1)].push_back(i);
  }

  std::string run() {
    out_ += "digraph isotherm {\n  graph [compound=true, fontname=\"Inter\", nodesep=0.22, ranksep=0.28";
    if (scene_.options.direction == Direction::left_right) out_ += ", rankdir=LR";
    std::string about = clean_text(options_.about);
    if (!options_.date.empty()) about += (about.empty() ? "" : ", ") + clean_text(options_.date);
    if (!about.empty()) out_ += ", comment=" + quoted(about);
    if (!scene_.options.title.empty()) out_ += ", labelloc=t, fontsize=18, label=" + quoted(scene_.options.title);
    out_ += ", bgcolor=\"" + hex(colors_.canvas) + "\", fontcolor=\"" + hex(colors_.text) + "\"];\n";
    out_ +=
        "  node [shape=box, margin=\"0.06,0.03\", style=\"rounded,filled\", fontname=\"Inter\", fontsize=12, "
        "fontcolor=\"" +
        hex(colors_.text) + "\"];\n";
    out_ += "  edge [color=\"" + hex(colors_.edge) +
            "\", penwidth=1.4, arrowsize=0.7, fontname=\"Inter\", "
            "fontsize=10, fontcolor=\"" +
            hex(colors_.muted) + "\"];\n";
    for (const Side& side : scene_.sides) {
      if (scene_.sides.size() > 1) {
        out_ += std::string("  subgraph cluster_") + (side.after ? "after" : "before") +
                " {\n  label=" + quoted(scene_.text(side.head) + ": " + scene_.text(side.head_detail)) +
                "; labeljust=l; fontsize=14; penwidth=0;\n";
      }
      frames(-1, side.after);
      boxes(-1, side.after);
      if (scene_.sides.size() > 1) out_ += "  }\n";
    }
    for (std::size_t i = 0; i < scene_.lines.size(); ++i) edge(i);
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

  static std::string cell(const std::string& attributes, const std::string& text) {
    return "<TD" + attributes + ">" + text + "</TD>";
  }

  static std::string font(Color color, float size, const std::string& text) {
    return "<FONT COLOR=\"" + hex(color) + "\" POINT-SIZE=\"" + std::to_string(static_cast<int>(size)) + "\">" + text +
           "</FONT>";
  }

  static std::string bold(const std::string& text) { return text.empty() ? text : "<B>" + text + "</B>"; }

  /// Class bar, title, and at the right what the box says there; with values their number, and words on a second line.
  [[nodiscard]] std::string node_label(const Box& b, const ValueLook& shown) const {
    const bool values = shows_values(scene_, b);
    std::string second = html(scene_.text(b.subtitle)), right = html(scene_.text(b.detail)), number = right;
    if (values) {
      const std::string remark = value_remark(scene_, b);
      if (!remark.empty()) second = html(remark);
      if (b.subtitle >= 0 && b.detail >= 0) second += "  " + right;
      number =
          bold(html(b.value_word >= 0 ? scene_.text(b.value_word) : value_words(scene_.overlay, b.value).together()));
      if (shown.failed) number = "✕ " + number;
      if (b.first_over_bound) number = "▲ " + number;
    }
    std::string title = font(shown.text, 12, bold(html(scene_.text(b.title))));
    if (!second.empty()) title += "<BR ALIGN=\"LEFT\"/>" + font(shown.muted, 10, second) + "<BR ALIGN=\"LEFT\"/>";
    int columns = 1;  // right of the bar
    std::string row = cell(" BGCOLOR=\"" + hex(colors_.of(b.op_class).bar) + "\" WIDTH=\"4\"", "") +
                      cell(" ALIGN=\"LEFT\" BALIGN=\"LEFT\"", title);
    if (!number.empty())
      ++columns, row += cell(" ALIGN=\"RIGHT\"", font(values ? shown.text : shown.muted, values ? 12 : 10, number));
    if (b.badge && b.engine >= 0) {
      const EngineColors engine = colors_.engine(b.engine);
      ++columns;
      row += cell(" BGCOLOR=\"" + hex(engine.line) + "\"", font(engine.on, 9, bold(std::to_string(b.engine))));
    }
    return "<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"2\" CELLPADDING=\"3\"><TR>" + row + "</TR>" +
           note(b, columns) + "</TABLE>>";
  }

  [[nodiscard]] std::string note(const Box& b, int columns) const {
    if (b.note < 0) return {};
    return "<TR>" + cell("", "") +
           cell(" COLSPAN=\"" + std::to_string(columns) + "\" ALIGN=\"LEFT\"",
                font(colors_.native, 10, html(scene_.text(b.note)))) +
           "</TR>";
  }

  /// Header band with index and name, then node count, value, and the ops it holds.
  [[nodiscard]] std::string engine_label(const Box& b, const ValueLook& shown) const {
    const EngineColors engine = colors_.engine(b.engine);
    std::string name = html(scene_.text(b.title));
    if (b.engine >= 0) name = std::to_string(b.engine) + "  " + name;
    std::string rows =
        "<TR>" +
        cell(" COLSPAN=\"2\" ALIGN=\"LEFT\" BGCOLOR=\"" + hex(engine.line) + "\"", font(engine.on, 12, bold(name))) +
        "</TR>";
    std::string right;
    if (shows_values(scene_, b))
      right = html(b.measured() ? value_words(scene_.overlay, b.value).together() : "not measured");
    else if (b.precision >= 0)
      right = precision_name(b.precision);
    rows += "<TR>" +
            cell(" ALIGN=\"LEFT\"",
                 font(shown.text, 12, bold(std::to_string(b.count) + (b.count == 1 ? " node" : " nodes")))) +
            cell(" ALIGN=\"RIGHT\"", right.empty() ? "" : font(shown.text, 11, right)) + "</TR>";
    for (std::int32_t i = b.first_row; i < b.first_row + b.rows; ++i) {
      const HistogramRow& row = scene_.rows[static_cast<std::size_t>(i)];
      const std::string words = html(scene_.text(row.op));
      if (words.empty()) continue;
      const Color color = row.summary || row.kernel ? shown.muted : shown.text;
      rows += "<TR>" + cell(" ALIGN=\"LEFT\"", font(color, 10, words)) +
              cell(" ALIGN=\"RIGHT\"", font(color, 10,
                                            row.value >= 0 ? html(value_words(scene_.overlay, row.value).together())
                                                           : std::to_string(row.count))) +
              "</TR>";
    }
    return "<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"4\">" + rows + "</TABLE>>";
  }

  void box(std::size_t i) {
    const Box& b = scene_.boxes[i];
    const bool of_engine = b.form == Box::Form::engine;
    const EngineColors engine = colors_.engine(b.engine);
    const bool in_body = shows_values(scene_, b) && (!of_engine || scene_.overlay.kind != Overlay::Kind::time);
    const bool plain = b.form == Box::Form::io || b.engine >= 0 || b.native;
    ValueLook shown{of_engine ? engine.tint
                    : plain   ? colors_.raised
                              : colors_.of(b.op_class).fill,
                    colors_.text, colors_.muted};
    if (in_body) shown = value_look(scene_, b, colors_);
    Color line = of_engine ? engine.line : b.native ? colors_.native : colors_.node_border;
    if (shown.failed) line = colors_.error;
    const bool dashed = b.native || (of_engine && engine.broken);
    out_ += "  n" + std::to_string(i) + " [label=" + (of_engine ? engine_label(b, shown) : node_label(b, shown)) +
            ", tooltip=" + quoted(box_tip(scene_, i)) + ", color=\"" + hex(line) + "\", fillcolor=\"" +
            hex(shown.fill) + "\"";
    // A pill for inputs and outputs, sheets for what stands for several nodes.
    if (b.form == Box::Form::io)
      out_ += ", shape=oval, margin=0, style=\"filled" + std::string(dashed ? ",dashed\"" : "\"");
    else if (b.form == Box::Form::scope)
      out_ += ", shape=box3d, style=\"filled" + std::string(dashed ? ",dashed\"" : "\"");
    else if (dashed)
      out_ += ", style=\"rounded,filled,dashed\"";
    if (of_engine)
      out_ += ", margin=0, penwidth=2.25";
    else if (b.native)
      out_ += ", penwidth=1.5";
    out_ += "];\n";
  }

  void boxes(std::int32_t frame, bool after) {
    for (const std::size_t i : inside_[static_cast<std::size_t>(frame + 1)]) {
      if (scene_.boxes[i].after_side != after) continue;
      box(i);
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
      std::string title = scene_.text(frame.title);
      if (frame.detail >= 0) title += "   " + scene_.text(frame.detail);
      out_ +=
          "  subgraph cluster_" + std::to_string(f) + " {\n  label=" + quoted(title) +
          "; fontsize=11; labeljust=" + (segment ? "r" : "l") + "; tooltip=" + quoted(frame_tip(scene_, f)) +
          "; style=\"rounded,filled" + (segment && engine.broken ? ",dashed" : "") + "\"; color=\"" +
          hex(segment ? engine.line : colors_.cluster_frame) + "\"; penwidth=" + (segment ? "2" : "1") +
          "; fillcolor=\"" +
          hex(segment ? blend(engine.tint.with_alpha(colors_.segment_fill), colors_.canvas) : colors_.cluster_fill) +
          "\";\n";
      frames(static_cast<std::int32_t>(f), after);
      boxes(static_cast<std::int32_t>(f), after);
      out_ += "  }\n";
    }
  }

  void edge(std::size_t index) {
    const Line& line = scene_.lines[index];
    const auto end = [&](std::int32_t box, std::int32_t frame) {
      return box >= 0 || frame < 0 ? box : anchors_[static_cast<std::size_t>(frame)];
    };
    const std::int32_t from = end(line.from, line.from_frame), to = end(line.to, line.to_frame);
    if (from < 0 || to < 0) return;
    out_ +=
        "  n" + std::to_string(from) + " -> n" + std::to_string(to) + " [tooltip=" + quoted(line_tip(scene_, index));
    if (line.leader) out_ += ", style=dotted, arrowhead=none, constraint=false";
    if (line.control) out_ += ", style=dashed, penwidth=1.2, color=\"" + hex(colors_.edge_control) + "\"";
    if (line.back) out_ += ", constraint=false";
    if (line.width > 0) out_ += ", penwidth=" + std::to_string(static_cast<int>(line.width + 0.5F));
    if (line.label >= 0) out_ += ", label=" + quoted(scene_.text(line.label));
    if (line.from < 0) out_ += ", ltail=cluster_" + std::to_string(line.from_frame);
    if (line.to < 0) out_ += ", lhead=cluster_" + std::to_string(line.to_frame);
    out_ += "];\n";
  }

  const Scene& scene_;
  const FileOptions& options_;
  const Palette& colors_;
  std::string out_;
  std::vector<std::int32_t> anchors_;             ///< by frame: the first box inside, where its edges end
  std::vector<std::vector<std::size_t>> inside_;  ///< by frame + 1: its own boxes
};

}  // namespace

std::string dot_bytes(const Scene& scene, const FileOptions& options) { return Dot(scene, options).run(); }

}  // namespace isotherm::render
