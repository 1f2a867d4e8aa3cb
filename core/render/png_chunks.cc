#include "core/render/png_chunks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace isotherm::render {
namespace {

constexpr std::size_t kHeaderEnd = 8 + 12 + 13;  // signature, then IHDR

std::string big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24U), static_cast<char>(v >> 16U), static_cast<char>(v >> 8U), static_cast<char>(v)};
}

/// CRC-32 of ISO 3309, as PNG has it.
std::uint32_t crc(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      std::uint32_t c = n;
      for (int k = 0; k < 8; ++k) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
      table[n] = c;
    }
    return table;
  }();
  std::uint32_t c = 0xFFFFFFFFU;
  for (const char byte : bytes) c = kTable[(c ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (c >> 8U);
  return c ^ 0xFFFFFFFFU;
}

std::string chunk(std::string_view type, const std::string& data) {
  const std::string body = std::string(type) + data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc(body));
}

std::string text_chunk(std::string_view keyword, const std::string& text) {
  if (text.empty()) return {};
  const std::string key = std::string(keyword) + '\0';
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  // Of iTXt: not compressed, no language, no translated keyword.
  return ascii ? chunk("tEXt", key + text) : chunk("iTXt", key + std::string(4, '\0') + text);
}

}  // namespace

std::string with_png_chunks(std::string png, std::string_view title, const FileOptions& options) {
  if (png.size() < kHeaderEnd) return png;
  std::string chunks;
  if (options.width && options.width->millimetres) {
    const auto per_metre = static_cast<std::uint32_t>(std::lround(options.png_scale * 96 / 0.0254));
    chunks += chunk("pHYs", big_endian(per_metre) + big_endian(per_metre) + '\1');
  }
  chunks += text_chunk("Title", clean_text(title)) + text_chunk("Software", "Isotherm") +
            text_chunk("Description", clean_text(options.about)) +
            text_chunk("Creation Time", clean_text(options.date));
  return png.insert(kHeaderEnd, chunks);
}

}  // namespace isotherm::render
