#include "ui/minimap.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <array>

#include "core/render/theme.h"
#include "ui/graph_view.h"
#include "ui/theme.h"

namespace isotherm::ui {
namespace {
constexpr qreal kInset = 3;
}

QRectF drawing_of(const ScenePicture& picture) {
  const render::Scene& s = picture.scene;
  const QRectF all(QPointF(0, 0), picture.list.size());
  if (s.sides.size() != 1) return all;
  qreal low = 1e30, high = -1e30;
  const auto take = [&](qreal x, qreal width) { low = qMin(low, x), high = qMax(high, x + width); };
  for (const render::Box& b : s.boxes) take(b.x, b.width);
  for (const render::Frame& f : s.frames) take(f.x, f.width);
  for (const render::Point& point : s.points) take(point.x, 0);
  return low < high ? QRectF(low, s.sides.front().y, high - low, s.sides.front().height) : all;
}

Minimap::Minimap(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("minimap"));
  setToolTip(tr("The whole picture: click or drag to move"));
  setAccessibleName(tr("Overview of the picture"));
  setFixedSize(kShort, kLong);
  setCursor(Qt::PointingHandCursor);
  hide();
}

void Minimap::set_picture(std::shared_ptr<const ScenePicture> picture) {
  picture_ = std::move(picture);
  image_ = QImage();
  if (!picture_ || picture_->list.empty()) return hide();
  drawing_ = drawing_of(*picture_);
  const QSizeF size = picture_->list.size();
  size.width() > size.height() ? setFixedSize(kLong, kShort) : setFixedSize(kShort, kLong);
  update();
}

QRectF Minimap::inner() const { return QRectF(rect()).adjusted(kInset, kInset, -kInset, -kInset); }

QPointF Minimap::to_picture(QPointF position) const {
  // Both directions fill the map: a picture much longer than wide would be a thread otherwise.
  const QSizeF whole = picture_->list.size();
  const QRectF room = inner();
  return {qBound<qreal>(0, (position.x() - room.x()) / room.width(), 1) * whole.width(), qBound<qreal>(0, (position.y() - room.y()) / room.height(), 1) * whole.height()};
}

QRectF Minimap::part_seen() const {
  const QSizeF whole = picture_->list.size();
  const QRectF room = inner(), seen = view_.visible().intersected(QRectF(QPointF(0, 0), whole));
  QRectF out(room.x() + seen.x() / whole.width() * room.width(), room.y() + seen.y() / whole.height() * room.height(),
             seen.width() / whole.width() * room.width(), seen.height() / whole.height() * room.height());
  constexpr qreal kLeast = 5;
  if (out.width() < kLeast) out.adjust((out.width() - kLeast) / 2, 0, (kLeast - out.width()) / 2, 0);
  if (out.height() < kLeast) out.adjust(0, (out.height() - kLeast) / 2, 0, (kLeast - out.height()) / 2);
  return out;
}

void Minimap::set_view(const Viewport& view) {
  view_ = view;
  // Notes under boxes may stick out of the drawing a little; its head is not shown here.
  constexpr qreal kLoose = 8;
  const bool needed = picture_ && !picture_->list.empty() && !view.visible().adjusted(-kLoose, -kLoose, kLoose, kLoose).contains(drawing_);
  if (needed && !placed_) choose_corner(view);
  setVisible(needed);
  if (needed) update();
}

