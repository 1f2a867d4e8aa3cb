#include "ui/step_strip.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "ui/theme.h"

namespace isotherm::ui {
namespace {
constexpr int kTop = 2, kSide = 2;
}

StepStrip::StepStrip(QWidget* parent) : QAbstractSlider(parent) {
  setOrientation(Qt::Horizontal);
  setFocusPolicy(Qt::StrongFocus);
  setFixedHeight(28);
  setPageStep(10);
  setRange(0, 0);
  setAccessibleName(tr("Step of the segmentation"));
}

void StepStrip::set_replay(std::shared_ptr<const render::Replay> replay) {
  replay_ = std::move(replay);
  setRange(0, replay_ ? replay_->size() - 1 : 0);
  rebuild();
}

void StepStrip::set_theme(render::Theme theme) {
  theme_ = theme;
  rebuild();
}

void StepStrip::rebuild() {
  list_ = PaintedList();
  const int room = width() - 2 * kSide;
  if (replay_ && room > 20)
    list_ = PaintedList(render::paint_step_strip(*replay_, value(), value(), theme_, static_cast<float>(room)));
  update();
}

void StepStrip::sliderChange(SliderChange change) {
  if (change == SliderValueChange) rebuild();
  QAbstractSlider::sliderChange(change);
}

void StepStrip::resizeEvent(QResizeEvent* event) {
  if (event->oldSize().width() != event->size().width()) rebuild();
}

void StepStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.translate(kSide, kTop);
  list_.paint(painter, QRectF(-kSide, -kTop, width(), height()), 1);
  if (!hasFocus()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  QColor ring = to_qcolor(render::palette(theme_).accent);
  ring.setAlphaF(0.55);
  painter.setPen(QPen(ring, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect()).translated(-kSide, -kTop).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
}

int StepStrip::step_at(int x) const {
  return replay_ ? render::strip_step_at(replay_->size(), static_cast<float>(width() - 2 * kSide),
                                         static_cast<float>(x - kSide))
                 : 0;
}

void StepStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !replay_) return event->ignore();
  setSliderDown(true);
  setValue(step_at(event->pos().x()));
}

void StepStrip::mouseMoveEvent(QMouseEvent* event) {
  if (isSliderDown()) setValue(step_at(event->pos().x()));
}

void StepStrip::mouseReleaseEvent(QMouseEvent*) { setSliderDown(false); }

bool StepStrip::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !replay_) return QAbstractSlider::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const int step = step_at(help->pos().x());
  QToolTip::showText(help->globalPos(),
                     tr("Step %1, %2: %3")
                         .arg(step + 1)
                         .arg(QString::fromStdString(replay_->verdict(step)),
                              QString::fromStdString(replay_->sentence(step)).toHtmlEscaped()),
                     this);
  return true;
}

}  // namespace isotherm::ui
