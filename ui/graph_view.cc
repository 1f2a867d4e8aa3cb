#include "ui/graph_view.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "ui/theme.h"

namespace isotherm::ui {
namespace {

constexpr qreal kLeastZoom = 0.02, kMostZoom = 6;
constexpr qreal kMargin = 16;

QRectF rect_of(const render::Box& b) { return {b.x, b.y, b.width, b.height}; }
QRectF rect_of(const render::Frame& f) { return {f.x, f.y, f.width, f.height}; }

}  // namespace

GraphView::GraphView(bool after_side, QWidget* parent) : QWidget(parent), after_side_(after_side) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 120);
  setObjectName(after_side ? QStringLiteral("after") : QStringLiteral("before"));
  setAccessibleName(after_side ? tr("Graph after the conversion") : tr("Graph before the conversion"));
}

void GraphView::set_picture(std::shared_ptr<const ScenePicture> picture) {
  const bool first = !picture_ || !picture;
  picture_ = std::move(picture);
  since_picture_.start();
  awaiting_first_frame_ = picture_ != nullptr;
  if (first) {
    fit();
  } else if (const auto anchor = scope_rect(anchor_scope_)) {
    fitted_ = false;
    origin_ = anchor->topLeft() - anchor_position_ / zoom_;
  } else if (fitted_) {
    fit();
  }
  anchor_scope_.clear();
  find_match_boxes();
  update();
}

std::optional<QRectF> GraphView::scope_rect(const std::string& path) const {
  if (path.empty() || !picture_) return std::nullopt;
  const render::Scene& s = picture_->scene;
  for (const render::Box& b : s.boxes)
    if (b.scope >= 0 && s.scope_paths[static_cast<std::size_t>(b.scope)] == path) return rect_of(b);
  for (const render::Frame& f : s.frames)
    if (f.scope >= 0 && s.scope_paths[static_cast<std::size_t>(f.scope)] == path) return rect_of(f);
  return std::nullopt;
}

std::int32_t GraphView::box_of(NodeId node) const {
  if (!picture_ || node == kNoNode) return -1;
  const auto& map = after_side_ ? picture_->scene.box_of_after : picture_->scene.box_of_before;
  return static_cast<std::size_t>(node) < map.size() ? map[static_cast<std::size_t>(node)] : -1;
}

void GraphView::select_node(NodeId node, bool counterpart) {
  selected_ = node;
  counterpart_ = counterpart;
  update();
}

void GraphView::set_matches(std::vector<NodeId> nodes) {
  matches_ = std::move(nodes);
  find_match_boxes();
  update();
}

void GraphView::find_match_boxes() {
  match_boxes_.clear();
  for (const NodeId node : matches_)
    if (const std::int32_t box = box_of(node); box >= 0) match_boxes_.push_back(box);
  std::sort(match_boxes_.begin(), match_boxes_.end());
  match_boxes_.erase(std::unique(match_boxes_.begin(), match_boxes_.end()), match_boxes_.end());
}

void GraphView::fit() {
  fitted_ = true;
  if (!picture_ || picture_->list.empty() || width() < 2) return;
  const QSizeF size = picture_->list.size();
  // The whole width; tall graphs start at their top instead of shrinking to a thread.
  const qreal across = (width() - 2 * kMargin) / qMax<qreal>(1, size.width());
  const qreal down = (height() - 2 * kMargin) / qMax<qreal>(1, size.height());
  constexpr qreal kReadable = 0.9;
  zoom_ = qBound(kLeastZoom, qMin(qMin(across, 1.0), qMax(down, kReadable)), kMostZoom);
  origin_.setX((size.width() - width() / zoom_) / 2);
  origin_.setY(size.height() * zoom_ < height() ? (size.height() - height() / zoom_) / 2 : -kMargin / zoom_);
  update();
  announce_move();
}

void GraphView::actual_size() { zoom_at(QPointF(width() / 2.0, height() / 2.0), 1 / zoom_); }
void GraphView::zoom_by(qreal factor) { zoom_at(QPointF(width() / 2.0, height() / 2.0), factor); }

void GraphView::zoom_at(QPointF position, qreal factor) {
  fitted_ = false;
  const QPointF fixed = to_scene(position);
  zoom_ = qBound(kLeastZoom, zoom_ * factor, kMostZoom);
  origin_ = fixed - position / zoom_;
  update();
  announce_move();
}