void Minimap::choose_corner(const Viewport& view) {
  if (!picture_) return;
  constexpr std::array<Qt::Corner, 4> kCorners = {Qt::BottomLeftCorner, Qt::BottomRightCorner, Qt::TopRightCorner, Qt::TopLeftCorner};
  const QSize room = view.size;
  const auto place = [&](Qt::Corner corner) {
    const bool left = corner == Qt::TopLeftCorner || corner == Qt::BottomLeftCorner, top = corner == Qt::TopLeftCorner || corner == Qt::TopRightCorner;
    return QRect(left ? kMargin : room.width() - width() - kMargin, top ? kMargin : room.height() - height() - kMargin, width(), height());
  };
  std::array<qreal, 4> covered{};
  for (const render::Box& box : picture_->scene.boxes) {
    const QRectF on_screen((QPointF(box.x, box.y) - view.origin) * view.zoom, QSizeF(box.width, box.height) * view.zoom);
    for (std::size_t i = 0; i < kCorners.size(); ++i) {
      const QRectF both = on_screen.intersected(QRectF(place(kCorners[i])));
      covered[i] += both.width() * both.height();
    }
  }
  const qreal area = width() * height();
  std::size_t best = 0, now = 0;
  for (std::size_t i = 0; i < kCorners.size(); ++i) {
    if (covered[i] < covered[best]) best = i;
    if (kCorners[i] == corner_) now = i;
  }
  if (!placed_ || covered[best] + 0.15 * area < covered[now]) corner_ = kCorners[best];
  placed_ = true;
  move(place(corner_).topLeft());
}

void Minimap::draw_image() {
  const qreal ratio = devicePixelRatioF();
  const QRectF room = inner();
  image_ = QImage((room.size() * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
  image_.setDevicePixelRatio(ratio);
  image_.fill(Qt::transparent);
  const render::Scene& s = picture_->scene;
  const render::Palette& colors = render::palette(s.options.theme, s.options.palette);
  QPainter painter(&image_);
  const qreal across = room.width() / qMax<qreal>(1, s.width), down = room.height() / qMax<qreal>(1, s.height);
  const auto place = [&](qreal x, qreal y, qreal w, qreal h, qreal least) { return QRectF(x * across, y * down, qMax(least, w * across), qMax(least, h * down)); };
  for (const render::Frame& f : s.frames) {
    const bool segment = f.form == render::Frame::Form::segment;
    if (!segment && f.depth > 0) continue;
    const QRectF r = place(f.x, f.y, f.width, f.height, 1);
    painter.fillRect(r, to_qcolor(segment ? render::blend(colors.engine(f.engine).line.with_alpha(0.25), colors.raised) : render::blend(colors.cluster_frame.with_alpha(0.25), colors.raised)));
  }
  for (std::size_t i = 0; i < s.boxes.size(); ++i) {
    const render::Box& b = s.boxes[i];
    QColor color = picture_->list.has_patches() ? picture_->list.patch(static_cast<std::int32_t>(i)) : to_qcolor(colors.node_border);
    if (!s.overlay.measured()) {
      if (b.engine >= 0) color = to_qcolor(colors.engine(b.engine).line);
      else if (b.native) color = to_qcolor(colors.native);
    }
    painter.fillRect(place(b.x, b.y, b.width, b.height, 1), color);
  }
}

void Minimap::paintEvent(QPaintEvent*) {
  if (!picture_) return;
  if (image_.isNull()) draw_image();
  const render::Palette& colors = render::palette(picture_->scene.options.theme);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(to_qcolor(colors.control), 1));
  painter.setBrush(to_qcolor(colors.raised));
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  painter.drawImage(inner().topLeft(), image_);
  QColor tint = to_qcolor(colors.accent);
  tint.setAlpha(36);
  painter.setPen(QPen(to_qcolor(colors.accent), 1.5));
  painter.setBrush(tint);
  painter.drawRoundedRect(part_seen(), 2, 2);
}

void Minimap::ask(QPointF position) { emit center_requested(to_picture(position)); }

void Minimap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !picture_) return;
  const QRectF part = part_seen();
  grip_ = part.contains(event->localPos()) ? part.center() - event->localPos() : QPointF();
  if (grip_.isNull()) ask(event->localPos());
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton && picture_) ask(event->localPos() + grip_);
}

void Minimap::mouseReleaseEvent(QMouseEvent* event) { event->accept(); }

// The view behind zooms and scrolls.
void Minimap::wheelEvent(QWheelEvent* event) { event->ignore(); }

}  // namespace isotherm::ui
