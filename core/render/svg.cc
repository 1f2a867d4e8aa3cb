#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/render/render_file.h"
#include "core/render/text.h"

namespace isotherm::render {
namespace {

class Svg {
 public:
  Svg(const DisplayList& list, const FileOptions& options) : list_(list), options_(options) {}

  std::string run() {
    out_ += R"(<?xml version="1.0" encoding="UTF-8"?>)";
    out_ += "\n<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
    size();
    out_ += " viewBox=\"0 0 " + number(list_.width) + " " + number(list_.height) + "\">\n<title>" +
            escape(list_.title) + "</title>\n";
    metadata();
    gradients();
    if (std::any_of(list_.commands.begin(), list_.commands.end(), [](const Command& c) { return c.link >= 0; }))
      out_ += "<style>:target{filter:drop-shadow(0 0 4px " + hex(list_.highlight) + ")}</style>\n";
    out_ += "<rect";
    attribute("width", list_.width);
    attribute("height", list_.height);
    out_ += " fill=\"" + hex(list_.background) + "\"/>\n";
    for (const Command& c : list_.commands) command(c);
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  static std::string number(float v) {
    char buffer[48];
    if (!std::isfinite(v)) v = 0;
    const float rounded = std::round(v * 100) / 100;
    auto end = std::to_chars(buffer, buffer + sizeof buffer, rounded, std::chars_format::fixed, 2).ptr;
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
    const std::string text(buffer, end);
    return text == "-0" ? "0" : text;
  }

  static std::string hex(Color c) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out = "#";
    for (const std::uint8_t v : {c.r, c.g, c.b}) out += kDigits[v >> 4U], out += kDigits[v & 15U];
    return out;
  }