void GraphView::follow(qreal zoom, qreal top) {
  if (!picture_) return;
  fitted_ = false;
  const qreal middle = origin_.x() + width() / zoom_ / 2;
  zoom_ = zoom;
  origin_ = QPointF(middle - width() / zoom_ / 2, top);
  update();
}

void GraphView::reveal(NodeId node) {
  const std::int32_t index = box_of(node);
  if (index < 0) return;
  const QRectF box = rect_of(picture_->scene.boxes[static_cast<std::size_t>(index)]);
  constexpr qreal kReadable = 0.7;
  if (zoom_ < kReadable) zoom_ = kReadable;
  const QRectF visible(origin_, QSizeF(size()) / zoom_);
  if (!visible.adjusted(20, 20, -20, -20).contains(box)) {
    fitted_ = false;
    origin_ = box.center() - QPointF(width(), height()) / zoom_ / 2;
  }
  update();
  announce_move();
}

void GraphView::reveal_rect(const QRectF& rect) {
  if (!picture_ || rect.isEmpty()) return;
  constexpr qreal kReadable = 0.8;
  const qreal fits = qMin((width() - 2 * kMargin) / rect.width(), (height() - 2 * kMargin) / rect.height());
  const qreal wanted = qBound(kLeastZoom, qMin(qMax(zoom_, kReadable), qMin(fits, 1.0)), kMostZoom);
  const bool inside = QRectF(origin_, QSizeF(size()) / zoom_).contains(rect);
  if (inside && zoom_ >= qMin(kReadable, wanted)) return;
  fitted_ = false;
  zoom_ = wanted;
  // Where the whole picture has room in one direction it stays in the middle of it.
  const QSizeF all = picture_->list.size(), room = QSizeF(size()) / zoom_;
  const auto place = [](qreal middle, qreal shown, qreal whole) {
    if (whole <= shown) return (whole - shown) / 2;
    return qBound(-kMargin, middle - shown / 2, whole - shown + kMargin);
  };
  origin_ = QPointF(place(rect.center().x(), room.width(), all.width()), place(rect.center().y(), room.height(), all.height()));
  update();
  announce_move();
}

void GraphView::draw_ring(QPainter& painter, std::int32_t index, qreal width) const {
  if (index < 0) return;
  const QRectF box = rect_of(picture_->scene.boxes[static_cast<std::size_t>(index)]).adjusted(-4, -4, 4, 4);
  // A ring alone: a tint would change the colour that tells the time.
  painter.setPen(QPen(selection_color_, width));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(box, 9, 9);
}

void GraphView::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.fillRect(event->rect(), canvas_);
  if (!picture_ || picture_->list.empty()) {
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(24, 0, -24, 0), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  painter.scale(zoom_, zoom_);
  painter.translate(-origin_);
  const QRectF visible(to_scene(event->rect().topLeft()), QSizeF(event->rect().size()) / zoom_);
  picture_->list.paint(painter, visible, zoom_);
  painter.setRenderHint(QPainter::Antialiasing);
  const std::int32_t selected = box_of(selected_);
  for (const std::int32_t box : match_boxes_)
    if (box != selected) draw_ring(painter, box, 1.5);
  draw_ring(painter, selected, counterpart_ ? 1.5 : 2.5);
  if (awaiting_first_frame_) {
    awaiting_first_frame_ = false;
    emit first_frame(static_cast<double>(since_picture_.nsecsElapsed()) / 1e6);
  }
}

void GraphView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  drag_start_ = event->pos();
  drag_origin_ = origin_;
  dragging_ = false;
}

void GraphView::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & (Qt::LeftButton | Qt::MiddleButton))) return;
  const QPoint way = event->pos() - drag_start_;
  if (!dragging_ && way.manhattanLength() < 4) return;
  dragging_ = true;
  fitted_ = false;
  setCursor(Qt::ClosedHandCursor);
  origin_ = drag_origin_ - QPointF(way) / zoom_;
  update();
  announce_move();
}

