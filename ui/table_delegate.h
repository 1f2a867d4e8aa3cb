// Draws the tables' cells: engine badges, heat bars, mono numbers.
#pragma once

#include <QStyledItemDelegate>

#include "core/render/theme.h"

namespace isotherm::ui {

class TableDelegate final : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void set_theme(render::Theme theme) { theme_ = theme; }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  void paint_engine(QPainter& painter, const QRect& cell, int engine) const;
  void paint_share(QPainter& painter, const QRect& cell, double share, double heat, const QString& text) const;

  render::Theme theme_ = render::Theme::light;
};

/// The same for the steps of a segmentation: the verdict with its sign, node names mono.
class StepsDelegate final : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void set_theme(render::Theme theme) { theme_ = theme; }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  render::Theme theme_ = render::Theme::light;
};

}  // namespace isotherm::ui
