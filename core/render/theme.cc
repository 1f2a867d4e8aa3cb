#include "core/render/theme.h"

#include <algorithm>
#include <cmath>

namespace isotherm::render {
namespace {

struct ThemeTable {
  std::uint32_t colors[33];
  std::uint32_t op_class[11][2];
  std::uint32_t engines[10][3];
  std::uint32_t precision[3][3];
  std::uint32_t heat[256];
  float segment_fill;
  std::uint32_t not_measured, not_measured_hatch;
};

#include "core/render/tables/theme_table.inc"

Palette make(const ThemeTable& t) {
  Palette p;
  Color* const fields[] = {&p.window,         &p.panel,        &p.canvas,       &p.raised,      &p.hover,
                           &p.border,         &p.control,      &p.grid,         &p.text,        &p.muted,
                           &p.faint,          &p.accent,       &p.on_accent,    &p.accent_tint, &p.selection,
                           &p.selection_tint, &p.edge,         &p.edge_control, &p.node_border, &p.cluster_frame,
                           &p.cluster_fill,   &p.cluster_text, &p.native,       &p.native_tint, &p.warning,
                           &p.warning_tint,   &p.error,        &p.error_tint,   &p.ok,          &p.ok_tint,
                           &p.test_edge,      &p.accepted,     &p.refused};
  for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = rgb(t.colors[i]);
  for (std::size_t i = 0; i < p.op_class.size(); ++i) p.op_class[i] = {rgb(t.op_class[i][0]), rgb(t.op_class[i][1])};
  for (std::size_t i = 0; i < p.engines.size(); ++i)
    p.engines[i] = {rgb(t.engines[i][0]), rgb(t.engines[i][1]), rgb(t.engines[i][2]), false};
  for (std::size_t i = 0; i < p.precision.size(); ++i)
    p.precision[i] = {rgb(t.precision[i][0]), rgb(t.precision[i][1]), rgb(t.precision[i][2])};
  for (std::size_t i = 0; i < p.heat.size(); ++i) p.heat[i] = rgb(t.heat[i]);
  p.segment_fill = t.segment_fill;
  p.not_measured = rgb(t.not_measured);
  p.not_measured_hatch = rgb(t.not_measured_hatch);
  return p;
}

double luminance(Color c) {
  const auto linear = [](std::uint8_t v) {
    const double s = v / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

}  // namespace

EngineColors Palette::engine(int index) const {
  EngineColors colors = engines[static_cast<std::size_t>(std::max(index, 0) % 10)];
  colors.broken = std::max(index, 0) % 20 >= 10;
  return colors;
}

Color Palette::heat_at(double t) const {
  if (!(t >= 0)) t = 0;
  return heat[static_cast<std::size_t>(std::min(255.0, t * 255 + 0.5))];
}

namespace {

/// A class colour as others chose it: the bar reaches a contrast of 3 on the canvas, the body shows the hue itself.
ClassColors class_colors(std::uint32_t hue, const Palette& p) {
  const Color color = rgb(hue), towards = p.dark ? rgb(0xFFFFFF) : rgb(0x000000);
  Color bar = color;
  for (double share = 0; contrast(bar, p.canvas) < 3 && share < 1; share += 0.05)
    bar = blend(towards.with_alpha(share), color);
  return {bar, blend(color.with_alpha(p.dark ? 0.30 : 0.28), p.raised)};
}

/// Hues by OpClass: conv, matmul, norm, activation, pool, elementwise, array, control, constant, io, unknown.
using Hues = std::array<std::uint32_t, 11>;

// Layer types of TREx: Convolution, MatrixMultiply, Scale, SoftMax, Pooling, PointWise, Shuffle, Myelin, PluginV2.
constexpr Hues kTrex = {0x4682B4, 0x1E90FF, 0x8FBC8B, 0xDA70D6, 0x3CB371, 0x9ACD32,
                        0xBC8F8F, 0xB39C4D, 0x808080, 0x808080, 0xC71585};
// TensorBoard's standard palette.
constexpr Hues kTensorboard = {0x4285F4, 0x5C6BC0, 0x00ACC1, 0xFF7043, 0x0F9D58, 0xF4B400,
                               0xAB47BC, 0xDB4437, 0x9E9E9E, 0x607D8B, 0x795548};

Palette with_hues(Palette p, const Hues& hues, bool trex) {
  for (std::size_t i = 0; i < hues.size(); ++i) p.op_class[i] = class_colors(hues[i], p);
  if (trex) {
    // FP32 red, FP16 orange, INT8 NVIDIA's green.
    constexpr std::array<std::uint32_t, 3> kPrecision = {0xFF0000, 0xFFA500, 0x76B900};
    for (std::size_t i = 0; i < kPrecision.size(); ++i)
      p.precision[i] = {rgb(kPrecision[i]), rgb(kPrecision[i]), text_on(rgb(kPrecision[i]))};
  }
  return p;
}

}  // namespace

const Palette& palette(Theme theme, PaletteChoice choice) {
  static const Palette kLightPalette = make(kLight);
  static const Palette kDarkPalette = [] {
    Palette p = make(kDark);
    p.dark = true;
    return p;
  }();
  static const Palette kPrintPalette = [] {
    Palette p = make(kPrint);
    p.print = true;
    return p;
  }();
  static const std::array<Palette, 2> kTrexPalettes = {with_hues(kLightPalette, kTrex, true),
                                                       with_hues(kDarkPalette, kTrex, true)};
  static const std::array<Palette, 2> kTensorboardPalettes = {with_hues(kLightPalette, kTensorboard, false),
                                                              with_hues(kDarkPalette, kTensorboard, false)};
  if (theme == Theme::print) return kPrintPalette;
  const bool dark = theme == Theme::dark;
  if (choice == PaletteChoice::trex) return kTrexPalettes[dark ? 1 : 0];
  if (choice == PaletteChoice::tensorboard) return kTensorboardPalettes[dark ? 1 : 0];
  return dark ? kDarkPalette : kLightPalette;
}

double contrast(Color a, Color b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

Color text_on(Color background) {
  const Color white = rgb(0xFFFFFF);
  return contrast(white, background) >= 4.5 ? white : rgb(0x000000);
}

Color blend(Color over, Color under) {
  const auto mix = [&](std::uint8_t o, std::uint8_t u) {
    return static_cast<std::uint8_t>((o * over.a + u * (255 - over.a) + 127) / 255);
  };
  return {mix(over.r, under.r), mix(over.g, under.g), mix(over.b, under.b), 255};
}

}  // namespace isotherm::render
