// A picture drawn once per zoom, in tiles, so that moving it costs what comes into view and no more.
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QPainter>

#include <cstdint>
#include <unordered_map>

#include "ui/painter.h"

namespace isotherm::ui {

/// Where a widget looks at a picture: its top left in the picture's coordinates, and its pixels per picture pixel.
struct Viewport {
  QPointF origin;
  qreal zoom = 1;
  QSize size;  ///< of the widget
  [[nodiscard]] QRectF visible() const { return {origin, QSizeF(size) / zoom}; }
};

class TileCache {
 public:
  /// How the picture is drawn; other values make what is kept void.
  struct Look {
    const PaintedList* list = nullptr;
    Detail detail = Detail::all;
    bool titles = true;
    QColor canvas;
    qreal pixel_ratio = 1;
    bool operator==(const Look&) const = default;
  };

  static constexpr int kTile = 256;  ///< widget pixels
  static constexpr double kNoLimit = 1e9;

  /// Draws the picture. Tiles that are missing are drawn for at most `budget` milliseconds (one at least; none with a
  /// budget below 0), and what is still missing then shows what was there before, stretched. Returns whether nothing is missing.
  bool paint(QPainter& painter, const Look& look, const Viewport& view, double budget);
  /// Draws one tile beside those in view, to have it when the picture is moved; false: there is none to draw.
  bool prepare_one(const Viewport& view);

  /// What is on the screen now becomes what shows through until new tiles are there, and what fade() fades out. It moves
  /// by `shift` (picture coordinates) where the next picture has its things elsewhere.
  void keep_backdrop(const Viewport& view, QPointF shift = {});
  void move_backdrop(QPointF shift) { backdrop_view_.origin += shift; }
  void drop_backdrop() { backdrop_ = QImage(); }
  /// The old picture over the new one, `opacity` 0 to 1.
  void fade(QPainter& painter, const Viewport& view, qreal opacity) const;
  void clear();

 private:
  [[nodiscard]] static std::int64_t key(int column, int row) { return (static_cast<std::int64_t>(row) << 32) | static_cast<std::uint32_t>(column); }
  [[nodiscard]] const QImage* find(int column, int row) const;
  void draw(int column, int row);
  void draw_backdrop(QPainter& painter, const Viewport& view, const QRectF& target) const;
  void trim(const QRect& wanted);

  Look look_;
  qreal zoom_ = 0;
  std::unordered_map<std::int64_t, QImage> tiles_;
  QImage backdrop_;
  Viewport backdrop_view_;
};

}  // namespace isotherm::ui
