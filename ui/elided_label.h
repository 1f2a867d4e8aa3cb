// A label of one line that cuts what does not fit and shows the whole text in its tool tip.
#pragma once

#include <QLabel>
#include <QPainter>

namespace isotherm::ui {

class ElidedLabel final : public QLabel {
  Q_OBJECT

 public:
  explicit ElidedLabel(Qt::TextElideMode mode = Qt::ElideRight, QWidget* parent = nullptr)
      : QLabel(parent), mode_(mode) {
    setMinimumWidth(10);
  }

  [[nodiscard]] QSize minimumSizeHint() const override { return {10, QLabel::minimumSizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const QRect inside = contentsRect();
    const QString shown = fontMetrics().elidedText(text(), mode_, inside.width());
    if (own_tool_tip_.isNull() || toolTip() == own_tool_tip_ || toolTip().isEmpty()) {
      own_tool_tip_ = shown == text() ? QStringLiteral("") : text();
      if (toolTip() != own_tool_tip_) setToolTip(own_tool_tip_);
    }
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft, shown);
  }

 private:
  Qt::TextElideMode mode_;
  QString own_tool_tip_;  ///< set here; a tool tip of another's stays
};

}  // namespace isotherm::ui