void GraphView::mouseReleaseEvent(QMouseEvent* event) {
  unsetCursor();
  if (dragging_ || event->button() != Qt::LeftButton || !picture_) {
    dragging_ = false;
    return;
  }
  const QPointF at = to_scene(event->localPos());
  const std::int32_t index = picture_->scene.box_at(static_cast<float>(at.x()), static_cast<float>(at.y()));
  emit node_clicked(index < 0 ? kNoNode : picture_->scene.boxes[static_cast<std::size_t>(index)].node);
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (!picture_ || event->button() != Qt::LeftButton) return;
  const render::Scene& s = picture_->scene;
  const QPointF at = to_scene(event->localPos());
  const auto x = static_cast<float>(at.x()), y = static_cast<float>(at.y());
  std::int32_t scope = -1;
  QRectF rect;
  bool open = true;
  if (const std::int32_t index = s.box_at(x, y); index >= 0) {
    const render::Box& box = s.boxes[static_cast<std::size_t>(index)];
    if (box.form == render::Box::Form::engine && box.after_side && s.overlay.kind == render::Overlay::Kind::time && s.overlay.parts_after.contains(box.node)) {
      emit scope_toggled(QString::fromStdString(s.text(box.full_name)), box.rows == 0);
      return;
    }
    scope = box.scope;
    rect = rect_of(box);
  } else if (const std::int32_t frame = s.frame_at(x, y); frame >= 0) {
    scope = s.frames[static_cast<std::size_t>(frame)].scope;
    rect = rect_of(s.frames[static_cast<std::size_t>(frame)]);
    open = false;
  }
  if (scope < 0) return;
  anchor_scope_ = s.scope_paths[static_cast<std::size_t>(scope)];
  anchor_position_ = (rect.topLeft() - origin_) * zoom_;
  emit scope_toggled(QString::fromStdString(anchor_scope_), open);
}

void GraphView::wheelEvent(QWheelEvent* event) {
  const QPointF delta = event->angleDelta();
  if (event->modifiers() & Qt::ControlModifier) {
    zoom_at(event->position(), std::pow(1.0015, delta.y()));
  } else {
    fitted_ = false;
    const bool sideways = event->modifiers() & Qt::ShiftModifier;
    origin_ -= QPointF(sideways ? delta.y() : delta.x(), sideways ? 0 : delta.y()) / zoom_ * 0.6;
    update();
    announce_move();
  }
  event->accept();
}

void GraphView::keyPressEvent(QKeyEvent* event) {
  const qreal step = 60 / zoom_;
  QPointF way;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoom_by(1.25); return;
    case Qt::Key_Minus: zoom_by(0.8); return;
    case Qt::Key_F: event->modifiers() & Qt::ShiftModifier || selected_ == kNoNode ? fit() : reveal(selected_); return;
    case Qt::Key_Left: way.setX(-step); break;
    case Qt::Key_Right: way.setX(step); break;
    case Qt::Key_Up: way.setY(-step); break;
    case Qt::Key_Down: way.setY(step); break;
    case Qt::Key_PageUp: way.setY(-height() * 0.9 / zoom_); break;
    case Qt::Key_PageDown: way.setY(height() * 0.9 / zoom_); break;
    case Qt::Key_Home: origin_.setY(-kMargin / zoom_); break;
    case Qt::Key_End: if (picture_) origin_.setY(picture_->list.size().height() - height() / zoom_ + kMargin / zoom_); break;
    default: QWidget::keyPressEvent(event); return;
  }
  fitted_ = false;
  origin_ += way;
  update();
  announce_move();
}

void GraphView::resizeEvent(QResizeEvent*) {
  if (fitted_) fit();
}

bool GraphView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && picture_) {
    auto* help = static_cast<QHelpEvent*>(event);
    const render::Scene& s = picture_->scene;
    const QPointF at = to_scene(help->pos());
    const std::int32_t index = s.box_at(static_cast<float>(at.x()), static_cast<float>(at.y()));
    if (index < 0) {
      QToolTip::hideText();
      event->ignore();
      return true;
    }
    const render::Box& box = s.boxes[static_cast<std::size_t>(index)];
    QString text = QString::fromStdString(s.text(box.full_name)).toHtmlEscaped();
    if (box.count > 1) text += tr("<br>%1 nodes").arg(box.count);
    if (box.value >= 0) text += QStringLiteral("<br>%1 %2").arg(box.value, 0, 'f', 1).arg(QString::fromStdString(s.overlay.unit));
    if (box.reason >= 0) text += QStringLiteral("<br>") + QString::fromStdString(s.text(box.reason)).toHtmlEscaped();
    QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace isotherm::ui
