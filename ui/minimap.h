// The whole picture in a corner of a view, and the part that is seen.
#pragma once

#include <QImage>
#include <QWidget>

#include <memory>

#include "ui/tile_cache.h"

namespace isotherm::ui {

struct ScenePicture;

/// Where boxes, frames and lines of a picture of one graph lie: without its head, whose words may be wider.
QRectF drawing_of(const ScenePicture& picture);

class Minimap final : public QWidget {
  Q_OBJECT

 public:
  explicit Minimap(QWidget* parent);

  void set_picture(std::shared_ptr<const ScenePicture> picture);
  /// Shows where the view looks; hides where all of the picture is seen.
  void set_view(const Viewport& view);
  /// Goes to the corner of its parent with the fewest nodes behind it. A corner that is only a little emptier than the
  /// present one is not worth a jump.
  void choose_corner(const Viewport& view);

  static constexpr int kShort = 32, kLong = 94, kMargin = 12;

 signals:
  /// This point of the picture is to be in the middle of the view.
  void center_requested(QPointF point);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;

 private:
  [[nodiscard]] QRectF inner() const;
  [[nodiscard]] QPointF to_picture(QPointF position) const;
  [[nodiscard]] QRectF part_seen() const;
  void draw_image();
  void ask(QPointF position);

  std::shared_ptr<const ScenePicture> picture_;
  QImage image_;
  QRectF drawing_;
  Viewport view_;
  Qt::Corner corner_ = Qt::BottomLeftCorner;
  bool placed_ = false;
  QPointF grip_;  ///< from the press to the middle of the part seen, so that it does not jump
};

}  // namespace isotherm::ui
