#include "ui/legend_strip.h"

#include <QPainter>
#include <QResizeEvent>

#include "core/render/paint.h"

namespace isotherm::ui {
namespace {
constexpr int kMargin = 14;
}

void LegendStrip::set_picture(std::shared_ptr<const ScenePicture> picture, QColor background) {
  picture_ = std::move(picture);
  background_ = background;
  rebuild();
}

void LegendStrip::rebuild() {
  list_ = PaintedList();
  if (picture_ && width() > 4 * kMargin) {
    const auto room = static_cast<float>(width() - 2 * kMargin);
    list_ = PaintedList(picture_->step ? render::paint_step_legend(*picture_->step, room) : render::paint_legend(picture_->scene, room));
  }
  setFixedHeight(list_.empty() ? 0 : qRound(list_.size().height()) + kMargin);
  update();
}

void LegendStrip::resizeEvent(QResizeEvent* event) {
  if (event->oldSize().width() != event->size().width()) rebuild();
}

void LegendStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), background_);
  painter.translate(kMargin, kMargin / 2.0);
  list_.paint(painter, QRectF(-kMargin, -kMargin, width(), height() + kMargin), 1);
}

}  // namespace isotherm::ui
