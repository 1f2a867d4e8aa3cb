#include "core/render/glyphs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace isotherm::render {
namespace {

/// Outlines on a 12 px grid, drawn with a 1.25 px line.
constexpr std::array<std::string_view, 11> kOutlines = {
    "M2 1H10C10.55 1 11 1.45 11 2V10C11 10.55 10.55 11 10 11H2C1.45 11 1 10.55 1 10V2C1 1.45 1.45 1 2 1Z"
    "M4.33 1V11M7.67 1V11M1 4.33H11M1 7.67H11",                         // conv
    "M3.2 1H1V11H3.2M8.8 1H11V11H8.8M4.2 4.2L7.8 7.8M7.8 4.2L4.2 7.8",  // matmul
    "M0.8 10.2C4 10.2 4.2 2 6 2C7.8 2 8 10.2 11.2 10.2",                // norm
    "M1 9.5H5.8L11 2.2",                                                // activation
    "M1 2H11L7.4 6.4V10.6L4.6 9V6.4Z",                                  // pool
    "M11 6C11 8.76 8.76 11 6 11C3.24 11 1 8.76 1 6C1 3.24 3.24 1 6 1C8.76 1 11 3.24 11 6Z"
    "M6 3.4V8.6M3.4 6H8.6",                      // elementwise
    "M1 3.2H8.6M1 6H8.6M1 8.8H8.6M11 1.4V10.6",  // array
    "M6 0.9L11.1 6L6 11.1L0.9 6Z",               // control
    "",                                          // constant: a disc
    "M0.8 6H7.8M5 3L8 6L5 9M11 1.4V10.6",        // io
    "M3.6 3.9C3.6 2.57 4.67 1.5 6 1.5C7.33 1.5 8.4 2.57 8.4 3.9C8.4 4.76 7.95 5.57 7.2 6C6.4 6.5 6 6.9 6 7.8"
    "M6 10V10.5",  // unknown
};

constexpr std::string_view kDisc =
    "M8.6 6C8.6 7.44 7.44 8.6 6 8.6C4.56 8.6 3.4 7.44 3.4 6C3.4 4.56 4.56 3.4 6 3.4C7.44 3.4 8.6 4.56 8.6 6Z";
constexpr std::string_view kKernel = "M4.33 4.33H7.67V7.67H4.33Z";

/// Pieces of a line between two points clipped to a rectangle (Liang and Barsky).
void clipped(DisplayList& list, float x0, float y0, float x1, float y1, float left, float top, float right,
             float bottom) {
  float from = 0, to = 1;
  const float dx = x1 - x0, dy = y1 - y0;
  const auto cut = [&](float p, float q) {
    if (p == 0) return q >= 0;
    const float r = q / p;
    if (p < 0)
      from = std::max(from, r);
    else
      to = std::min(to, r);
    return from <= to;
  };
  if (!cut(-dx, x0 - left) || !cut(dx, right - x0) || !cut(-dy, y0 - top) || !cut(dy, bottom - y0)) return;
  list.move(x0 + from * dx, y0 + from * dy);
  list.line(x0 + to * dx, y0 + to * dy);
}

void print_bar(DisplayList& list, OpClass op_class, Color ink, float x, float y, float w, float h) {
  const Stroke outline{ink, 0.6F, 0, 0, false};
  const Stroke thin{ink, 0.7F, 0, 0, false};
  const Color white = rgb(0xFFFFFF);
  if (op_class == OpClass::conv) {
    list.rect(x, y, w, h, 0, ink);
    return;
  }
  Stroke border = outline;
  if (op_class == OpClass::unknown) border.dash = 2, border.gap = 1.5F;
  list.rect(x, y, w, h, 0, white, border);
  list.begin_path();
  const auto horizontal = [&](float step, float offset) {
    for (float at = offset; at < h; at += step) list.move(x, y + at), list.line(x + w, y + at);
  };
  switch (op_class) {
    case OpClass::matmul:
      for (float at = -h; at < w; at += 3) clipped(list, x + at, y + h, x + at + h, y, x, y, x + w, y + h);
      break;
    case OpClass::norm:
      for (float column = 0; column * 2 < w - 1; ++column)
        for (float at = 1.5F + std::fmod(column, 2.0F) * 1.25F; at < h - 0.5F; at += 2.5F)
          list.move(x + column * 2 + 0.8F, y + at), list.line(x + column * 2 + 1.8F, y + at);
      break;
    case OpClass::activation:
      for (float at = w < 6 ? w / 2 : 1.5F; at < w; at += 2) list.move(x + at, y), list.line(x + at, y + h);
      break;
    case OpClass::pool:
      horizontal(2.5F, 1.5F);
      for (float at = w < 6 ? w / 2 : 1.5F; at < w; at += 2.5F) list.move(x + at, y), list.line(x + at, y + h);
      break;
    case OpClass::elementwise:
      horizontal(2, 1.5F);
      break;
    case OpClass::array: {
      const float step = w < 6 ? w : 4;
      for (float column = 0; column < w - 1; column += step) {
        const float half = std::min(step, w - column) / 2;
        for (float at = 2.5F; at < h; at += 3)
          list.move(x + column, y + at), list.line(x + column + half, y + at - 1.6F),
              list.line(x + column + 2 * half, y + at);
      }
      break;
    }
    case OpClass::control:
      for (float at = -h; at < w; at += 4) {
        clipped(list, x + at, y + h, x + at + h, y, x, y, x + w, y + h);
        clipped(list, x + at, y, x + at + h, y + h, x, y, x + w, y + h);
      }
      break;
    case OpClass::io:
      list.move(x + w * 0.35F, y), list.line(x + w * 0.35F, y + h), list.move(x + w * 0.7F, y),
          list.line(x + w * 0.7F, y + h);
      break;
    case OpClass::conv:
    case OpClass::constant:
    case OpClass::unknown:
      break;
  }
  list.end_path({}, thin);
}

}  // namespace

void paint_glyph(DisplayList& list, OpClass op_class, float x, float y, float size, Color color) {
  const float scale = size / 12;
  const Stroke stroke{color, 1.25F, 0, 0, true};
  if (op_class == OpClass::constant) {
    list.path_data(kDisc, x, y, scale, color, {});
    return;
  }
  list.path_data(kOutlines[static_cast<std::size_t>(op_class)], x, y, scale, {}, stroke);
  if (op_class == OpClass::conv) list.path_data(kKernel, x, y, scale, color, {});
}

void paint_class_bar(DisplayList& list, const Palette& colors, OpClass op_class, float x, float y, float width,
                     float height) {
  if (colors.print)
    print_bar(list, op_class, colors.of(op_class).bar, x, y, width + 0.5F, height);
  else
    list.rect(x, y, width, height, width / 2, colors.of(op_class).bar);
}

void paint_hatch(DisplayList& list, float x, float y, float w, float h, float spacing, const Stroke& stroke) {
  list.begin_path();
  for (float at = -h; at < w; at += spacing) clipped(list, x + at, y + h, x + at + h, y, x, y, x + w, y + h);
  list.end_path({}, stroke);
}

}  // namespace isotherm::render
