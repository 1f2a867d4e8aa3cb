#include "core/render/page.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/render/paint.h"

namespace isotherm::render {
namespace {

constexpr double kPxPerInch = 96, kPointsPerInch = 72, kMillimetresPerInch = 25.4;
constexpr std::size_t kBadgeLetters = 3;
constexpr int kLeastBudget = 14;

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string PageFit::words() const {
  const auto whole = [](double v) { return std::to_string(std::lround(v)); };
  const long tenths = std::lround(points * 10);
  return whole(width) + " × " + whole(height) + " mm, smallest words " + std::to_string(tenths / 10) + "." +
         std::to_string(tenths % 10) + " pt";
}

PageFit page_fit(const DisplayList& picture, double millimetres) {
  PageFit fit;
  if (!(picture.width > 0)) return fit;
  fit.width = millimetres;
  fit.height = millimetres * static_cast<double>(picture.height) / static_cast<double>(picture.width);
  float least = 0;
  for (const Command& c : picture.commands)
    if (c.kind == Command::Kind::text && letters(picture.strings[static_cast<std::size_t>(c.text)]) > kBadgeLetters)
      least = least == 0 ? c.font.size : std::min(least, c.font.size);
  const double scale = millimetres / kMillimetresPerInch * kPxPerInch / static_cast<double>(picture.width);
  fit.points = least == 0 ? 1000 : static_cast<double>(least) * scale * kPointsPerInch / kPxPerInch;
  return fit;
}

Result<PageScene> build_page_scene(std::shared_ptr<const Conversion> conversion, Overlay overlay, SceneOptions options,
                                   double millimetres) {
  std::optional<PageScene> best;
  double best_near = 0, enough = 0;
  for (const int budget : {options.max_nodes, 80, 56, 40, 28, 20, kLeastBudget}) {
    if (best && (budget >= options.max_nodes || (budget > enough && budget > kLeastBudget))) continue;
    SceneOptions tried = options;
    tried.max_nodes = budget;
    ISO_ASSIGN(Scene scene, build_scene(conversion, overlay, std::move(tried)));
    const PageFit fit = page_fit(paint_picture(scene), millimetres);
    PageScene page{std::move(scene), fit, best.has_value()};
    if (fit.fits()) return page;
    const double near = std::min(fit.points / kLeastPoints, kPageHeight / std::max(fit.height, 1.0));
    // Each try is a layout: what is far too much is not tried.
    enough = 1.3 * budget * near;
    // A little nearer is not worth what closing hides.
    if (!best || near > 1.1 * best_near) best = std::move(page), best_near = near;
    if (conversion->before->size() > kMostPageNodes) break;
  }
  return std::move(*best);
}

}  // namespace isotherm::render
