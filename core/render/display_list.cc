#include "core/render/display_list.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/render/text.h"

namespace isotherm::render {

void DisplayList::rect(float x, float y, float w, float h, float radius, Color fill, const Stroke& stroke) {
  Command c;
  c.kind = Command::Kind::rect;
  c.x = x, c.y = y, c.w = w, c.h = h;
  c.radius = std::min({radius, w / 2, h / 2});
  c.fill = fill;
  c.stroke = stroke;
  commands.push_back(c);
}

void DisplayList::text(float x, float y, std::string_view s, const Font& font, Color color, Anchor anchor) {
  if (s.empty()) return;
  Command c;
  c.kind = Command::Kind::text;
  c.x = x, c.y = y;
  c.font = font;
  c.fill = color;
  c.anchor = anchor;
  c.text = static_cast<std::int32_t>(strings.size());
  strings.push_back(clean_text(s));
  commands.push_back(c);
}

void DisplayList::ramp(float x, float y, float w, float h, float radius, const std::vector<Color>& stops) {
  Command c;
  c.kind = Command::Kind::ramp;
  c.x = x, c.y = y, c.w = w, c.h = h, c.radius = radius;
  c.first = static_cast<std::int32_t>(colors.size());
  c.count = static_cast<std::int32_t>(stops.size());
  colors.insert(colors.end(), stops.begin(), stops.end());
  commands.push_back(c);
}

void DisplayList::begin_group(Command::Group group, std::string_view name, std::int32_t index) {
  Command c;
  c.kind = Command::Kind::begin_group;
  c.group = group;
  c.box = index;
  c.text = static_cast<std::int32_t>(strings.size());
  strings.push_back(clean_text(name));
  commands.push_back(c);
}

void DisplayList::end_group() {
  Command c;
  c.kind = Command::Kind::end_group;
  commands.push_back(c);
}

void DisplayList::set_tip(Command& group, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + clean_text(line);
  if (text.empty()) return;
  group.tip = static_cast<std::int32_t>(strings.size());
  strings.push_back(std::move(text));
}

void DisplayList::set_link(Command& group, std::string_view id) {
  if (id.empty()) return;
  group.link = static_cast<std::int32_t>(strings.size());
  strings.emplace_back(id);
}

std::string group_id(Command::Group group, std::int32_t index) {
  static constexpr const char* kPrefix[] = {"node", "edge", "clust", "", "", ""};
  const char* const prefix = kPrefix[static_cast<std::size_t>(group)];
  return index < 0 || *prefix == '\0' ? std::string() : prefix + std::to_string(index + 1);
}

void DisplayList::append(const DisplayList& other, float dx, float dy) {
  const auto verb = static_cast<std::int32_t>(verbs.size()), number = static_cast<std::int32_t>(numbers.size());
  const auto color = static_cast<std::int32_t>(colors.size()), string = static_cast<std::int32_t>(strings.size());
  for (Command c : other.commands) {
    c.x += dx, c.y += dy;
    for (std::int32_t* s : {&c.text, &c.tip, &c.link})
      if (*s >= 0) *s += string;
    if (c.kind == Command::Kind::path) c.first += verb, c.number += number;
    if (c.kind == Command::Kind::ramp) c.first += color;
    commands.push_back(c);
  }
  verbs.insert(verbs.end(), other.verbs.begin(), other.verbs.end());
  for (std::size_t i = 0; i < other.numbers.size(); ++i) numbers.push_back(other.numbers[i] + (i % 2 == 0 ? dx : dy));
  colors.insert(colors.end(), other.colors.begin(), other.colors.end());
  strings.insert(strings.end(), other.strings.begin(), other.strings.end());
}

void DisplayList::begin_path() {
  path_verb_ = static_cast<std::int32_t>(verbs.size());
  path_number_ = static_cast<std::int32_t>(numbers.size());
}

void DisplayList::move(float x, float y) {
  verbs.push_back('M');
  numbers.insert(numbers.end(), {x, y});
}

void DisplayList::line(float x, float y) {
  verbs.push_back('L');
  numbers.insert(numbers.end(), {x, y});
}

void DisplayList::quad(float cx, float cy, float x, float y) {
  verbs.push_back('Q');
  numbers.insert(numbers.end(), {cx, cy, x, y});
}

void DisplayList::cubic(float ax, float ay, float bx, float by, float x, float y) {
  verbs.push_back('C');
  numbers.insert(numbers.end(), {ax, ay, bx, by, x, y});
}

void DisplayList::close() { verbs.push_back('Z'); }

void DisplayList::end_path(Color fill, const Stroke& stroke) {
  Command c;
  c.kind = Command::Kind::path;
  c.first = path_verb_;
  c.count = static_cast<std::int32_t>(verbs.size()) - path_verb_;
  c.number = path_number_;
  c.fill = fill;
  c.stroke = stroke;
  if (c.count > 0) commands.push_back(c);
}

void DisplayList::path_data(std::string_view data, float x, float y, float scale, Color fill, const Stroke& stroke) {
  begin_path();
  float px = 0, py = 0;
  std::size_t at = 0;
  char verb = 0;
  const auto number = [&] {
    while (at < data.size() && (data[at] == ' ' || data[at] == ',')) ++at;
    float value = 0;
    const auto [stop, failed] = std::from_chars(data.data() + at, data.data() + data.size(), value);
    at = failed == std::errc() ? static_cast<std::size_t>(stop - data.data()) : data.size();
    return value;
  };
  while (at < data.size()) {
    if (data[at] == ' ') {
      ++at;
      continue;
    }
    if (data[at] >= 'A' && data[at] <= 'Z') verb = data[at++];
    const auto place = [&](float ax, float ay) { return std::pair{x + ax * scale, y + ay * scale}; };
    switch (verb) {
      case 'M':
      case 'L': {
        px = number(), py = number();
        const auto [ax, ay] = place(px, py);
        verb == 'M' ? move(ax, ay) : line(ax, ay);
        break;
      }
      case 'H':
      case 'V': {
        (verb == 'H' ? px : py) = number();
        const auto [ax, ay] = place(px, py);
        line(ax, ay);
        break;
      }
      case 'C': {
        float v[6];
        for (float& n : v) n = number();
        px = v[4], py = v[5];
        const auto [ax, ay] = place(v[0], v[1]);
        const auto [bx, by] = place(v[2], v[3]);
        const auto [cx, cy] = place(px, py);
        cubic(ax, ay, bx, by, cx, cy);
        break;
      }
      case 'Z':
        close();
        break;
      default:
        at = data.size();
        break;
    }
  }
  end_path(fill, stroke);
}

std::string clean_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_char(text, at);
    const bool invalid = c == 0xFFFD && at - from == 1;
    // XML and most fonts have no place for these; U+FFFE and U+FFFF are no characters.
    if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0))
      out += "␣";
    else if (invalid || c == 0xFFFE || c == 0xFFFF)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(from, at - from);
  }
  return out;
}

}  // namespace isotherm::render
