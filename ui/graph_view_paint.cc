// What a graph view draws: tiles of its picture, titles that stay readable, rings.
#include <QPainter>
#include <QPaintEvent>

#include "core/render/theme.h"
#include "ui/graph_view.h"
#include "ui/minimap.h"
#include "ui/motion.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {

constexpr double kBudget = 6;  // ms a frame for new tiles; the rest of it draws what is there

}  // namespace

void GraphView::draw_ring(QPainter& painter, std::int32_t index, qreal width) const {
  if (index < 0) return;
  const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(index)];
  // Around what is on the screen, as wide at every zoom. A ring alone: a tint would change the colour that tells the time.
  const qreal gap = qBound<qreal>(1.5, 4 * zoom_, 4);
  const QRectF box = to_widget(QRectF(b.x, b.y, b.width, b.height)).adjusted(-gap, -gap, gap, gap);
  painter.setPen(QPen(selection_color_, width));
  painter.setBrush(Qt::NoBrush);
  const qreal radius = qMin<qreal>(9 * zoom_, 9) + 1;
  painter.drawRoundedRect(box, radius, radius);
}

void GraphView::draw_marks(QPainter& painter) {
  painter.setRenderHint(QPainter::Antialiasing);
  const std::int32_t selected = selected_box();
  const QRectF seen = viewport().visible();
  const QFont font = sans_font(10.5, 600);
  for (const auto& [box, count] : match_boxes_) {
    const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(box)];
    if (!seen.intersects(QRectF(b.x - 8, b.y - 8, b.width + 16, b.height + 16))) continue;
    if (box != selected) draw_ring(painter, box, 1.5);
    // How many hide in a closed scope.
    if (b.scope < 0 || detail_ < Detail::title || b.form != render::Box::Form::scope) continue;
    const QString words = count == 1 ? tr("1 match") : tr("%1 matches").arg(count);
    const qreal width = QFontMetricsF(font).horizontalAdvance(words) + 12;
    const QRectF on_screen = to_widget(QRectF(b.x, b.y, b.width, b.height));
    const QRectF plate(on_screen.right() + 8, on_screen.center().y() - 8, width, 16);
    painter.setPen(Qt::NoPen);
    painter.setBrush(selection_color_);
    painter.drawRoundedRect(plate, 8, 8);
    painter.setPen(canvas_);
    painter.setFont(font);
    painter.drawText(plate, Qt::AlignCenter, words);
  }
  const bool focused = hasFocus() && !counterpart_;
  draw_ring(painter, selected, counterpart_ ? 1.5 : 2.5);
  // The keyboard is here: a second, thin ring outside the first.
  if (focused && selected >= 0) {
    const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(selected)];
    QColor halo = selection_color_;
    halo.setAlpha(90);
    painter.setPen(QPen(halo, 3));
    const QRectF box = to_widget(QRectF(b.x, b.y, b.width, b.height)).adjusted(-7, -7, 7, 7);
    painter.drawRoundedRect(box, 12, 12);
  }
}

void GraphView::paintEvent(QPaintEvent*) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(this);
  if (!picture_ || picture_->list.empty()) {
    painter.fillRect(rect(), canvas_);
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(24, 0, -24, 0), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  // A picture of the window, for a file or a test, has no next frame: it is drawn whole and stands still.
  QPoint offset;
  const QPaintDevice* device = redirected(&offset);
  const bool grabbed = device && device->devType() == QInternal::Pixmap;
  if (grabbed && motion_.isActive()) settle();
  // Where the lines of the frames are all that is left, their titles are drawn at a size that can be read.
  const bool own_titles = picture_->step || zoom_ >= kOwnTitlesZoom;
  TileCache::Look look;
  look.list = &picture_->list;
  look.detail = detail_;
  look.titles = own_titles;
  look.canvas = canvas_;
  look.pixel_ratio = grabbed ? device->devicePixelRatioF() : devicePixelRatioF();
  const bool zooming = motion_.isActive() && zoom_from_ != zoom_to_;
  frame_complete_ = tiles_.paint(painter, look, viewport(), grabbed ? TileCache::kNoLimit : zooming ? -1 : kBudget);
  const double fading = fade_time_ > 0 && !grabbed ? static_cast<double>(fade_clock_.elapsed()) / fade_time_ : 1;
  if (fading < 1) {
    tiles_.fade(painter, viewport(), 1 - ease_out(fading));
  } else {
    fade_time_ = 0;
  }
  if (!own_titles) paint_frame_titles(painter, picture_->scene, frame_titles(picture_->scene, viewport()));
  draw_marks(painter);
  if (!frame_complete_ || fading < 1) QTimer::singleShot(0, this, qOverload<>(&QWidget::update));
  else if (!motion_.isActive() && !idle_.isActive() && !grabbed) idle_.start();
  if (awaiting_first_frame_ && frame_complete_) {
    awaiting_first_frame_ = false;
    emit first_frame(static_cast<double>(since_picture_.nsecsElapsed()) / 1e6);
  }
  frame_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

}  // namespace isotherm::ui
