#include "ui/tile_cache.h"

#include <algorithm>
#include <cmath>

namespace isotherm::ui {
namespace {

/// Tiles are on whole pixels; so is what is drawn with them.
QPoint pixel_origin(const Viewport& view) { return {static_cast<int>(std::lround(view.origin.x() * view.zoom)), static_cast<int>(std::lround(view.origin.y() * view.zoom))}; }

int tile_at(int pixel) { return pixel >= 0 ? pixel / TileCache::kTile : -((-pixel + TileCache::kTile - 1) / TileCache::kTile); }

/// Columns and rows of the tiles in view.
QRect tiles_in(const Viewport& view) {
  const QPoint at = pixel_origin(view);
  const QPoint first(tile_at(at.x()), tile_at(at.y()));
  const QPoint last(tile_at(at.x() + view.size.width() - 1), tile_at(at.y() + view.size.height() - 1));
  return {first, last};
}

constexpr std::size_t kMostTiles = 256;  // 64 MiB at 1x

}  // namespace

const QImage* TileCache::find(int column, int row) const {
  const auto found = tiles_.find(key(column, row));
  return found == tiles_.end() ? nullptr : &found->second;
}

void TileCache::draw(int column, int row) {
  const int side = static_cast<int>(std::ceil(kTile * look_.pixel_ratio));
  QImage image(side, side, QImage::Format_RGB32);
  image.setDevicePixelRatio(look_.pixel_ratio);
  image.fill(look_.canvas);
  const QPointF origin(static_cast<qreal>(column) * kTile / zoom_, static_cast<qreal>(row) * kTile / zoom_);
  const QRectF part(origin, QSizeF(kTile, kTile) / zoom_);
  if (part.intersects(QRectF(QPointF(-8, -24), look_.list->size() + QSizeF(16, 48)))) {
    QPainter painter(&image);
    painter.scale(zoom_, zoom_);
    painter.translate(-origin);
    look_.list->paint(painter, part, zoom_, look_.detail, look_.titles);
  }
  tiles_.emplace(key(column, row), std::move(image));
}

void TileCache::draw_backdrop(QPainter& painter, const Viewport& view, const QRectF& target) const {
  if (backdrop_.isNull()) return;
  const qreal ratio = view.zoom / backdrop_view_.zoom;
  const QPointF at = (backdrop_view_.origin - view.origin) * view.zoom;
  painter.save();
  painter.setClipRect(target);
  painter.translate(at);
  painter.scale(ratio, ratio);
  painter.drawImage(QPointF(0, 0), backdrop_);
  painter.restore();
}

void TileCache::fade(QPainter& painter, const Viewport& view, qreal opacity) const {
  painter.setOpacity(opacity);
  draw_backdrop(painter, view, QRectF(QPointF(0, 0), view.size));
  painter.setOpacity(1);
}

bool TileCache::paint(QPainter& painter, const Look& look, const Viewport& view, double budget) {
  if (!(look == look_) || view.zoom != zoom_) {
    tiles_.clear();
    look_ = look;
    zoom_ = view.zoom;
  }
  const QRect wanted = tiles_in(view);
  trim(wanted);
  const QPoint at = pixel_origin(view);
  QElapsedTimer clock;
  clock.start();
  bool complete = true, drawn = false;
  for (int row = wanted.top(); row <= wanted.bottom(); ++row)
    for (int column = wanted.left(); column <= wanted.right(); ++column) {
      const QPoint place = QPoint(column, row) * kTile - at;
      const QImage* tile = find(column, row);
      if (!tile && ((!drawn && budget >= 0) || static_cast<double>(clock.nsecsElapsed()) / 1e6 < budget)) {
        draw(column, row);
        drawn = true;
        tile = find(column, row);
      }
      if (tile) {
        painter.drawImage(place, *tile);
        continue;
      }
      complete = false;
      draw_backdrop(painter, view, QRectF(place, QSizeF(kTile, kTile)));
    }
  return complete;
}

bool TileCache::prepare_one(const Viewport& view) {
  if (!look_.list || view.zoom != zoom_) return false;
  const QRect inside = tiles_in(view), wide = inside.adjusted(-1, -1, 1, 1);
  for (int row = wide.top(); row <= wide.bottom(); ++row)
    for (int column = wide.left(); column <= wide.right(); ++column)
      if (!find(column, row)) {
        draw(column, row);
        return true;
      }
  return false;
}

void TileCache::trim(const QRect& wanted) {
  if (tiles_.size() <= kMostTiles) return;
  const QRect near = wanted.adjusted(-1, -1, 1, 1);
  std::erase_if(tiles_, [&](const auto& tile) {
    const QPoint place(static_cast<int>(static_cast<std::uint32_t>(tile.first & 0xffffffff)), static_cast<int>(tile.first >> 32));
    return !near.contains(place);
  });
}

void TileCache::keep_backdrop(const Viewport& view, QPointF shift) {
  if (tiles_.empty() || view.size.isEmpty()) return;
  const qreal ratio = look_.pixel_ratio;
  QImage image(view.size * ratio, QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  image.fill(look_.canvas);
  {
    QPainter painter(&image);
    const Viewport shown{view.origin, zoom_, view.size};
    const QPoint at = pixel_origin(shown);
    const QRect wanted = tiles_in(shown);
    for (int row = wanted.top(); row <= wanted.bottom(); ++row)
      for (int column = wanted.left(); column <= wanted.right(); ++column) {
        const QPoint place = QPoint(column, row) * kTile - at;
        if (const QImage* tile = find(column, row)) painter.drawImage(place, *tile);
        else draw_backdrop(painter, shown, QRectF(place, QSizeF(kTile, kTile)));
      }
  }
  backdrop_ = std::move(image);
  backdrop_view_ = {view.origin + shift, zoom_, view.size};
}

void TileCache::clear() {
  tiles_.clear();
  look_ = Look();
  zoom_ = 0;
}

}  // namespace isotherm::ui