  static std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
      switch (c) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        case '"':
          out += "&quot;";
          break;
        default:
          out += c;
      }
    }
    return out;
  }

  /// In words for who looks, and as Dublin Core for programs.
  void metadata() {
    const std::string about = clean_text(options_.about), date = clean_text(options_.date);
    if (about.empty() && date.empty()) return;
    out_ += "<desc>" + escape(about + (about.empty() || date.empty() ? "" : ", ") + date) + "</desc>\n";
    out_ += R"(<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" )"
            R"(xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">)";
    const auto element = [&](const char* name, const std::string& value) {
      if (!value.empty()) out_ += std::string("<dc:") + name + ">" + escape(value) + "</dc:" + name + ">";
    };
    element("title", list_.title);
    element("description", about);
    element("subject", clean_text(list_.keywords));
    element("creator", "Isotherm");
    element("date", date);
    out_ += "</rdf:Description></rdf:RDF></metadata>\n";
  }

  void size() {
    if (!options_.width || list_.width <= 0) {
      attribute("width", list_.width);
      attribute("height", list_.height);
      return;
    }
    const char* unit = options_.width->millimetres ? "mm" : "";
    const auto value = static_cast<float>(options_.width->value);
    out_ +=
        " width=\"" + number(value) + unit + "\" height=\"" + number(value * list_.height / list_.width) + unit + "\"";
  }

  void attribute(const char* name, float value) { out_ += std::string(" ") + name + "=\"" + number(value) + "\""; }

  void paint(Color fill, const Stroke& stroke) {
    out_ += fill.a == 0 ? std::string(" fill=\"none\"") : " fill=\"" + hex(fill) + "\"";
    if (fill.a != 0 && fill.a != 255) attribute("fill-opacity", static_cast<float>(fill.a) / 255.0F);
    if (stroke.width <= 0 || stroke.color.a == 0) return;
    out_ += " stroke=\"" + hex(stroke.color) + "\"";
    attribute("stroke-width", stroke.width);
    if (stroke.color.a != 255) attribute("stroke-opacity", static_cast<float>(stroke.color.a) / 255.0F);
    if (stroke.dash > 0) out_ += " stroke-dasharray=\"" + number(stroke.dash) + " " + number(stroke.gap) + "\"";
    if (stroke.round) out_ += " stroke-linecap=\"round\" stroke-linejoin=\"round\"";
  }

  void gradients() {
    int id = 0;
    for (const Command& c : list_.commands) {
      if (c.kind != Command::Kind::ramp) continue;
      out_ += "<defs><linearGradient id=\"ramp" + std::to_string(id++) + "\">";
      for (std::int32_t i = 0; i < c.count; ++i) {
        out_ += "<stop";
        attribute("offset", c.count > 1 ? static_cast<float>(i) / static_cast<float>(c.count - 1) : 0);
        out_ += " stop-color=\"" + hex(list_.colors[static_cast<std::size_t>(c.first + i)]) + "\"/>";
      }
      out_ += "</linearGradient></defs>\n";
    }
  }

  void box(const Command& c) {
    attribute("x", c.x);
    attribute("y", c.y);
    attribute("width", c.w);
    attribute("height", c.h);
    if (c.radius > 0) attribute("rx", c.radius);
  }

  void command(const Command& c) {
    switch (c.kind) {
      case Command::Kind::rect:
        out_ += "<rect";
        box(c);
        paint(c.fill, c.stroke);
        out_ += "/>\n";
        break;
      case Command::Kind::ramp:
        out_ += "<rect";
        box(c);
        out_ += " fill=\"url(#ramp" + std::to_string(ramp_++) + ")\"/>\n";
        break;
      case Command::Kind::path:
        path(c);
        break;
      case Command::Kind::text:
        text(c);
        break;
      case Command::Kind::begin_group:
        begin(c);
        break;
      case Command::Kind::end_group:
        out_ += ends_.back();
        ends_.pop_back();
        break;
    }
  }

  void begin(const Command& c) {
    static constexpr const char* kClass[] = {"node", "edge", "cluster", "legend", "page", "reference"};
    const std::string id = group_id(c.group, c.box);
    out_ += "<g" + (id.empty() ? id : " id=\"" + id + "\"");
    out_ += std::string(" class=\"") + kClass[static_cast<std::size_t>(c.group)] + "\">";
    std::string end = "</g>\n";
    const std::string& title = list_.strings[static_cast<std::size_t>(c.text)];
    if (!title.empty()) out_ += "<title>" + escape(title) + "</title>";
    // The name stays the group's title for who looks for nodes; a browser shows the innermost one under the pointer.
    if (c.link >= 0) {
      const std::string& target = list_.strings[static_cast<std::size_t>(c.link)];
      out_ += "<a href=\"#" + target + "\" xlink:href=\"#" + target + "\">";
      end = "</a>" + end;
    }
    if (c.tip >= 0) {
      out_ += "<g><title>" + escape(list_.strings[static_cast<std::size_t>(c.tip)]) + "</title>";
      end = "</g>" + end;
    }
    ends_.push_back(std::move(end));
    out_ += "\n";
  }

  void path(const Command& c) {
    out_ += "<path d=\"";
    const float* n = list_.numbers.data() + c.number;
    for (std::int32_t i = 0; i < c.count; ++i) {
      const char verb = list_.verbs[static_cast<std::size_t>(c.first + i)];
      out_ += verb;
      const int count = verb == 'Z' ? 0 : verb == 'Q' ? 4 : verb == 'C' ? 6 : 2;
      for (int k = 0; k < count; ++k) {
        if (k > 0) out_ += ' ';
        out_ += number(*n++);
      }
    }
    out_ += "\"";
    paint(c.fill, c.stroke);
    out_ += "/>\n";
  }

  void text(const Command& c) {
    static constexpr const char* kFamily[] = {"Inter,'Noto Sans','DejaVu Sans',sans-serif",
                                              "'JetBrains Mono','DejaVu Sans Mono',monospace"};
    static constexpr const char* kAnchor[] = {"start", "middle", "end"};
    out_ += "<text";
    attribute("x", c.x);
    attribute("y", c.y);
    out_ += " font-family=\"";
    if (const MeasuredFamily* family = sans_family(); family != nullptr && c.font.role == FontRole::sans)
      out_ += "'" + escape(family->name) + "',";
    out_ += std::string(kFamily[static_cast<std::size_t>(c.font.role)]) + "\"";
    attribute("font-size", c.font.size);
    if (c.font.weight != 400) out_ += " font-weight=\"" + std::to_string(c.font.weight) + "\"";
    if (c.anchor != Anchor::start)
      out_ += std::string(" text-anchor=\"") + kAnchor[static_cast<std::size_t>(c.anchor)] + "\"";
    out_ += " fill=\"" + hex(c.fill) + "\" xml:space=\"preserve\">" +
            escape(list_.strings[static_cast<std::size_t>(c.text)]) + "</text>\n";
  }

  const DisplayList& list_;
  const FileOptions& options_;
  std::string out_;
  int ramp_ = 0;
  std::vector<std::string> ends_;  ///< what closes the groups that are open
};

}  // namespace

std::string svg_bytes(const DisplayList& list, const FileOptions& options) { return Svg(list, options).run(); }

}  // namespace isotherm::render
