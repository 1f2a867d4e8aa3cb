// Whether a picture reads on paper, and scenes that do.
#pragma once

#include <string>

#include "core/render/render_file.h"

namespace isotherm::render {

/// The least size of words on paper, points.
inline constexpr double kLeastPoints = 6.4;
/// The width of text on an A4 page, and the most that a picture of that width may be high, mm.
inline constexpr double kPageWidth = 178, kPageHeight = 290;

struct PageFit {
  double width = 0, height = 0;  ///< mm
  double points = 0;             ///< of the smallest words; badges of up to three letters do not count
  [[nodiscard]] bool reads() const { return points >= kLeastPoints - 0.05; }
  [[nodiscard]] bool fits() const { return reads() && height <= kPageHeight; }
  /// "178 × 287 mm, smallest words 6.4 pt"
  [[nodiscard]] std::string words() const;
};

/// How a picture stands on paper when it is `millimetres` wide.
PageFit page_fit(const DisplayList& picture, double millimetres);

struct PageScene {
  Scene scene;
  PageFit fit;
  bool closed = false;  ///< scopes were closed so that it fits: scene.options.max_nodes is less than was asked for
};

/// As build_scene(), with the greatest budget of boxes up to the one asked for whose picture fits a page at this width.
/// Where none does, the one nearest to it; the picture as it was asked for of a graph with more than
/// kMostPageNodes nodes.
Result<PageScene> build_page_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options,
                                   double millimetres);
/// Each try is a layout.
inline constexpr int kMostPageNodes = 5000;

}  // namespace isotherm::render
