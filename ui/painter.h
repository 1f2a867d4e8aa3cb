// Plays a display list on a QPainter: the window draws exactly what the files hold.
#pragma once

#include <QPainter>
#include <QPainterPath>
#include <QRectF>

#include <vector>

#include "core/render/display_list.h"

namespace isotherm::ui {

/// A display list with what drawing it often needs: paths built once, and the bounds of each command.
class PaintedList {
 public:
  PaintedList() = default;
  explicit PaintedList(render::DisplayList list);

  [[nodiscard]] bool empty() const { return list_.commands.empty(); }
  [[nodiscard]] QSizeF size() const { return {list_.width, list_.height}; }
  [[nodiscard]] const render::DisplayList& list() const { return list_; }

  /// Draws what lies in `visible` (picture coordinates). `scale` is the zoom: text that would be smaller than a few
  /// pixels on the screen is left out.
  void paint(QPainter& painter, const QRectF& visible, qreal scale) const;

 private:
  void paint_command(QPainter& painter, const render::Command& command, std::size_t index, qreal scale) const;

  render::DisplayList list_;
  std::vector<QRectF> bounds_;
  std::vector<QPainterPath> paths_;  ///< by command; empty for other kinds
};

}  // namespace isotherm::ui
