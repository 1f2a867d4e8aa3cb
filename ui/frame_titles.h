// Titles of frames and segments where the picture is so small that its own could not be read.
#pragma once

#include <QPainter>

#include "core/render/scene.h"
#include "ui/tile_cache.h"

namespace isotherm::ui {

/// One title as it is on the screen.
struct FrameTitle {
  std::int32_t frame = -1;
  QRectF place;  ///< widget pixels
  QString text;  ///< elided
};

/// Which titles have room, widget pixels: kLeastTitle px high, outer frames first; none covers another.
std::vector<FrameTitle> frame_titles(const render::Scene& scene, const Viewport& view);

void paint_frame_titles(QPainter& painter, const render::Scene& scene, const std::vector<FrameTitle>& titles);

}  // namespace isotherm::ui
