// The look's colours: three themes, made from resources/themes/tokens.json. The window takes its palette here too.
#pragma once

#include <array>
#include <cstdint>

#include "core/ops/op_def.h"
#include "core/render/scene.h"

namespace isotherm::render {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0, a = 0;
  [[nodiscard]] Color with_alpha(double alpha) const { return {r, g, b, static_cast<std::uint8_t>(alpha * 255 + 0.5)}; }
  friend bool operator==(const Color&, const Color&) = default;
};
/// 0xRRGGBB, opaque.
constexpr Color rgb(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value), 255};
}

struct ClassColors {
  Color bar, fill;
};
struct EngineColors {
  Color line, tint, on;  ///< outline, body, text on the outline's colour
  bool broken = false;   ///< engines 10 to 19 of each twenty: outline 7 3
};
struct PrecisionColors {
  Color line, fill, on;
};

/// One theme. Names are the tokens'.
struct Palette {
  Color window, panel, canvas, raised, hover, border, control, grid, text, muted, faint, accent, on_accent, accent_tint,
      selection, selection_tint, edge, edge_control, node_border, cluster_frame, cluster_fill, cluster_text, native,
      native_tint, warning, warning_tint, error, error_tint, ok, ok_tint, test_edge, accepted, refused;
  std::array<ClassColors, 11> op_class;
  std::array<EngineColors, 10> engines;
  std::array<PrecisionColors, 3> precision;  ///< FP32, FP16, INT8
  std::array<Color, 256> heat;
  double segment_fill = 0.55;  ///< alpha of a segment's tint
  Color not_measured, not_measured_hatch;
  bool dark = false, print = false;

  [[nodiscard]] const ClassColors& of(OpClass c) const { return op_class[static_cast<std::size_t>(c)]; }
  [[nodiscard]] EngineColors engine(int index) const;
  /// t in 0..1.
  [[nodiscard]] Color heat_at(double t) const;
};

/// Made once per theme; lives as long as the program.
const Palette& palette(Theme theme, PaletteChoice choice = PaletteChoice::standard);

/// WCAG 2 contrast of two opaque colours, 1 to 21.
double contrast(Color a, Color b);
/// White where it reaches 4.5 on `background`, else black.
Color text_on(Color background);
/// `over` with its alpha laid on the opaque `under`.
Color blend(Color over, Color under);

/// Sizes of the look, px.
namespace look {
inline constexpr float kNodeHeight = 30, kNodeHeightTwoLine = 40, kPadding = 12, kRankGap = 18, kNodeGap = 16;
inline constexpr float kClusterPad = 14, kClusterTitle = 20;
inline constexpr float kNodeRadius = 6, kEngineRadius = 8, kClusterRadius = 8, kSegmentRadius = 10, kBadgeRadius = 3.5F;
inline constexpr float kNodeLine = 1, kNativeLine = 1.5F, kEngineLine = 2.25F, kSegmentLine = 2, kEdgeLine = 1.4F;
inline constexpr float kControlLine = 1.2F, kClusterLine = 1, kCornerRadius = 8;
inline constexpr float kNativeDash = 4, kNativeGap = 2.5F, kControlDash = 4, kControlGap = 3;
inline constexpr float kLeaderDash = 2, kLeaderGap = 3;
inline constexpr float kEngineDash = 7, kEngineDashGap = 3, kUnknownDash = 3, kUnknownGap = 2;
inline constexpr float kHeadLength = 7, kHeadWidth = 6;
inline constexpr float kGutter = 34;      ///< bar and glyph, left of a node's text
inline constexpr float kSheet = 3;        ///< offset of a collapsed scope's sheets
inline constexpr float kNoteHeight = 16;  ///< room under a box for its note
}  // namespace look

}  // namespace isotherm::render
