#include "core/render/text.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace isotherm::render {
namespace {

struct FontRange {
  std::uint32_t from, to;
  std::uint32_t first;  ///< index of `from` in the width arrays
};

#include "core/render/tables/font_table.inc"

std::shared_ptr<const MeasuredFamily>& chosen_family() {
  static std::shared_ptr<const MeasuredFamily> family;
  return family;
}

const std::uint16_t* widths_of(const Font& font) {
  if (font.role == FontRole::mono) return kMono400;
  if (const MeasuredFamily* family = chosen_family().get(); family != nullptr)
    return family->widths[font.weight >= 700 ? 3 : font.weight >= 600 ? 2 : font.weight >= 500 ? 1 : 0].data();
  if (font.weight >= 700) return kInter700;
  if (font.weight >= 600) return kInter600;
  if (font.weight >= 500) return kInter500;
  return kInter400;
}

bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

/// Thousandths of an em.
int advance(char32_t c, const std::uint16_t* widths) {
  for (const FontRange& range : kRanges) {
    if (c < range.from || c > range.to) continue;
    const std::size_t i = range.first + (c - range.from);
    if (widths[i] != 0) return widths[i];
    if (kDejaVu400[i] != 0) return kDejaVu400[i];
    return 620;
  }
  return is_wide(c) ? 1000 : 620;
}

}  // namespace

std::vector<char32_t> table_characters() {
  std::vector<char32_t> out;
  for (const FontRange& range : kRanges)
    for (std::uint32_t c = range.from; c <= range.to; ++c) out.push_back(c);
  return out;
}

void set_sans_family(std::shared_ptr<const MeasuredFamily> family) {
  if (family != nullptr)
    for (const auto& widths : family->widths)
      if (widths.size() != std::size(kInter400)) return;  // not measured in the table's order
  chosen_family() = std::move(family);
}

const MeasuredFamily* sans_family() { return chosen_family().get(); }

char32_t next_char(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  int more = 0;
  char32_t c = lead;
  if (lead < 0x80) {
    ++at;
    return c;
  }
  if (lead >= 0xC2 && lead < 0xE0) {
    more = 1;
    c = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    more = 2;
    c = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    more = 3;
    c = lead & 0x07U;
  }
  bool good = more > 0 && at + static_cast<std::size_t>(more) < text.size();
  for (int i = 1; good && i <= more; ++i) {
    const unsigned char b = byte(at + static_cast<std::size_t>(i));
    good = (b & 0xC0U) == 0x80U;
    c = (c << 6U) | (b & 0x3FU);
  }
  // Overlong forms, surrogates and what lies beyond Unicode are as invalid as a stray byte.
  if (good &&
      ((more == 2 && c < 0x800) || (more == 3 && (c < 0x10000 || c > 0x10FFFF)) || (c >= 0xD800 && c <= 0xDFFF)))
    good = false;
  if (!good) {
    ++at;
    return 0xFFFD;
  }
  at += static_cast<std::size_t>(more) + 1;
  return c;
}

float text_width(std::string_view text, const Font& font) {
  const std::uint16_t* widths = widths_of(font);
  std::int64_t sum = 0;
  for (std::size_t at = 0; at < text.size();) sum += advance(next_char(text, at), widths);
  return static_cast<float>(static_cast<double>(sum) * font.size / 1000.0);
}

std::string elide(std::string_view text, const Font& font, float width) {
  if (text_width(text, font) <= width) return std::string(text);
  static constexpr std::string_view kDots = "…";
  const std::uint16_t* widths = widths_of(font);
  const double unit = font.size / 1000.0;
  std::vector<std::size_t> starts;
  std::vector<double> advances;
  for (std::size_t at = 0; at < text.size();) {
    starts.push_back(at);
    advances.push_back(advance(next_char(text, at), widths) * unit);
  }
  starts.push_back(text.size());
  const double room = width - text_width(kDots, font);
  const std::size_t n = advances.size();
  // The tail first: all behind the last '/', as far as it leaves a third of the room for the front; otherwise half.
  const std::size_t slash = text.rfind('/');
  double tail_share = 0.5;
  if (slash != std::string_view::npos && slash + 1 < text.size())
    tail_share = std::min(0.9, std::max(0.5, text_width(text.substr(slash), font) / std::max(room, 1.0)));
  double used = 0;
  std::size_t tail = n;
  while (tail > 0 && used + advances[tail - 1] <= room * tail_share + 0.01) used += advances[--tail];
  std::size_t front = 0;
  while (front < tail && used + advances[front] <= room) used += advances[front++];
  return std::string(text.substr(0, starts[front])) + std::string(kDots) + std::string(text.substr(starts[tail]));
}

}  // namespace isotherm::render
